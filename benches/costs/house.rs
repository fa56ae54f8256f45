//! The subject in a process of its own, under the eyes of a counter, and turned by hand.
//!
//! Its loop turns only when told to, so what it finds in a turn is all that was sent before it.
//! Who is faster, and who else uses the machine, changes nothing of what is counted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Who counts.
#[derive(Clone, Copy)]
pub enum Counter {
    /// Instructions, and calls of who hands out memory.
    Callgrind,
    /// Calls of the system.
    Strace,
}

/// A running subject; dropped, it is ended.
pub struct House {
    process: Child,
    /// Where it reads its next step; none once it is to end.
    steps: Option<ChildStdin>,
    done: BufReader<ChildStdout>,
    /// When it is given up.
    deadline: Instant,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it takes the processor for.
    pub processor: String,
}

impl House {
    /// Starts the subject in a role, counted into `notes`, and waits until it listens.
    ///
    /// # Errors
    /// When the counter or the subject is not there, or does not say where it listens.
    pub fn open(subject: &Path, role: &[&str], counter: Counter, notes: &Path) -> io::Result<Self> {
        let mut command = counter.command(notes);
        command.arg(subject).args(role).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| {
            let name = command.get_program().to_string_lossy().into_owned();
            io::Error::new(error.kind(), format!("`{name}` cannot be started: {error}"))
        })?;
        let steps = process.stdin.take();
        let mut done = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        done.read_line(&mut line)?;
        let greeting = line.trim().split_once(' ');
        let greeting = greeting.and_then(|(at, processor)| Some((at.parse().ok()?, processor)));
        let Some((address, processor)) = greeting else {
            let said = format!("`{}` said `{line}`, and not where it listens", subject.display());
            return Err(io::Error::other(said));
        };
        let (processor, deadline) = (processor.to_owned(), Instant::now() + LIFE_MAX);
        Ok(Self { process, steps, done, deadline, address, processor })
    }

    /// Turns its loop once, which waits a second for something to do.
    ///
    /// # Errors
    /// That it has ended, or is older than any of this takes.
    pub fn turn(&mut self) -> io::Result<()> {
        if Instant::now() > self.deadline {
            let late = format!("the subject still owes something after {LIFE_MAX:?}");
            return Err(io::Error::new(io::ErrorKind::TimedOut, late));
        }
        self.step(TURN)
    }

    /// Begins a new part of what the counter notes.
    ///
    /// # Errors
    /// That it has ended.
    pub fn mark(&mut self) -> io::Result<()> {
        self.step(MARK)
    }

    fn step(&mut self, step: u8) -> io::Result<()> {
        let steps = self.steps.as_mut().expect("it has not been closed");
        steps.write_all(&[step])?;
        self.done.read_exact(&mut [0])
    }

    /// Lets it end, and its counter write down the rest.
    ///
    /// # Errors
    /// That it ended otherwise than it should.
    pub fn close(mut self) -> io::Result<()> {
        self.steps = None;
        let status = self.process.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("the subject ended with {status}")))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Counter {
    /// What runs a program and counts into `notes`.
    fn command(self, notes: &Path) -> Command {
        match self {
            Self::Callgrind => {
                let mut command = Command::new("valgrind");
                command
                    .env("GLIBC_TUNABLES", BY_VECTORS)
                    .args(["--tool=callgrind", "--quiet", "--compress-strings=no"])
                    .args(["--toggle-collect=costs_subject::turn*"])
                    .args(["--dump-before=costs_subject::mark*"])
                    .arg(format!("--callgrind-out-file={}", notes.display()));
                command
            }
            Self::Strace => {
                let mut command = Command::new("strace");
                command.args(["-f", "-o"]).arg(notes);
                command
            }
        }
    }
}

/// Has the C library copy and clear long blocks by vectors. Callgrind counts an instruction that is
/// repeated for each byte as often, though it is the faster way: a copy would outweigh all else.
const BY_VECTORS: &str = "glibc.cpu.hwcaps=-ERMS";

/// How the subject is told to turn its loop.
const TURN: u8 = b't';

/// How the subject is told to begin a new part, and how it says that it has.
pub const MARK: u8 = b'm';

/// How long a subject may live: many times what the slowest takes on a busy machine.
const LIFE_MAX: Duration = Duration::from_secs(180);
