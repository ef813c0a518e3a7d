//! A file that is stored while more of it is made.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes on their way to a file, stored block by block by a thread of its own.
pub struct Storing {
    filling: Block,
    /// Blocks that are to be stored, and those that were.
    full: SyncSender<Block>,
    empty: Receiver<Block>,
    /// None once it was found to have failed.
    thread: Option<JoinHandle<io::Result<Disk>>>,
}

impl Storing {
    /// Begins a file.
    pub fn new(file: File) -> io::Result<Self> {
        let (full, to_store) = sync_channel::<Block>(BLOCKS);
        let (stored, empty) = sync_channel(BLOCKS);
        for _ in 1..BLOCKS {
            // There is room for all of them.
            let _ = stored.try_send(Block::new());
        }
        let mut disk = Disk::new(file);
        let store = move || {
            for mut block in to_store {
                disk.write(block.bytes())?;
                block.length = 0;
                // At the end nobody takes it.
                let _ = stored.try_send(block);
            }
            Ok(disk)
        };
        Ok(Self {
            filling: Block::new(),
            full,
            empty,
            thread: Some(thread::Builder::new().spawn(store)?),
        })
    }

    /// Takes bytes. An error may be about bytes that were taken before.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = self.filling.take(bytes);
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.filling.is_full() {
                let given = self.empty.recv().ok().and_then(|empty| {
                    self.full
                        .send(std::mem::replace(&mut self.filling, empty))
                        .ok()
                });
                if given.is_none() {
                    return self.joined().and(Err(stopped()));
                }
            }
        }
        Ok(())
    }

    /// Waits until everything is stored.
    pub fn finish(mut self) -> io::Result<()> {
        // Without another one to come, the thread ends.
        self.full = sync_channel(0).0;
        self.joined()?.finish(self.filling.bytes())
    }

    fn joined(&mut self) -> io::Result<Disk> {
        self.thread
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_else(|| Err(stopped()))
    }
}

fn stopped() -> io::Error {
    io::Error::other("storing it stopped unexpectedly")
}

/// So many blocks there are: one is filled, one is stored, one waits.
const BLOCKS: usize = 3;

/// Bytes that are stored together.
struct Block {
    memory: Vec<u8>,
    /// Where the bytes begin.
    start: usize,
    length: usize,
}

impl Block {
    const SIZE: usize = 1024 * 1024;
    /// What goes to a disk directly begins at a multiple of this in memory.
    const ALIGNED: usize = 4096;

    fn new() -> Self {
        let memory = vec![0; Self::ALIGNED + Self::SIZE];
        let start = memory
            .as_ptr()
            .align_offset(Self::ALIGNED)
            .min(Self::ALIGNED);
        Self {
            memory,
            start,
            length: 0,
        }
    }

    /// Takes as many bytes as there is room for; how many.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let end = self.start + self.length;
        let taken = bytes.len().min(Self::SIZE - self.length);
        if let (Some(room), Some(bytes)) =
            (self.memory.get_mut(end..end + taken), bytes.get(..taken))
        {
            room.copy_from_slice(bytes);
        }
        self.length += taken;
        taken
    }

    fn is_full(&self) -> bool {
        self.length == Self::SIZE
    }

    fn bytes(&self) -> &[u8] {
        self.memory
            .get(self.start..self.start + self.length)
            .unwrap_or_default()
    }
}

/// A file that is written to. Where the system can, whole blocks go to the disk directly: what has to be stored before it counts
/// gains nothing from a copy in memory first, and with all reasons that copy took a tenth of the time of a long list.
struct Disk {
    file: File,
    direct: bool,
}

impl Disk {
    fn new(file: File) -> Self {
        let direct = set_direct(&file, true).is_ok();
        Self { file, direct }
    }

    /// Stores a whole block.
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Not every file system that agreed to it can, and none after a part of a block.
                Err(error) if self.direct && error.kind() == io::ErrorKind::InvalidInput => {
                    self.by_memory()?
                }
                Err(error) => return Err(error),
            }
        }
        // Or there would be much left to wait for at the end.
        if self.direct {
            Ok(())
        } else {
            self.file.sync_data()
        }
    }

    /// Stores the last bytes, which are no whole block, and waits until everything is stored.
    fn finish(mut self, bytes: &[u8]) -> io::Result<()> {
        if self.direct {
            self.by_memory()?;
        }
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }

    /// No longer writes directly.
    fn by_memory(&mut self) -> io::Result<()> {
        self.direct = false;
        set_direct(&self.file, false)
    }
}

#[cfg(target_os = "linux")]
fn set_direct(file: &File, direct: bool) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let mut flags = fcntl_getfl(file)?;
    flags.set(OFlags::DIRECT, direct);
    Ok(fcntl_setfl(file, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn set_direct(_: &File, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn everything_is_stored() {
        let bytes: Vec<u8> = (0..5 * Block::SIZE + 4321)
            .map(|at| (at % 251) as u8)
            .collect();
        for length in [
            0,
            1,
            4096,
            Block::SIZE - 1,
            Block::SIZE,
            Block::SIZE + 1,
            3 * Block::SIZE,
            bytes.len(),
        ] {
            for piece in [1234, 333_333, 2 * Block::SIZE] {
                let file = tempfile::NamedTempFile::new().unwrap();
                let mut storing = Storing::new(file.reopen().unwrap()).unwrap();
                let bytes = &bytes[..length];
                bytes
                    .chunks(piece)
                    .for_each(|piece| storing.write(piece).unwrap());
                storing.finish().unwrap();
                assert!(
                    fs::read(file.path()).unwrap() == bytes,
                    "{length} bytes in pieces of {piece}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_stored_is_told_and_nobody_waits_for_ever() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let unwritable = || File::open(file.path()).unwrap();
        let mut storing = Storing::new(unwritable()).unwrap();
        let failed = (0..20).find_map(|_| storing.write(&vec![b'x'; Block::SIZE]).err());
        assert_eq!(
            failed.and_then(|error| error.raw_os_error()),
            unwritable().write(b"x").unwrap_err().raw_os_error()
        );
        let mut storing = Storing::new(unwritable()).unwrap();
        storing.write(b"few").unwrap();
        storing.finish().unwrap_err();
    }
}
