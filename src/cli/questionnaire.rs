//! `eligo questionnaire`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use eligo::diagnostic::Diagnostics;
use eligo::{json_escape, questionnaire, record};

use super::Terminal;
use super::input::{self, TrialArguments};

/// Write the facts of a trial as a FHIR R4 Questionnaire.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: eligo questionnaire > nct04546906.questionnaire.json\n         eligo screen answers.json --from questionnaire-response"
)]
pub struct Questionnaire {
    /// Write what this record says as a QuestionnaireResponse instead
    #[arg(long, value_name = "RECORD")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
}

impl Questionnaire {
    /// Writes it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let json = match &self.answers {
            None => questionnaire::questionnaire(&trial),
            Some(path) => {
                let source = input::read(path)?;
                let document = input::parse(&source, input::notation(path, None))?;
                let dates = self.trial.dates()?;
                record::read(&source, &document, &trial.id, &trial.facts, dates)
                    .map_err(Diagnostics)?;
                questionnaire::response(&trial, &document)
            }
        };
        terminal.print(&(json_escape::to_string_pretty(&json)? + "\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}
