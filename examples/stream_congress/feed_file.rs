//! The feed's file: appended to and read by threads that may block, never by the loop.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::feed::Statement;

/// A file of JSON lines that grows. A clone is the same file.
#[derive(Clone)]
pub struct FeedFile(Arc<Inner>);

struct Inner {
    file: File,
    /// Held while a line is appended, so that lines never interleave.
    appending: Mutex<()>,
    /// The copy to remove in the end.
    temporary: Option<PathBuf>,
}

impl FeedFile {
    /// Opens a file, an empty one if there is none.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = OpenOptions::new().read(true).append(true).create(true).open(path);
        Ok(Self::new(file.map_err(|error| unopened(path, &error))?, None))
    }

    /// Makes a temporary file of this text, gone when the server is.
    pub fn copy_of(sample: &str) -> io::Result<Self> {
        let number = RandomState::new().hash_one("feed");
        let path = std::env::temp_dir().join(format!("stream_congress-{number:016x}.jsonl"));
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(&path);
        let mut file = file.map_err(|error| unopened(&path, &error))?;
        file.write_all(sample.as_bytes())?;
        Ok(Self::new(file, Some(path)))
    }

    fn new(file: File, temporary: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { file, appending: Mutex::new(()), temporary }))
    }

    /// Appends one line, in one write. Blocks.
    pub fn append(&self, statement: &Statement) -> io::Result<()> {
        let Inner { file, appending, .. } = &*self.0;
        let mut line = serde_json::to_vec(statement)?;
        line.push(b'\n');
        let _alone = appending.lock().unwrap_or_else(PoisonError::into_inner);
        if !ends_with_a_line(file)? {
            line.insert(0, b'\n');
        }
        (&*file).write_all(&line)
    }

    /// Reads what is in the file from `offset` on; `None` if it ends before. Blocks.
    pub fn read_from(&self, offset: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(left) = self.0.file.metadata()?.len().checked_sub(offset) else {
            return Ok(None);
        };
        let mut bytes = vec![0; usize::try_from(left).map_err(io::Error::other)?];
        self.0.file.read_exact_at(&mut bytes, offset)?;
        Ok(Some(bytes))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(path) = &self.temporary {
            // Who removed it before us did what we wanted.
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether the next line starts where the file ends; an editor may have left the last one open.
fn ends_with_a_line(file: &File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if let Some(at) = file.metadata()?.len().checked_sub(1) {
        file.read_exact_at(&mut last, at)?;
    }
    Ok(last == [b'\n'])
}

fn unopened(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the feed `{}` does not open: {error}", path.display()))
}
