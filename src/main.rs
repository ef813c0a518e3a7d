//! `eligo`: screens a candidate for a clinical trial.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let terminal = cli::Terminal::new(arguments.color);
    match arguments.command.run(&terminal) {
        Ok(code) => code,
        Err(error) => cli::report_error(&error, &terminal),
    }
}
