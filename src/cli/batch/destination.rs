//! Where rows and the summary go: standard output, or files that appear together when all are whole.
//!
//! A file is written beside its target, under a name made from the target's, readable by its owner alone and locked
//! as long as the run lives. So a later run to the same target can tell what a killed run left from what another
//! run is writing.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use eligo::diagnostic::visible;
use tempfile::TempPath;

use crate::cli::{interrupt, warn};

/// Bytes that are written at once.
const BUFFER: usize = 256 * 1024;
/// How the names of files end that are not whole yet.
const UNFINISHED_ENDING: &str = ".unfinished";

/// Where bytes go.
pub enum Destination {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file that takes its name when it is whole.
    File {
        file: BufWriter<File>,
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
        let given = path;
        // What a link leads to is replaced, not the link. Reports name candidates, so nobody is to look for one in vain.
        let path = match path.canonicalize() {
            Ok(path) => {
                if given.is_symlink()
                    && folder_of(given).canonicalize().ok() != path.parent().map(Path::to_owned)
                {
                    warn(&format!(
                        "`{name}` is a link; what is written goes to `{}`",
                        shown(&path)
                    ))?;
                }
                path
            }
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
        let folder = folder_of(&path);
        tidy(given, &path, folder)?;
        let mut builder = tempfile::Builder::new();
        let prefix = unfinished_prefix(&path);
        builder.prefix(&prefix).suffix(UNFINISHED_ENDING);
        let (file, temporary) = match builder.tempfile_in(folder) {
            Ok(file) => file.into_parts(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "cannot write to `{name}`: there is no directory `{}`",
                shown(folder)
            ),
            // The whole message would name the temporary file, which is not there.
            Err(error) => bail!("cannot write to `{name}`: {}", error.kind()),
        };
        // Where files cannot be locked, what a killed run leaves is named instead of removed.
        let _ = file.try_lock();
        interrupt::remove_file(&temporary);
        let file = BufWriter::with_capacity(BUFFER, file);
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
            Self::File { file, .. } => file.write_all(bytes),
            Self::Device { file, .. } => file.write_all(bytes),
        };
        written.with_context(|| format!("cannot write to {}", self.name()))
    }

    /// Brings everything that was written to its place, except that a file has not taken its name yet.
    fn store(&mut self) -> anyhow::Result<()> {
        let stored = match self {
            Self::Stdout(stdout) => stdout.lock().flush(),
            Self::Device { .. } => Ok(()),
            Self::File {
                file,
                temporary,
                path,
                ..
            } => file
                .flush()
                // A file that is replaced was made as private as somebody wants it.
                .and_then(|()| match fs::metadata(path) {
                    Ok(replaced) => fs::set_permissions(temporary, replaced.permissions()),
                    Err(_) => Ok(()),
                })
                .and_then(|()| file.get_ref().sync_all()),
        };
        stored.with_context(|| format!("cannot write to {}", self.name()))
    }

    /// Lets a file take its name; what is needed to take it back.
    fn appear(self) -> anyhow::Result<Option<Appeared>> {
        let Self::File {
            temporary,
            path,
            name,
            ..
        } = self
        else {
            return Ok(None);
        };
        let context = || format!("cannot write to `{name}`");
        let replaced = Replaced::keep(&path).with_context(context)?;
        temporary
            .persist(&path)
            .map_err(|error| error.error)
            .with_context(context)?;
        Ok(Some(Appeared { path, replaced }))
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

/// The directory that a file stands in.
fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
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

/// Which of the files that are read an output would be written over.
pub fn overwritten<'p>(
    output: &Path,
    read: impl IntoIterator<Item = &'p PathBuf>,
) -> Option<&'p Path> {
    let written = Identity::of(output, "/dev/stdout")?;
    let mut read = read.into_iter().map(PathBuf::as_path);
    read.find(|path| Identity::of(path, "/dev/stdin").is_some_and(|read| read == written))
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
            Err(_) => Some(Self::At(
                folder_of(path).canonicalize().ok()?.join(path.file_name()?),
            )),
        }
    }
}

/// Says that everything is written: all files take their names, or none does.
pub fn finish(mut written: Vec<Destination>) -> anyhow::Result<()> {
    // What can still fail for want of room or of a reader fails before any name is taken.
    for destination in &mut written {
        destination.store()?;
    }
    let mut appeared = Vec::new();
    for destination in written {
        match destination.appear() {
            Ok(one) => appeared.extend(one),
            Err(error) => {
                appeared.into_iter().for_each(Appeared::take_back);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// A file that has taken its name.
struct Appeared {
    path: PathBuf,
    replaced: Replaced,
}

impl Appeared {
    /// Leaves what was there before.
    fn take_back(self) {
        match self.replaced {
            Replaced::Nothing => drop(fs::remove_file(&self.path)),
            Replaced::Kept(before) => drop(before.persist(&self.path)),
            Replaced::Lost => {}
        }
    }
}

/// What a file takes the place of.
enum Replaced {
    Nothing,
    /// A second name of it, which goes when it is not needed any more.
    Kept(TempPath),
    /// A file system without a second name for a file keeps nothing.
    Lost,
}

impl Replaced {
    fn keep(path: &Path) -> io::Result<Self> {
        let Some(folder) = path.parent().filter(|_| path.is_file()) else {
            return Ok(Self::Nothing);
        };
        let folder = Some(folder).filter(|folder| !folder.as_os_str().is_empty());
        let prefix = unfinished_prefix(path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(UNFINISHED_ENDING);
        let kept = builder.make_in(folder.unwrap_or(Path::new(".")), |name| {
            fs::hard_link(path, name)
        });
        Ok(kept.map_or(Self::Lost, |kept| {
            let kept = kept.into_temp_path();
            interrupt::remove_file(&kept);
            Self::Kept(kept)
        }))
    }
}

/// How the names of files begin that are written beside `path`.
fn unfinished_prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

/// Removes what a killed run to the same target left. A file that another run is writing stays; one of which that
/// cannot be told is named, by the path that was given where that is no link.
fn tidy(given: &Path, path: &Path, folder: &Path) -> anyhow::Result<()> {
    let prefix = unfinished_prefix(path);
    let is_left = |name: &std::ffi::OsStr| {
        let random = name
            .as_encoded_bytes()
            .strip_prefix(prefix.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(UNFINISHED_ENDING.as_bytes()));
        random.is_some_and(|random| random.iter().all(u8::is_ascii_alphanumeric))
    };
    // Whether there is such a folder shows when the file is made.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_left(&entry.file_name()) {
            continue;
        }
        let left = if given.is_symlink() {
            entry.path()
        } else {
            given.with_file_name(entry.file_name())
        };
        let locked = File::open(&left)
            .map_err(TryLockError::Error)
            .and_then(|file| file.try_lock().map(|()| file));
        let removed = match locked {
            Err(TryLockError::WouldBlock) => continue,
            Ok(_) => fs::remove_file(&left).is_ok(),
            Err(TryLockError::Error(_)) => false,
        };
        if removed {
            warn(&format!(
                "removed `{}`, which an earlier run to `{}` left unfinished",
                shown(&left),
                shown(given)
            ))?;
        } else {
            warn(&format!(
                "`{}` seems to be left of an earlier run to `{}`; it may hold candidates: remove it unless a run is writing it",
                shown(&left),
                shown(given)
            ))?;
        }
    }
    Ok(())
}
