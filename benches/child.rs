//! A server in a process of its own, on a core of its own.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Command, Stdio};
use std::time::Duration;

/// A running server; dropped, it is ended.
pub struct Child {
    process: process::Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Child {
    /// Starts this program in another role on the servers' core, and waits until it listens.
    ///
    /// # Errors
    /// When `taskset` cannot be run, or the server does not say where it listens.
    pub fn start(arguments: &[&str]) -> io::Result<Self> {
        Self::start_logging(arguments, Stdio::inherit())
    }

    /// The same with a log of its own, which is what it writes to standard error.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_logging(arguments: &[&str], log: impl Into<Stdio>) -> io::Result<Self> {
        let mut process = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut says = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        says.read_line(&mut line)?;
        let address = line.trim().parse().map_err(|error| {
            io::Error::other(format!("`{line}` is not the address of a server: {error}"))
        })?;
        Ok(Self { process, address })
    }

    /// The processor time its one thread has used.
    ///
    /// # Errors
    /// That it has ended.
    pub fn cpu(&self) -> io::Result<Duration> {
        let path = format!("/proc/{}/schedstat", self.process.id());
        let stat = std::fs::read_to_string(path)?;
        let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
        Ok(Duration::from_nanos(nanos.expect("the first number is the time on the processor")))
    }

    /// Bytes of memory it has resident.
    ///
    /// # Errors
    /// That it has ended.
    pub fn resident_bytes(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kib.expect("a running process has a resident set") * 1024)
    }

    /// File descriptors it has open.
    ///
    /// # Errors
    /// That it has ended.
    pub fn open_files(&self) -> io::Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.process.id()))?.count())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The core of the servers; the scripts that start these programs keep the load on another.
const SERVER_CORE: &str = "0";
