//! The file of an interview: read once, written whole after each answer, and held against a second interview.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::cli::batch::destination::{Destination, finish, shown};
use crate::cli::input::{is_stdin, read};
use crate::cli::interrupt;

/// A record on the disk.
pub struct Store {
    path: PathBuf,
    name: String,
    /// What the path leads to, where it is a link.
    target: Option<String>,
    /// What the file holds as far as this interview knows; none before it is there.
    saved: Option<Arc<str>>,
    text: Arc<str>,
    _lock: Lock,
}

/// A file beside the record that a second interview finds locked. A killed one holds it no longer.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Store {
    /// Opens a record, or begins one.
    pub fn open(path: &Path, begin: impl FnOnce() -> Arc<str>) -> anyhow::Result<Self> {
        let name = shown(path);
        if is_stdin(path) {
            bail!("an interview writes a record into a file; name one");
        }
        if path.is_dir() {
            bail!("`{name}` is a directory; name a file in it");
        }
        if path.exists() && !path.is_file() {
            bail!("`{name}` is not a file; a record is kept in one");
        }
        // What a link leads to is written, never the link; so that is what has to be free.
        let file = match path.canonicalize() {
            Ok(file) => file,
            Err(error) if path.is_symlink() => bail!(
                "cannot write to `{name}`: it is a link, and what it leads to is not there ({})",
                error.kind()
            ),
            Err(_) => path.to_owned(),
        };
        let lock = Lock::take(&file, &name)?;
        let saved = if path.exists() {
            let saved = on_disk(path)?;
            // A file that cannot be written is named before the first question, not after it.
            let opened = OpenOptions::new().append(true).open(path);
            opened.with_context(|| format!("cannot write to `{name}`"))?;
            Some(saved)
        } else {
            None
        };
        let target = path.is_symlink().then(|| shown(&file));
        let text = match &saved {
            Some(text) if !text.trim().is_empty() => Arc::clone(text),
            _ => begin(),
        };
        Ok(Self {
            path: path.to_owned(),
            name,
            target,
            saved,
            text,
            _lock: lock,
        })
    }

    /// How messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it leads to, where it is a link.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// What the interview begins with.
    pub fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// What somebody else made of the file since it was read or written; none if nobody touched it.
    pub fn changed(&mut self) -> anyhow::Result<Option<Arc<str>>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let now = on_disk(&self.path)?;
        if self.saved.as_ref() == Some(&now) {
            return Ok(None);
        }
        self.saved = Some(Arc::clone(&now));
        Ok(Some(now))
    }

    /// Whether the file holds something else than this text.
    pub fn is_changed(&self, text: &Arc<str>) -> anyhow::Result<bool> {
        Ok(!self.path.exists() || on_disk(&self.path)? != *text)
    }

    /// Writes the record: all of it, or nothing.
    pub fn save(&mut self, text: &Arc<str>) -> anyhow::Result<()> {
        self.write(text)
            .context("the last answer is not saved; every answer before it is")?;
        self.saved = Some(Arc::clone(text));
        Ok(())
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        let mut file = Destination::open(&self.path)?;
        file.write(text.as_bytes())?;
        finish(vec![file])
    }
}

/// A file as text.
fn on_disk(path: &Path) -> anyhow::Result<Arc<str>> {
    Ok(Arc::from(&*read(path)?.text))
}

impl Lock {
    /// Locks a record, which messages call `name`.
    fn take(record: &Path, name: &str) -> anyhow::Result<Self> {
        let mut file_name = std::ffi::OsString::from(".");
        file_name.push(record.file_name().unwrap_or_default());
        file_name.push(".interview");
        let path = record.with_file_name(file_name);
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path);
            let file = match file {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    bail!("cannot write to `{name}`: there is no such directory")
                }
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot write beside `{name}`"));
                }
            };
            match file.try_lock() {
                // An interview that ended just now took this file away, and a third one may hold a new one.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => {
                    interrupt::remove_file(&path);
                    return Ok(Self { path, _file: file });
                }
                Err(TryLockError::WouldBlock) => {
                    bail!("another interview of `{name}` is going on; end it first")
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock `{name}`"));
                }
            }
        }
    }
}

/// Whether an open file is still the one of this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// A file that is open is not taken away here.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
