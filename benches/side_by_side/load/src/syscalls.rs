//! The system calls of a server, counted by `strace -c`, which makes it slow meanwhile.

use std::fs;
use std::io::{self, ErrorKind};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;

/// A trace that runs.
pub struct Trace {
    strace: Child,
    path: String,
}

/// System calls for a unit: the total, and each that matters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Calls {
    pub total: f64,
    pub by_name: Vec<(String, f64)>,
}

impl Trace {
    /// Counts the calls of a process and its threads from now on.
    ///
    /// # Errors
    /// That there is no `strace`, or it may not look.
    pub fn attach(process: u32) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("side-by-side-{}.strace", std::process::id()));
        let path = path.to_string_lossy().into_owned();
        let strace = Command::new("strace")
            .args(["-c", "-f", "-q", "-o", &path, "-p", &process.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| io::Error::other(format!("`strace`: {error}")))?;
        let began = Instant::now();
        while !is_traced(process)? {
            if began.elapsed() > ATTACH_TIMEOUT {
                return Err(io::Error::new(ErrorKind::TimedOut, "`strace` does not attach"));
            }
            std::thread::sleep(ATTACH_LOOK);
        }
        Ok(Self { strace, path })
    }

    /// Stops counting.
    ///
    /// # Errors
    /// That `strace` did not say what it counted.
    pub fn end(mut self, units: u64) -> io::Result<Calls> {
        kill_process(Pid::from_child(&self.strace), Signal::INT)?;
        self.strace.wait()?;
        let summary = fs::read_to_string(&self.path)?;
        let _ = fs::remove_file(&self.path);
        Ok(Calls::read(&summary, units))
    }
}

impl Calls {
    /// Reads the table that `strace -c` writes.
    fn read(summary: &str, units: u64) -> Self {
        let rows = summary.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, _, _, calls, .., name] = words[..] else { return None };
            let calls: u64 = calls.parse().ok()?;
            (name != "total").then(|| (name.to_owned(), calls as f64 / units.max(1) as f64))
        });
        let mut by_name: Vec<_> = rows.collect();
        by_name.sort_by(|one, other| other.1.total_cmp(&one.1));
        let total = by_name.iter().map(|(_, calls)| calls).sum();
        by_name.retain(|(_, calls)| *calls >= WORTH_TELLING);
        Self { total, by_name }
    }
}

impl std::fmt::Display for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}:", self.total)?;
        self.by_name.iter().try_for_each(|(name, calls)| write!(f, " {name} {calls:.3}"))
    }
}

/// Calls for a unit that are worth telling.
const WORTH_TELLING: f64 = 0.004;

fn is_traced(process: u32) -> io::Result<bool> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    Ok(tracer.is_some_and(|tracer| tracer.trim() != "0"))
}

/// How long `strace` may take to attach, and how often it is looked whether it has.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(5);
const ATTACH_LOOK: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_for_each_unit() {
        let summary = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           6      2000           sendto
 39.00    0.000390           3      2000       100 recvfrom
  1.00    0.000010           1        50           epoll_wait
  0.00    0.000000           1         1           brk
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000           4      4051       100 total
";
        let calls = Calls::read(summary, 2000);
        assert_eq!(calls.to_string(), "2.026: sendto 1.000 recvfrom 1.000 epoll_wait 0.025");
    }
}
