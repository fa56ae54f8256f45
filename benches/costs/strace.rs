//! What strace noted: the calls of the system that a part of a run made.

use std::collections::BTreeMap;

use crate::house::MARK;

/// Calls of the system.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many there were of each, but for waits.
    by_name: BTreeMap<String, u64>,
    /// How often the selector was asked for events.
    pub waits: u64,
}

impl Calls {
    /// Counts the calls of each part of a trace. Those by which the subject hears what to do next
    /// and says that it has done so are none of its own.
    pub fn read(trace: &str) -> Vec<Self> {
        let mark = format!("write(1, \"{}\"", char::from(MARK));
        let mut parts = vec![Self::default()];
        for line in trace.lines() {
            // "4711 sendto(8, ...) = 127"
            let call = line.trim_start_matches(|at: char| at.is_ascii_digit()).trim_start();
            if call.starts_with(&mark) {
                parts.push(Self::default());
            }
            if call.starts_with("read(0,") || call.starts_with("write(1,") {
                continue;
            }
            let Some((name, _)) = call.split_once('(') else { continue };
            let is_name = |at: char| at.is_ascii_alphanumeric() || at == '_';
            if !name.chars().all(is_name) {
                continue;
            }
            let part = parts.last_mut().expect("there is always one");
            match name {
                "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => part.waits += 1,
                _ => *part.by_name.entry(name.to_owned()).or_default() += 1,
            }
        }
        parts
    }

    /// All but the waits.
    pub fn count(&self) -> u64 {
        self.by_name.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_counted_part_by_part() {
        let trace = r#"12 execve("subject", ["subject"], 0x7ffe /* 20 vars */) = 0
12 write(1, "127.0.0.1:4000 x86_64\n", 22) = 22
12 read(0, "m", 8192)                   = 1
12 write(1, "m", 1)                     = 1
12 read(0, "t", 8192)                   = 1
12 epoll_wait(3, [{events=EPOLLIN}], 1024, 1000) = 1
12 recvfrom(8, "\201\205", 262144, 0, NULL, NULL) = 131
12 sendto(8, "m", 1, MSG_NOSIGNAL, NULL, 0) = 1
12 recvfrom(9, 0x7f, 262144, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
12 write(1, "t", 1)                     = 1
12 read(0, "m", 8192)                   = 1
12 write(1, "m", 1)                     = 1
12 read(0, "", 8192)                    = 0
12 +++ exited with 0 +++
"#;
        let parts = Calls::read(trace);
        let counts: Vec<_> = parts.iter().map(|part| (part.count(), part.waits)).collect();
        assert_eq!(counts, [(1, 0), (3, 1), (0, 0)]);
    }
}
