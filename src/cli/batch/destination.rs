//! Where rows and the summary go: standard output, or a file that appears when it is whole.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};
use eligo::diagnostic::visible;
use tempfile::TempPath;

use super::storing::Storing;

/// Where bytes go.
pub enum Destination {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file that takes its name when it is whole.
    File {
        file: Storing,
        temporary: TempPath,
        path: PathBuf,
        name: String,
    },
    /// A pipe or a device takes the bytes and stays what it is.
    Device { file: File, name: String },
}

impl Destination {
    /// Gets ready to write; nothing appears under the name yet. `-` is standard output.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout(io::stdout()));
        }
        let name = shown(path);
        if path.is_dir() {
            bail!("`{name}` is a directory; name a file in it");
        }
        if path.exists() && !path.is_file() {
            let file = fs::OpenOptions::new()
                .write(true)
                .open(path)
                .with_context(|| format!("cannot write to `{name}`"))?;
            return Ok(Self::Device { file, name });
        }
        // What a link leads to is replaced, not the link.
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if path.is_symlink() => bail!(
                "cannot write to `{name}`: it is a link, and what it leads to is not there ({})",
                error.kind()
            ),
            Err(_) => path.to_owned(),
        };
        // Who may not write to a file may not replace it either.
        if path.exists() {
            fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .with_context(|| format!("cannot write to `{name}`"))?;
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let (file, temporary) = match temporary(&path).tempfile_in(folder) {
            Ok(file) => file.into_parts(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "cannot write to `{name}`: there is no directory `{}`",
                shown(folder)
            ),
            // The whole message would name the temporary file, which is not there.
            Err(error) => bail!("cannot write to `{name}`: {}", error.kind()),
        };
        remove_when_interrupted(&temporary);
        let file = Storing::new(file).with_context(|| format!("cannot write to `{name}`"))?;
        Ok(Self::File {
            file,
            temporary,
            path,
            name,
        })
    }

    /// Writes.
    pub fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let written = match self {
            Self::Stdout(stdout) => stdout.lock().write_all(bytes),
            Self::File { file, .. } => file.write(bytes),
            Self::Device { file, .. } => file.write_all(bytes),
        };
        written.with_context(|| format!("cannot write to {}", self.name()))
    }

    /// Says that everything is written: a file takes its name.
    pub fn finish(self) -> anyhow::Result<()> {
        let name = self.name();
        let context = || format!("cannot write to {name}");
        match self {
            Self::Stdout(stdout) => stdout.lock().flush().with_context(context),
            Self::Device { .. } => Ok(()),
            Self::File {
                file,
                temporary,
                path,
                ..
            } => {
                file.finish().with_context(context)?;
                temporary
                    .persist(&path)
                    .map_err(|error| error.error)
                    .with_context(context)
            }
        }
    }

    /// How messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout(_) => "standard output".to_owned(),
            Self::File { name, .. } | Self::Device { name, .. } => format!("`{name}`"),
        }
    }

    /// Whether it is a file that will not be there unless it is finished.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// Whether somebody sees the bytes come.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Stdout(stdout) if stdout.is_terminal())
    }
}

/// A path in a message.
pub fn shown(path: &Path) -> String {
    visible(&path.display().to_string())
}

/// A file, whatever leads to it; none for what is no file and may be written to by several.
#[derive(Debug, PartialEq, Eq)]
pub enum Identity {
    /// A file that is there.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "files have numbers on Unix only")
    )]
    Numbered(u64, u64),
    /// A place where a file may be.
    At(PathBuf),
}

impl Identity {
    /// What `path` leads to: other spellings of it, symbolic links and hard links lead to the same. `-` is the standard
    /// input or output, which may be a file as well.
    pub fn of(path: &Path, stream: &str) -> Option<Self> {
        let dash = path.as_os_str() == "-";
        let path = if dash { Path::new(stream) } else { path };
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => None,
            #[cfg(unix)]
            Ok(metadata) => {
                use std::os::unix::fs::MetadataExt as _;
                Some(Self::Numbered(metadata.dev(), metadata.ino()))
            }
            #[cfg(not(unix))]
            Ok(_) => path.canonicalize().ok().map(Self::At),
            Err(_) if dash => None,
            Err(_) => {
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                Some(Self::At(
                    folder.canonicalize().ok()?.join(path.file_name()?),
                ))
            }
        }
    }
}

/// A temporary file that is as private as the file that it will replace, or else as the caller's other files.
fn temporary(path: &Path) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::metadata(path).map_or_else(
            |_| fs::Permissions::from_mode(0o666),
            |file| file.permissions(),
        ));
    }
    builder
}

/// Files that are not whole yet. A program that ends by itself removes them; one that is interrupted would not.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees to it that this file goes when the program is interrupted or told to end.
fn remove_when_interrupted(path: &Path) {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        when_interrupted(|| {
            unfinished()
                .iter()
                .for_each(|path| drop(fs::remove_file(path)));
            // As a shell says that a program was interrupted.
            std::process::exit(130);
        });
    });
    unfinished().push(path.to_owned());
}

/// Does something when the program is interrupted or told to end. What the caller wants ignored, as `nohup` does and a shell for
/// what runs in its background, stays ignored.
#[cfg(unix)]
fn when_interrupted(end: impl FnOnce() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0);
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) {
        thread::spawn(move || signals.forever().next().map(|_| end()));
    }
}

/// The signals that are ignored, a bit each, where the system tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(not(unix))]
fn when_interrupted(end: impl FnOnce() + Send + 'static) {
    let mut end = Some(end);
    let _ = ctrlc::try_set_handler(move || end.take().into_iter().for_each(|end| end()));
}
