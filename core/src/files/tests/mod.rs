//! A folder on a real disk, from the request to the last byte.

mod answers;
mod bodies;
mod escapes;
mod folders;
mod lookups;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

/// When every file of a [`Site`] was last changed, since 1970.
const MODIFIED: Duration = Duration::from_secs(1_700_000_000);
const MODIFIED_TEXT: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// Ten bytes, so that ranges read off the digits.
const DIGITS: &str = "0123456789";

/// What stands in every file outside the folder.
const SECRET: &str = "secret";

/// A public folder beside a secret one, both removed when dropped.
struct Site {
    base: PathBuf,
    folder: Folder,
}

impl Site {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let base = std::env::temp_dir().join(format!("crampon-{}-{count}", std::process::id()));
        for (path, text) in [
            ("public/index.html", "home"),
            ("public/digits.txt", DIGITS),
            ("public/empty.txt", ""),
            ("public/a b.txt", "spaced"),
            ("public/docs/index.html", "docs"),
            ("public/docs/page.html", "page"),
            ("public/bare/file", "file"),
            ("public/.env", SECRET),
            ("public/.git/config", SECRET),
            ("public/docs/.draft", SECRET),
            ("public/.well-known/security.txt", "contact"),
            ("public/index-is-a-folder/index.html/x", "x"),
            ("outside/secret.txt", SECRET),
            ("outside/index.html", SECRET),
            ("public-sibling/secret.txt", SECRET),
        ] {
            write(&base.join(path), text);
        }
        let link = |to: &str, from: &str| {
            symlink(base.join(to), base.join("public").join(from)).expect("links can be made");
        };
        link("outside/secret.txt", "link-out.txt");
        link("outside", "folder-out");
        link("public-sibling", "sibling-out");
        link("", "parent-out");
        link("public/digits.txt", "link-in.txt");
        link("public/docs", "folder-in");
        link("public/nowhere", "dangling");
        link("public/loop", "loop");
        link("public/link-out.txt", "link-to-link-out.txt");
        let folder = Folder::new(base.join("public")).expect("it was just made");
        Self { base, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder_path().join(name)
    }

    fn folder_path(&self) -> PathBuf {
        self.base.join("public")
    }

    /// GETs a path behind the prefix `/`.
    fn get(&self, path: &str) -> Reply {
        self.ask(&request(path))
    }

    fn ask(&self, request: &FileRequest) -> Reply {
        let FileAnswer { status, headers, length, body } = self.folder.find(request);
        let body = body.map(|body| read_all(body, 7).expect("the file is left alone"));
        Reply { status, headers, length, body }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let removed = fs::remove_dir_all(&self.base);
        assert!(removed.is_ok() || std::thread::panicking(), "the folder is ours to remove");
    }
}

/// An answer whose body has been read.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    length: u64,
    body: Option<String>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    fn text(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
    let file = File::options().write(true).open(path).expect("it was just written");
    file.set_modified(UNIX_EPOCH + MODIFIED).expect("its time can be set");
}

fn read_all(mut body: FileBody, max: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    while body.left() > 0 {
        bytes.extend(body.read(max)?);
    }
    assert_eq!(body.read(max)?, b"", "nothing comes after the end");
    Ok(String::from_utf8(bytes).expect("the files here are text"))
}

fn request(path: &str) -> FileRequest {
    FileRequest { path: path.into(), target: format!("/{path}"), ..FileRequest::default() }
}

fn ranged(path: &str, range: &str) -> FileRequest {
    FileRequest { range: Some(range.into()), ..request(path) }
}
