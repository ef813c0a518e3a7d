//! `eligo`: screens a candidate for a clinical trial.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::usage(&error),
    };
    let terminal = cli::Terminal::new(arguments.color);
    match arguments.command.run(&terminal) {
        Ok(code) => code,
        Err(error) => cli::report_error(&error, &terminal),
    }
}
