//! Source files, and the files of a site that they read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::bail;
use eligo::diagnostic::Diagnostics;
use eligo::source::{self, Compiled, Error, Input, Records};
use eligo::trial::Trial;

use super::batch::destination::shown;
use super::input::{self, is_stdin};

/// Compiles a source file.
pub fn load(path: &Path, trial: &Trial) -> anyhow::Result<Compiled> {
    let source = input::read(path)?;
    Ok(source::compile(&source, trial).map_err(Diagnostics)?)
}

/// Opens what a source file reads.
pub fn open(compiled: &Compiled, paths: &[PathBuf]) -> anyhow::Result<Records> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!("standard input can be read once; name `-` once");
    }
    let inputs = paths.iter().map(|path| opened(path));
    let inputs = inputs.collect::<anyhow::Result<Vec<Input>>>()?;
    read(|| compiled.open(inputs))
}

/// Does something that reads a source; an error keeps the places of its findings.
pub fn read<T>(read: impl FnOnce() -> Result<T, Error>) -> anyhow::Result<T> {
    read().map_err(|error| match error {
        Error::Unfit(problems) => problems.into(),
        other => other.into(),
    })
}

fn opened(path: &Path) -> anyhow::Result<Input> {
    let name = shown(path);
    if path.is_dir() {
        bail!("`{name}` is a directory; name the files in it");
    }
    let content: Box<dyn Read + Send> = if is_stdin(path) {
        Box::new(io::stdin())
    } else {
        match File::open(path) {
            Ok(file) => Box::new(file),
            Err(error) => return Err(Error::Unreadable(name, error).into()),
        }
    };
    let name = if is_stdin(path) {
        "<stdin>".to_owned()
    } else {
        name
    };
    Ok(Input { name, content })
}
