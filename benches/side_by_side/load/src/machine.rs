//! The two cores: who runs where, and how busy they are.

use std::io;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{ClockId, CpuSet, sched_setaffinity};
use rustix::time::clock_gettime;

/// The core of the servers.
pub const SERVER_CORE: usize = 0;

/// The core of the load.
pub const LOAD_CORE: usize = 1;

/// Has this thread, and what it starts from now on, run on one core.
///
/// # Errors
/// That there is no such core.
pub fn stay_on(core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Lets this process, and what it starts, have as many descriptors as it may.
///
/// # Errors
/// What the system says.
pub fn raise_descriptors() -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

/// Processor time this thread has used.
pub fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// For how long the servers' core has worked, for whomever; and was kept from it by other machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Core {
    pub busy: Duration,
    pub stolen: Duration,
}

impl Core {
    /// The state of the servers' core.
    ///
    /// # Errors
    /// That it cannot be read.
    pub fn of_servers() -> io::Result<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        Self::read(&stat, SERVER_CORE).ok_or_else(|| io::Error::other("`/proc/stat` is odd"))
    }

    /// Reads it from `/proc/stat` (proc(5)).
    fn read(stat: &str, core: usize) -> Option<Self> {
        let name = format!("cpu{core} ");
        let line = stat.lines().find_map(|line| line.strip_prefix(&name))?;
        let ticks: Vec<u64> = line.split(' ').filter_map(|ticks| ticks.parse().ok()).collect();
        let [user, nice, system, _idle, _waiting, irq, softirq, stolen, ..] = ticks[..] else {
            return None;
        };
        let busy = TICK * (user + nice + system + irq + softirq) as u32;
        Some(Self { busy, stolen: TICK * stolen as u32 })
    }
}

/// The unit of `/proc/stat`, whatever the kernel's own is.
const TICK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_all_but_idle_and_stolen() {
        let stat =
            "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 20 30 4000 50 6 7 8 0 0\ncpu1 1 1 1 1 1 1 1 1\n";
        let core = Core { busy: TICK * 163, stolen: TICK * 8 };
        assert_eq!(Core::read(stat, 0), Some(core));
        assert_eq!(Core::read(stat, 2), None);
    }
}
