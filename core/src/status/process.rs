//! What the process takes of its machine, by the names that all exporters use.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// What the process takes, as far as the system says so without delay.
///
/// It is read on the loop: from `/proc`, which is memory and no disk, in some microseconds. On
/// another thread it would wait for one where all are stuck, and that is when it is asked for.
pub(super) struct Process {
    /// Processor time used, by all threads.
    pub busy: Duration,
    /// Bytes of memory that are resident.
    pub resident_bytes: Option<u64>,
    /// File descriptors that are open; Linux tells from 6.2 on.
    pub files: Option<u64>,
    /// File descriptors that may be.
    pub files_max: Option<u64>,
}

impl Process {
    pub fn look() -> Self {
        let busy = clock_gettime(ClockId::ProcessCPUTime);
        let seconds = u64::try_from(busy.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(busy.tv_nsec).unwrap_or(0);
        Self {
            busy: Duration::new(seconds, nanos),
            resident_bytes: resident_bytes(),
            files: std::fs::metadata("/proc/self/fd").ok().map(|it| it.len()).filter(|it| *it > 0),
            files_max: getrlimit(Resource::Nofile).current,
        }
    }
}

/// The second number of `/proc/self/statm`, which counts pages (proc_pid_statm(5)).
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_knows_what_it_takes() {
        let process = Process::look();
        assert!(process.busy > Duration::ZERO);
        assert!(process.resident_bytes.is_some_and(|bytes| bytes > 100_000));
        assert!(process.files.is_none_or(|files| files >= 3), "the standard ones are open");
    }
}
