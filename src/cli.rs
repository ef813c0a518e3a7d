//! The command line: what was typed → what is done → the exit code.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 eligible, or done · 1 ineligible ·
//! 2 an error, which a failed case is too · 3 undetermined · 4 rows of a list that could not be read.

mod ask;
mod batch;
mod check;
mod config;
mod diff;
mod eval;
mod explain;
mod input;
mod interrupt;
mod log;
mod manual;
mod map;
mod pager;
mod questionnaire;
mod replay;
mod schema;
mod screen;
mod source;
mod summary;
mod template;
mod thorough;
mod today;
mod watch;
mod with;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use eligo::diagnostic::{Diagnostic, Diagnostics, Severity, visible};
use eligo::screening::Eligibility;

/// An error: bad usage, or input that cannot be read or is not valid.
pub const ERROR: u8 = 2;
/// Rows of a list that could not be read, where everything else went as it should.
pub const UNREAD: u8 = 4;

/// Screen a candidate for a clinical trial, criterion by criterion, with the reasons.
///
/// eligo supports the investigator's decision; it is not the decision.
#[derive(Debug, Parser)]
#[command(
    name = "eligo",
    disable_version_flag = true,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "First steps:\n  eligo ask                      asks about a candidate and writes the record\n  eligo screen ldp-0042.yaml     screens it: the verdicts and the reasons\n  eligo explain I1               what a criterion of the trial means"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the version
    #[arg(long, short = 'V')]
    version: bool,
    /// With --version: also the trial that comes with the program
    #[arg(long, requires = "version")]
    verbose: bool,
    /// Use colour.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
}

/// What `eligo` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Screen one candidate: a verdict for every criterion, the reasons, and what is still to be obtained
    Screen(screen::Screen),
    /// Screen a referral list: a row for each candidate, then what the list amounts to
    Batch(batch::Batch),
    /// Add up the summaries of the parts of a list
    Summary(summary::Summary),
    /// Write records from a site's own tables, as a source file says
    Map(map::Map),
    /// Ask for what is not known yet, what settles most first, and write the record
    Ask(ask::Ask),
    /// Write a blank record, with a question for every fact that the trial asks for
    Template(template::Template),
    /// Write the facts of a trial as a FHIR R4 Questionnaire, or a record as a response to it
    Questionnaire(questionnaire::Questionnaire),
    /// Explain the criteria: the protocol's words, what they are taken to mean, and which facts decide
    Explain(explain::Explain),
    /// Check trial files, and run the cases beside them
    Check(check::Check),
    /// Try an expression: its value for one record, or for none
    Eval(eval::Eval),
    /// Compare two versions of a trial file, and what they make of the candidates of a list
    Diff(diff::Diff),
    /// Look into a screening log: whether it is whole, and who was screened
    Log(log::Log),
    /// Screen again as a report says, and say whether the verdicts are the same
    Replay(replay::Replay),
    /// Show the settings that hold here, and where each is from
    Config(config::Config),
    /// Write completions for a shell
    Completions(manual::Completions),
    /// Write the manual page, of eligo or of a command
    Man(manual::Man),
    /// Write a JSON Schema, for editors and for other programs
    Schema(schema::Schema),
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Arguments {
    /// What was typed, with the settings of `eligo.toml` for what was not.
    ///
    /// # Errors
    /// The end of the program: help, or what is wrong with the call or with `eligo.toml`.
    pub fn read() -> Result<Self, ExitCode> {
        let settings = config::Settings::find()
            .map_err(|error| report_error(&error, &Terminal::new(When::Auto)))?;
        settings
            .defaults(Self::command())
            .try_get_matches()
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| usage(&error))
    }

    /// Does it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        match self.command {
            _ if self.version => manual::version(self.verbose, terminal),
            Some(command) => command.run(terminal),
            None => Ok(usage(&Self::command().error(
                ErrorKind::MissingSubcommand,
                "name a command; `eligo --help` lists them",
            ))),
        }
    }
}

impl Command {
    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        match self {
            Self::Screen(screen) => screen.run(terminal),
            Self::Batch(batch) => batch.run(terminal),
            Self::Summary(summary) => summary.run(terminal),
            Self::Map(map) => map.run(terminal),
            Self::Ask(ask) => ask.run(terminal),
            Self::Template(template) => template.run(terminal),
            Self::Questionnaire(questionnaire) => questionnaire.run(terminal),
            Self::Explain(explain) => explain.run(terminal),
            Self::Check(check) => check.run(terminal),
            Self::Eval(eval) => eval.run(terminal),
            Self::Diff(diff) => diff.run(terminal),
            Self::Log(log) => log.run(terminal),
            Self::Replay(replay) => replay.run(terminal),
            Self::Config(config) => config.run(terminal),
            Self::Completions(completions) => completions.run(terminal),
            Self::Man(man) => man.run(terminal),
            Self::Schema(schema) => schema.run(terminal),
        }
    }
}

