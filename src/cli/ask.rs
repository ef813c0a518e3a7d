//! `eligo ask [RECORD]`: an interview. Every answer is in the file before the next question is asked.

mod console;
mod items;
mod prompt;
mod question;
mod session;
mod store;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use eligo::diagnostic::visible;
use eligo::interview::{Interview, Scope, edit};
use eligo::trial::Trial;

use self::console::{Console, Input, Offers};
use self::session::{End, Progress, Session};
use self::store::Store;
use super::input::{TrialArguments, notation};
use super::{Terminal, exit_code, interrupt, say};

/// Ask for what is not known yet.
#[derive(Debug, Args)]
#[command(
    after_help = "Every answer is saved before the next question; a second call goes on where the first one ended.\n\nExit codes: 0 eligible, 1 ineligible, 2 error, 3 undetermined, 130 interrupted by Ctrl-C (what was answered is saved)\n\nExample: eligo ask ldp-0042.yaml --by investigator-1"
)]
pub struct Ask {
    /// The record to write, or to go on with, YAML or JSON by its extension [default: asks for the pseudonym]
    record: Option<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    /// Ask only for what this criterion needs
    #[arg(long, value_name = "ID")]
    criterion: Option<String>,
    /// Ask also for what no verdict needs
    #[arg(long)]
    all: bool,
    /// Who judges what is the investigator's to judge
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Read and write lines also at a terminal, as a screen reader needs it
    #[arg(long)]
    lines: bool,
}

impl Ask {
    /// Asks, and says the eligibility in the exit code.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let scope = self.scope(&trial)?;
        let console = Console::new(terminal, self.lines);
        interrupt::run(console::restore);
        if console.prompts() {
            interrupt::end_without_terminal();
        }
        let (path, candidate) = match self.path(&console)? {
            Ok(named) => named,
            Err(End::Interrupted) => return Ok(ExitCode::from(interrupt::INTERRUPTED)),
            Err(_) => return Ok(ExitCode::from(3)),
        };
        let dates = self.trial.dates()?;
        let notation = notation(&path, None);
        let store = Store::open(&path, || {
            let day = dates.as_of.unwrap_or(dates.today).to_string();
            edit::begin(notation, &trial.id, &day, &candidate)
        })?;
        let name = store.name().to_owned();
        let interview = Interview::new(&trial, &policy, (&name, store.text()), notation, dates)?;
        let ending = self.ending(&path);
        interrupt::run({
            let (file, ending, width) = (path.clone(), ending.clone(), console.width());
            // Behind what was typed, and what the terminal writes for Ctrl-C.
            move || {
                drop(say(&format!(
                    "\n{}\n",
                    textwrap::fill(&interrupted(&file, &ending), width)
                )))
            }
        });
        let mut session = Session::new(&trial, interview, console, store, scope, self.by.clone());
        let (progress, end) = session.run()?;
        end_of(&session, &path, &ending, &progress, end)
    }

    fn scope(&self, trial: &Trial) -> anyhow::Result<Scope> {
        let ids: Vec<&str> = trial.criteria.iter().map(|one| one.id.as_str()).collect();
        if let Some(wanted) = self.criterion.as_deref().filter(|id| !ids.contains(id)) {
            bail!(
                "{} has no criterion `{}`; it has {}",
                trial.id,
                visible(wanted),
                ids.join(", ")
            );
        }
        Ok(Scope {
            criterion: self.criterion.clone(),
            all: self.all,
            beyond: false,
        })
    }

    /// The file, and the pseudonym for a new one; how it ended if nobody answers.
    fn path(&self, console: &Console<'_>) -> anyhow::Result<Result<(PathBuf, String), End>> {
        if let Some(path) = &self.record {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            return Ok(Ok((path.clone(), stem.into_owned())));
        }
        loop {
            console.line("Pseudonym of the candidate (never a name):")?;
            let line = match console.read(&Offers::default(), "")? {
                Input::Line(line) => line,
                Input::End => return Ok(Err(End::Stopped)),
                Input::Interrupted => return Ok(Err(End::Interrupted)),
            };
            let is_safe = |one: char| one.is_alphanumeric() || "._-".contains(one);
            match line.trim() {
                "" => console.line("a record needs one; Ctrl-D ends")?,
                name if !name.starts_with(['.', '-']) && name.chars().all(is_safe) => {
                    return Ok(Ok((PathBuf::from(format!("{name}.yaml")), name.to_owned())));
                }
                _ => console.line("letters, digits, `-`, `_` and `.` make a file name too; or name the file: eligo ask FILE")?,
            }
        }
    }

    /// What may be done with the record after the interview.
    fn ending(&self, path: &Path) -> Ending {
        let option = |name: &str, value: &Option<PathBuf>| match value {
            Some(value) => format!(" --{name} {}", quoted(value)),
            None => String::new(),
        };
        let options = option("trial", &self.trial.trial) + &option("site", &self.trial.site);
        let record = quoted(path);
        let sheet = quoted(&path.with_extension("html"));
        Ending {
            asks: format!("eligo ask {record}{options}"),
            screens: format!("eligo screen {record}{options}"),
            prints: format!("eligo screen {record}{options} --format html --output {sheet}"),
        }
    }
}

/// Commands that follow an interview.
#[derive(Clone)]
struct Ending {
    asks: String,
    screens: String,
    prints: String,
}

/// A path as it is typed in a command.
pub(super) fn quoted(path: &Path) -> String {
    let path = visible(&path.display().to_string());
    let is_safe = |one: char| one.is_alphanumeric() || "._-/\\:".contains(one);
    if path.chars().all(is_safe) {
        path
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

fn interrupted(path: &Path, ending: &Ending) -> String {
    if path.exists() {
        let name = visible(&path.display().to_string());
        format!(
            "Interrupted; every answer before is saved in {name}. `{}` goes on.",
            ending.asks
        )
    } else {
        "Interrupted; nothing was answered, and nothing is written.".to_owned()
    }
}

/// Says how it ended, and what comes next.
fn end_of(
    session: &Session<'_>,
    path: &Path,
    ending: &Ending,
    progress: &Progress,
    end: End,
) -> anyhow::Result<ExitCode> {
    let console = &session.console;
    if end == End::Interrupted {
        console.line(&interrupted(path, ending))?;
        return Ok(ExitCode::from(interrupt::INTERRUPTED));
    }
    console.write("\n")?;
    if end == End::Over {
        console.write(&session.brief())?;
        console.write("\n")?;
    } else {
        console.painted(&progress.headline)?;
    }
    if !path.exists() {
        console.line("Nothing was answered, and nothing is written.")?;
        return Ok(ExitCode::from(exit_code(progress.eligibility)));
    }
    let name = visible(&path.display().to_string());
    console.line(&format!("Saved in {name}. What can be done now:"))?;
    for (command, does) in [
        (&ending.asks, "goes on with the interview"),
        (&ending.screens, "shows every criterion with its reason"),
        (&ending.prints, "writes the sheet to sign"),
    ] {
        // Whole, so that it can be copied.
        console.write(&format!("  {command}\n"))?;
        console.hung("      ", does)?;
    }
    Ok(ExitCode::from(exit_code(progress.eligibility)))
}
