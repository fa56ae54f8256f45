//! A folder of pictures whose names say what they show: `mountain-sunset.svg`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::search::{Picture, Search};

/// The pictures of a folder, looked through anew for each keyword.
pub struct Album {
    folder: PathBuf,
    /// Where the folder is served, without a slash at its end.
    url: String,
}

impl Album {
    /// The pictures in `folder`, which is served below `url`.
    pub fn new(folder: PathBuf, url: &str) -> Self {
        Self { folder, url: url.to_owned() }
    }
}

impl Search for Album {
    fn find(&self, keyword: &str) -> io::Result<Option<Picture>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            // A name that is no text is none that a keyword could match.
            names.extend(entry?.file_name().into_string());
        }
        Ok(best(names, keyword).map(|name| Picture {
            keyword: keyword.to_owned(),
            url: format!("{}/{name}", self.url),
            title: words(&name).join(" "),
        }))
    }
}

/// The name that fits a keyword best: most words of it, then most closely; the first by name
/// among equals. `None` when not one word fits.
fn best(mut names: Vec<String>, keyword: &str) -> Option<String> {
    let keyword = keyword.to_lowercase();
    let wanted: Vec<&str> = keyword.split(|c: char| !c.is_alphanumeric()).collect();
    names.retain(|name| can_be_shown(name));
    names.sort_unstable();
    let score = |name: &String| -> u32 {
        let words = words(name);
        wanted.iter().filter_map(|wanted| words.iter().map(|word| fit(wanted, word)).max()).sum()
    };
    // Of equals `max_by_key` takes the last one.
    let best = names.into_iter().rev().max_by_key(score)?;
    (score(&best) > 0).then_some(best)
}

/// How well a word fits one that is wanted: in full, or as the beginning of one of the two, as
/// `mountain` is of `mountains`.
fn fit(wanted: &str, word: &str) -> u32 {
    let is_beginning = wanted.starts_with(word) || word.starts_with(wanted);
    match wanted.len().min(word.len()) {
        ..WORD_BYTES_MIN => 0,
        _ if wanted == word => 3,
        _ if is_beginning => 2,
        _ => 0,
    }
}

/// The words of a file's name.
fn words(name: &str) -> Vec<String> {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.split('-').map(str::to_lowercase).collect()
}

/// Whether a file is a picture, and its name safe in a URL as it is.
fn can_be_shown(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    let is_picture = extension.is_some_and(|extension| PICTURES.contains(&extension));
    is_picture && name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
}

/// The files that browsers show as pictures.
const PICTURES: [&str; 6] = ["svg", "jpg", "png", "webp", "avif", "gif"];

const WORD_BYTES_MIN: usize = 3; // `sun` finds a sunset; `at` finds nothing
