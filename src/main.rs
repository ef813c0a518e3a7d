//! `eligo`: screens a candidate for a clinical trial.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let terminal = cli::Terminal::new(arguments.color);
    match arguments.run(&terminal) {
        Ok(code) => code,
        Err(error) => cli::report_error(&error, &terminal),
    }
}
