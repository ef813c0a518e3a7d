//! What shells and `man` expect, and the version.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use eligo::diagnostic::visible;

use super::input::load_trial;
use super::{Arguments, Terminal};

/// Write completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: eligo completions bash > ~/.local/share/bash-completion/completions/eligo"
)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Writes them.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "eligo", &mut script);
        terminal.print(&String::from_utf8(script)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Write the manual page.
#[derive(Debug, Args)]
#[command(after_help = "Example: eligo man screen | man -l -")]
pub struct Man {
    /// The command [default: eligo itself]
    command: Option<String>,
}

impl Man {
    /// Writes it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let mut all = Arguments::command();
        all.build();
        let page = match &self.command {
            None => all,
            Some(name) => match all.find_subcommand(name) {
                Some(command) => command.clone(),
                None => {
                    let names = all.get_subcommands().map(clap::Command::get_name);
                    bail!(
                        "there is no command `{}`; there are {}",
                        visible(name),
                        names.collect::<Vec<_>>().join(", ")
                    );
                }
            },
        };
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text)?;
        terminal.print(&String::from_utf8(text)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the version, and which trial comes with it.
pub fn version(is_verbose: bool, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let mut text = format!("eligo {}\n", env!("CARGO_PKG_VERSION"));
    if is_verbose {
        let (trial, _) = load_trial(None)?;
        let version = trial.version.as_deref().unwrap_or("none");
        text.push_str(&format!(
            "embedded trial file: {}, version {version}, sha256 {}\n",
            trial.id, trial.sha256
        ));
    }
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}
