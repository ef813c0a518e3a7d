//! The file of an interview: read once, written whole after each answer, and held against a second interview.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::cli::batch::destination::{Destination, finish, shown};
use crate::cli::input::{is_stdin, read};

/// A record on the disk.
pub struct Store {
    path: PathBuf,
    name: String,
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
        let lock = Lock::take(path)?;
        let saved = if path.exists() {
            Some(on_disk(path)?)
        } else {
            None
        };
        let text = match &saved {
            Some(text) if !text.trim().is_empty() => Arc::clone(text),
            _ => begin(),
        };
        Ok(Self {
            path: path.to_owned(),
            name,
            saved,
            text,
            _lock: lock,
        })
    }

    /// How messages call it.
    pub fn name(&self) -> &str {
        &self.name
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
        let mut file = Destination::open(&self.path)?;
        file.write(text.as_bytes())?;
        finish(vec![file])?;
        self.saved = Some(Arc::clone(text));
        Ok(())
    }
}

/// A file as text.
fn on_disk(path: &Path) -> anyhow::Result<Arc<str>> {
    Ok(Arc::from(&*read(path)?.text))
}

impl Lock {
    fn take(record: &Path) -> anyhow::Result<Self> {
        let name = shown(record);
        let mut file_name = std::ffi::OsString::from(".");
        file_name.push(record.file_name().unwrap_or_default());
        file_name.push(".interview");
        let path = record.with_file_name(file_name);
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
            Ok(()) => Ok(Self { path, _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!("another interview of `{name}` is going on; end it first")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{name}`"))
            }
        }
    }
}
