//! The bytes of an answer, read from an open file part by part.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// Bytes one [`FileBody::read`] returns at most.
///
/// 64 KiB: each part costs a trip to a worker thread, some 20 us, so one reader is still fed
/// more than a gigabyte a second; a thousand slow ones hold 64 MiB. Larger parts would also leave
/// the allocator's fast path (128 KiB in glibc) and pay page faults for every part.
pub const PART_BYTES_MAX: usize = 64 * 1024;

/// The rest of a file, or of a range of it, that has not been read yet.
#[derive(Debug)]
pub struct FileBody {
    file: File,
    left: u64,
}

impl FileBody {
    /// The bytes of `range`, which begin at its start.
    pub(super) fn new(mut file: File, range: Range<u64>) -> io::Result<Self> {
        file.seek(SeekFrom::Start(range.start))?;
        Ok(Self { file, left: range.end - range.start })
    }

    /// Reads the next part: at most `max` bytes and at most [`PART_BYTES_MAX`]; may block.
    ///
    /// At least one byte, even if `max` is 0, until all is read; then none. A file that has grown
    /// ends where it ended when it was opened.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if the file has shrunk: what was announced cannot be sent,
    /// so the connection must be cut. Whatever else the disk says.
    pub fn read(&mut self, max: usize) -> io::Result<Vec<u8>> {
        let wanted = self.left.min(max.clamp(1, PART_BYTES_MAX) as u64);
        let mut part = Vec::with_capacity(wanted as usize);
        (&self.file).take(wanted).read_to_end(&mut part)?;
        if (part.len() as u64) < wanted {
            let missing = self.left - part.len() as u64;
            let says = format!("the file shrank while it was read: {missing} bytes are missing");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, says));
        }
        self.left -= wanted;
        Ok(part)
    }

    /// The bytes still to be read.
    pub fn left(&self) -> u64 {
        self.left
    }
}
