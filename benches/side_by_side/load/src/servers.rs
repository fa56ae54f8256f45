//! The servers there are, as `servers.json` has them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::row::Work;

/// One server.
#[derive(Clone, Debug, Deserialize)]
pub struct Server {
    pub name: String,
    pub version: String,
    pub language: String,
    /// What builds it, for a shell in the folder of `servers.json`; nothing if it is empty.
    #[serde(default)]
    pub build: String,
    /// What starts it, less the port: words, of which the first may be `NAME=VALUE`. In them
    /// `$CARGO_TARGET_DIR` and `$HERE`, the folder of `servers.json`, are written out.
    pub start: String,
    /// How far its port for WebSockets is from its port.
    #[serde(default)]
    pub ws_port_offset: u16,
    /// The paths of the contract that it has.
    pub paths: Vec<String>,
    /// What else of the contract it does not do.
    #[serde(default)]
    pub lacks: Vec<Skill>,
}

/// What the contract asks of a server beside its paths.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Skill {
    /// It answers requests that arrive together, in their order.
    Pipelining,
    /// It closes a connection whose request says `Connection: close`.
    Close,
}

/// Where servers are and where they are built.
#[derive(Clone)]
pub struct Folders {
    pub here: PathBuf,
    pub target: PathBuf,
}

impl Folders {
    /// The folder of a list of servers, and that which Cargo is told of, or else has there.
    ///
    /// # Errors
    /// That there is no such list, or no folder can be made.
    pub fn around(list: &Path) -> io::Result<Self> {
        let here = list.canonicalize()?.parent().map_or_else(PathBuf::new, Into::into);
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or_else(|| here.join("target"), Into::into);
        std::fs::create_dir_all(&target)?;
        Ok(Self { here, target: target.canonicalize()? })
    }
}

impl Server {
    /// Reads the servers that are named, or all of them.
    ///
    /// # Errors
    /// That the file cannot be read, what is wrong with it, or a name that is not in it.
    pub fn read_chosen(path: &Path, names: &[String]) -> io::Result<Vec<Self>> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| io::Error::other(format!("`{}`: {error}", path.display())))?;
        let mut servers: Vec<Self> = serde_json::from_str(&text).map_err(io::Error::other)?;
        if let Some(name) = names.iter().find(|&name| servers.iter().all(|it| it.name != *name)) {
            let there: Vec<&str> = servers.iter().map(|server| &server.name[..]).collect();
            let wrong = format!("there is no server `{name}`; there are {}", there.join(", "));
            return Err(io::Error::other(wrong));
        }
        servers.retain(|server| names.is_empty() || names.contains(&server.name));
        Ok(servers)
    }

    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|own| own == path)
    }

    /// Whether it has all that a row takes.
    pub fn can(&self, work: Work) -> bool {
        let lacks = work.skill().is_some_and(|skill| self.lacks.contains(&skill));
        !lacks && work.paths().iter().all(|path| self.has(path))
    }

    /// Builds it.
    ///
    /// # Errors
    /// That the command cannot be run or fails.
    pub fn build(&self, folders: &Folders) -> io::Result<()> {
        if self.build.is_empty() {
            return Ok(());
        }
        let status = Command::new("sh")
            .args(["-c", &self.build])
            .current_dir(&folders.here)
            .env("CARGO_TARGET_DIR", &folders.target)
            .env("HERE", &folders.here)
            .status()?;
        match status.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("`{}` failed: {status}", self.build))),
        }
    }

    /// What starts it on `port`.
    pub fn command(&self, folders: &Folders, port: u16) -> Command {
        let mut words = self.words(folders).into_iter().peekable();
        let is_setting = |word: &String| word.split('/').next().is_some_and(|it| it.contains('='));
        let mut settings = Vec::new();
        while let Some(setting) = words.next_if(is_setting) {
            settings.push(setting);
        }
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg(port.to_string()).current_dir(&folders.here);
        command.env("CARGO_TARGET_DIR", &folders.target).env("HERE", &folders.here);
        command.envs(settings.iter().filter_map(|setting| setting.split_once('=')));
        command
    }

    /// Bytes of its program and the libraries beside it, if it was built.
    ///
    /// # Errors
    /// That they cannot be read.
    pub fn bytes(&self, folders: &Folders) -> io::Result<Option<u64>> {
        let words = self.words(folders);
        let built = words.iter().map(Path::new).find(|word| word.starts_with(&folders.target));
        let Some((program, folder)) = built.and_then(|it| Some((it, it.parent()?))) else {
            return Ok(None);
        };
        let mut bytes = program.metadata()?.len();
        for beside in std::fs::read_dir(folder)? {
            let path = beside?.path();
            if path.extension().is_some_and(|extension| extension == "so") {
                bytes += path.metadata()?.len();
            }
        }
        Ok(Some(bytes))
    }

    fn words(&self, folders: &Folders) -> Vec<String> {
        let written_out = |word: &str| {
            [("CARGO_TARGET_DIR", &folders.target), ("HERE", &folders.here)].iter().fold(
                word.to_owned(),
                |word, (name, folder)| {
                    let folder = &folder.to_string_lossy();
                    word.replace(&format!("${{{name}}}"), folder)
                        .replace(&format!("${name}"), folder)
                },
            )
        };
        self.start.split_whitespace().map(written_out).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Ask, Visit};

    fn server() -> Server {
        Server {
            name: "x".into(),
            version: "1".into(),
            language: "Rust".into(),
            build: String::new(),
            start: "RUST_LOG=warn $CARGO_TARGET_DIR/release/x --at=${HERE}/y rb4k".into(),
            ws_port_offset: 0,
            paths: vec!["/hello".into()],
            lacks: Vec::new(),
        }
    }

    #[test]
    fn a_start_is_words_with_folders_and_settings() {
        let folders = Folders { here: "/here".into(), target: "/target".into() };
        let server = server();
        let command = server.command(&folders, 4000);
        assert_eq!(command.get_program(), "/target/release/x");
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["--at=/here/y", "rb4k", "4000"]);
        assert!(command.get_envs().any(|(name, value)| {
            name == "RUST_LOG" && value.is_some_and(|value| value == "warn")
        }));
        assert!(server.has("/hello") && !server.has("/echo"));
    }

    #[test]
    fn a_server_plays_the_rows_that_it_can() {
        let get = |depth| Work::Exchange { ask: Ask::Get, connections: 1, depth };
        let visit = |visit| Work::Visits { visit, at_once: 1 };
        let can = |server: &Server| [get(1), get(16), visit(Visit::Get)].map(|it| server.can(it));
        let mut server = server();
        assert_eq!(can(&server), [true, true, true]);
        server.lacks = vec![Skill::Pipelining];
        assert_eq!(can(&server), [true, false, true]);
        server.lacks = vec![Skill::Close];
        assert_eq!(can(&server), [true, true, false]);
        assert!(!server.can(visit(Visit::Handshake)), "it has no `/echo`");
    }
}
