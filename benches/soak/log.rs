//! What a server has logged, by what it says.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process;

/// The log of a server, in a file that is kept.
pub struct Log {
    path: PathBuf,
}

/// What it says, with the figures left out, and how often.
pub struct Said(BTreeMap<String, u64>);

impl Log {
    /// An empty log.
    ///
    /// # Errors
    /// That the folder for temporary files cannot be written.
    pub fn create() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("crampon-soak-{}.log", process::id()));
        File::create(&path)?;
        println!("the server's log is {}\n", path.display());
        Ok(Self { path })
    }

    /// The file, to be written at its end.
    ///
    /// # Errors
    /// That it is gone.
    pub fn end(&self) -> io::Result<File> {
        File::options().append(true).open(&self.path)
    }

    /// Reads what has been logged.
    ///
    /// # Errors
    /// That it is gone.
    pub fn read(&self) -> io::Result<Said> {
        let mut said = BTreeMap::new();
        for line in fs::read_to_string(&self.path)?.lines() {
            // After the time; and no figures, which differ from line to line.
            let text = line.split_once(' ').map_or(line, |(_, text)| text.trim());
            let text = text.replace(|at: char| at.is_ascii_digit(), "");
            *said.entry(text).or_default() += 1;
        }
        Ok(Said(said))
    }
}

impl Said {
    /// Whether there are no errors and no panics; warnings are of what was caused.
    pub fn is_free_of_errors(&self) -> bool {
        !self.0.keys().any(|text| text.starts_with("ERROR") || text.contains("panicked"))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (text, times) in &self.0 {
            writeln!(f, "  {times} times {text}")?;
        }
        Ok(())
    }
}
