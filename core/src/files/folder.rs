//! A folder on the disk, and the way from a request to an open file inside it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::io::Errno;

use super::{FileAnswer, FileRequest, path};

/// The file that stands for its folder.
const INDEX: &str = "index.html";

/// How often a file is opened anew when it was replaced just between opening and checking it.
///
/// 3: one replacement in those microseconds is a deployment, two a coincidence; more is an attack.
const OPENINGS_MAX: usize = 3;

/// A folder whose files are public.
///
/// Not served, and answered like files that do not exist: names that begin with a dot and all below
/// them (except `.well-known` at the top, RFC 8615), links that lead outside, and whatever is not a
/// regular file. A link to something inside is followed, even to a hidden file: its
/// author meant it.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Absolute and free of links.
    root: PathBuf,
}

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is missing or may not be entered.
    #[error("folder `{folder}` cannot be opened from `{from}`: {source}")]
    Unreachable {
        /// The folder as it was named.
        folder: PathBuf,
        /// The working directory, from which a relative name is meant.
        from: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is something else.
    #[error("`{folder}` is not a folder; name the folder that the files are in")]
    NotAFolder {
        /// The folder as it was named.
        folder: PathBuf,
    },
}

/// What stands under a name.
enum Entry {
    File(File),
    Folder,
    /// Nothing that may be served.
    Nothing,
}

impl Folder {
    /// The folder at `path`, which is made absolute and free of links once, now.
    ///
    /// # Errors
    /// [`FolderError`], naming the folder, if it is missing or no folder.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, FolderError> {
        let path = path.as_ref();
        let root = path.canonicalize().map_err(|source| FolderError::Unreachable {
            folder: path.to_owned(),
            from: std::env::current_dir().unwrap_or_default(),
            source,
        })?;
        if root.is_dir() {
            Ok(Self { root })
        } else {
            Err(FolderError::NotAFolder { folder: path.to_owned() })
        }
    }

    /// Answers a request; may block on the disk.
    ///
    /// A folder is its `index.html`, by way of a redirect (301) if the slash at its end is missing.
    /// When the disk or the process fails, the answer is 500, and logged: a 404 would be a lie that
    /// caches keep.
    pub fn find(&self, request: &FileRequest) -> FileAnswer {
        match self.answer(request) {
            Ok(answer) => answer,
            Err(error) if names_nothing(&error) => FileAnswer::bare(404),
            Err(error) => {
                tracing::error!(path = %request.path, %error, "a file could not be opened");
                FileAnswer::bare(500)
            }
        }
    }

    fn answer(&self, request: &FileRequest) -> io::Result<FileAnswer> {
        let Some(mut name) = path::decode(&request.path) else {
            return Ok(FileAnswer::bare(404));
        };
        let mut entry = self.open(&name)?;
        let is_folder = matches!(entry, Entry::Folder);
        if is_folder {
            name.push(INDEX);
            entry = self.open(&name)?;
        }
        match entry {
            Entry::File(file) if is_folder == request.is_slashed() => {
                FileAnswer::of(file, &name, request, SystemTime::now())
            }
            Entry::File(_) if is_folder => Ok(FileAnswer::moved(request)),
            _ => Ok(FileAnswer::bare(404)),
        }
    }

    /// Opens what a decoded name stands for.
    ///
    /// The first look is only for what must not be opened: a pipe would block, a device might act.
    /// Nothing betrays a folder that lies outside, because only a file in it is ever answered.
    fn open(&self, name: &Path) -> io::Result<Entry> {
        let path = self.root.join(name);
        let seen = fs::metadata(&path)?;
        if seen.is_dir() {
            return Ok(Entry::Folder);
        }
        if !seen.is_file() {
            return Ok(Entry::Nothing);
        }
        for _ in 0..OPENINGS_MAX {
            let file = File::open(&path)?;
            let real = path.canonicalize()?;
            if !real.starts_with(&self.root) {
                return Ok(Entry::Nothing);
            }
            if is_same_file(&file.metadata()?, &fs::symlink_metadata(&real)?) {
                return Ok(Entry::File(file));
            }
        }
        Ok(Entry::Nothing)
    }
}

/// Whether what was opened is the regular file that a path without links names.
///
/// So a link put in place between the opening and the check gains nothing.
fn is_same_file(opened: &fs::Metadata, named: &fs::Metadata) -> bool {
    opened.is_file() && (opened.dev(), opened.ino()) == (named.dev(), named.ino())
}

/// Whether an error says that there is nothing of that name for us, rather than that we failed.
fn names_nothing(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::NOENT
                | Errno::NOTDIR
                | Errno::ISDIR
                | Errno::ACCESS
                | Errno::PERM
                | Errno::LOOP
                | Errno::NAMETOOLONG
                | Errno::ILSEQ
                | Errno::INVAL
        )
    )
}