/// Where output goes.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Whether results are coloured.
    pub colour: bool,
    /// Whether messages are coloured.
    pub messages_colour: bool,
    /// The width of the terminal, or what a pipe gets.
    pub width: u16,
    /// The same for messages.
    pub messages_width: u16,
}

impl Terminal {
    const IN_A_PIPE: u16 = 80;
    const WIDEST: u16 = 160;
    /// Nobody reads more of what is wrong with one file.
    const MOST_MESSAGES: usize = 100;

    /// Looks at the terminal and the environment, once.
    pub fn new(when: When) -> Self {
        let colour = |auto: ColorChoice| match when {
            When::Always => true,
            When::Never => false,
            When::Auto => auto != ColorChoice::Never,
        };
        let width = |size: Option<(terminal_size::Width, _)>| {
            size.map_or(Self::IN_A_PIPE, |(width, _)| width.0.min(Self::WIDEST))
        };
        Self {
            colour: colour(AutoStream::choice(&io::stdout())),
            messages_colour: colour(AutoStream::choice(&io::stderr())),
            width: width(terminal_size::terminal_size_of(io::stdout())),
            messages_width: width(terminal_size::terminal_size_of(io::stderr())),
        }
    }

    /// Writes a result. A reader that has gone away is no error.
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| anyhow::anyhow!("cannot write the result: {error}")),
        }
    }

    /// Writes messages, separated by empty lines. There is nobody to tell if that fails.
    pub fn explain(&self, diagnostics: &[Diagnostic]) {
        let mut stderr = io::stderr().lock();
        for diagnostic in diagnostics.iter().take(Self::MOST_MESSAGES) {
            let _ = writeln!(
                stderr,
                "{}\n",
                diagnostic.render(self.messages_colour, usize::from(self.width))
            );
        }
        if diagnostics.len() > Self::MOST_MESSAGES {
            let _ = writeln!(
                stderr,
                "… and {} more\n",
                diagnostics.len() - Self::MOST_MESSAGES
            );
        }
    }
}

/// The exit code of an eligibility.
pub fn exit_code(eligibility: Eligibility) -> u8 {
    match eligibility {
        Eligibility::Eligible => 0,
        Eligibility::Ineligible => 1,
        Eligibility::Undetermined => 3,
    }
}

/// Says something beside the result. A reader that has gone away is no error.
pub fn say(text: &str) -> anyhow::Result<()> {
    match io::stderr().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::anyhow!("cannot write to standard error: {error}"))
        }
        _ => Ok(()),
    }
}

/// Says what may not be as it was meant.
pub fn warn(text: &str) -> anyhow::Result<()> {
    say(&format!("warning: {text}\n"))
}

/// Ends a call that was not understood, or asked for help. What was typed is shown without its control characters.
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Help and the version are results.
        return match error.print() {
            // A reader that has gone away has seen enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(ERROR),
            _ => ExitCode::SUCCESS,
        };
    }
    let mut stderr = io::stderr().lock();
    for line in error.render().to_string().lines() {
        let _ = writeln!(stderr, "{}", visible(line));
    }
    if let Some(file) = file_for_command(error) {
        let _ = writeln!(
            stderr,
            "To screen a record: eligo screen {}",
            visible(&file)
        );
    }
    ExitCode::from(ERROR)
}

/// The file that was named where a command is named.
fn file_for_command(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if Path::new(word).is_file() => {
            Some(ask::quoted(Path::new(word)))
        }
        _ => None,
    }
}

/// Says what went wrong.
pub fn report_error(error: &anyhow::Error, terminal: &Terminal) -> ExitCode {
    match error.downcast_ref::<Diagnostics>() {
        Some(Diagnostics(problems)) => {
            terminal.explain(problems);
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error)
                .count();
            if errors > 1 {
                let _ = writeln!(io::stderr(), "{errors} errors; nothing was screened");
            }
        }
        None => {
            let _ = writeln!(io::stderr(), "error: {}", visible(&format!("{error:#}")));
        }
    }
    ExitCode::from(ERROR)
}
