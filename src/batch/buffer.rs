//! Bytes that are read into memory which is used again.

use std::io::{self, ErrorKind, Read};
use std::ops::Deref;

/// Bytes, and memory behind them that is ready to be read into.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    length: usize,
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.get(..self.length).unwrap_or_default()
    }
}

impl Buffer {
    /// Forgets all bytes behind the first of them.
    pub(super) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Forgets the first bytes.
    pub(super) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.length);
        self.memory.copy_within(count..self.length, 0);
        self.length -= count;
    }

    /// Holds these bytes and no others.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.length = bytes.len();
        self.make_room(0);
        if let Some(memory) = self.memory.get_mut(..bytes.len()) {
            memory.copy_from_slice(bytes);
        }
    }

    /// Holds these bytes too.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let start = self.length;
        self.make_room(bytes.len());
        self.length += bytes.len();
        if let Some(memory) = self.memory.get_mut(start..self.length) {
            memory.copy_from_slice(bytes);
        }
    }

    fn make_room(&mut self, more: usize) {
        let wanted = self.length + more;
        if self.memory.len() < wanted {
            self.memory.resize(wanted.next_multiple_of(4096), 0);
        }
    }

    /// Reads so many bytes more, or as many as there are; how many there were.
    ///
    /// # Errors
    /// As reading. What was read before stays.
    pub(super) fn read(&mut self, reader: &mut impl Read, most: usize) -> io::Result<usize> {
        /// No more room is made before there is something to fill it.
        const STEP: usize = 256 * 1024;
        let start = self.length;
        while self.length - start < most {
            let wanted = (start + most - self.length).min(STEP);
            self.make_room(wanted);
            let room = self
                .memory
                .get_mut(self.length..self.length + wanted)
                .unwrap_or_default();
            match reader.read(room) {
                Ok(0) => break,
                Ok(count) => self.length += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.length - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_behind_those_that_are_held() {
        let (mut buffer, mut text) = (Buffer::default(), &b"abcdefgh"[..]);
        assert_eq!(buffer.read(&mut text, 3).unwrap(), 3);
        buffer.drop_front(1);
        assert_eq!(buffer.read(&mut text, 2).unwrap(), 2);
        assert_eq!(&*buffer, b"bcde");
        buffer.truncate(1);
        assert_eq!(buffer.read(&mut text, 10).unwrap(), 3);
        assert_eq!(&*buffer, b"bfgh");
        buffer.hold(b"xy");
        assert_eq!(buffer.read(&mut text, 10).unwrap(), 0);
        assert_eq!(&*buffer, b"xy");
        buffer.add(b"z");
        assert_eq!(&*buffer, b"xyz");
    }
}
