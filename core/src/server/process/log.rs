//! The log of a server that is the whole process: lines on standard error, while it takes them.
//!
//! A disk that is full, a reader that has gone or one that does not read costs lines and nothing
//! else. When the log takes lines again, the first says how many were lost.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::panic;
use std::sync::Once;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Says something on standard error, if it takes it: there is nobody else to tell.
pub(crate) fn say(text: &impl Display) {
    let _ = write!(StandardError, "{text}");
}

/// Has panics be told as ever, but not where standard error takes nothing: whoever told it there
/// would hold the loop until somebody reads.
pub(crate) fn tell_panics_while_it_is_read() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if takes_something() {
                tell(panicked);
            }
        }));
    });
}

/// Standard error, which is not waited for: what it does not take at once is an error.
///
/// It stays as it is, for it may be shared: other processes do not expect it not to block.
struct StandardError;

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !takes_something() {
            return Err(ErrorKind::WouldBlock.into());
        }
        io::stderr().write(&bytes[..bytes.len().min(PIPE_BUF)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether standard error takes [`PIPE_BUF`] bytes, or says at once that it cannot.
fn takes_something() -> bool {
    let stderr = io::stderr();
    let mut asked = [PollFd::new(&stderr, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // Who cannot be asked is a file, and never waits.
    poll(&mut asked, Some(&at_once)).map_or(true, |ready| ready > 0)
}

/// Bytes that a pipe takes whole if it takes any (pipe(7)); elsewhere the least that POSIX has.
const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Has `tracing` write to standard error, unless the process has a subscriber.
///
/// `RUST_LOG` filters it; without it everything from `info` up is written.
#[cfg(feature = "log")]
pub(crate) fn install() {
    use std::io::IsTerminal;
    use std::sync::atomic::AtomicU64;

    use tracing_subscriber::EnvFilter;

    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lost: &'static AtomicU64 = Box::leak(Box::default());
    // An error means that there is a subscriber, which is as well.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || Lines { out: StandardError, lost })
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // It would say on standard error that standard error takes nothing, and panic over that.
        .log_internal_errors(false)
        .try_init();
}

#[cfg(not(feature = "log"))]
pub(crate) fn install() {}

/// Lines on their way to where they are kept; those it does not take are counted.
#[cfg(feature = "log")]
struct Lines<W> {
    out: W,
    lost: &'static std::sync::atomic::AtomicU64,
}

#[cfg(feature = "log")]
impl<W: Write> Write for Lines<W> {
    /// Writes a line, whole or not at all as far as that can be seen; it never fails.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        use std::sync::atomic::Ordering::Relaxed;

        let lost = self.lost.load(Relaxed);
        let notice = match lost {
            0 => String::new(),
            lost => format!("{lost} lines of the log were lost: it took none\n"),
        };
        let written = self.out.write_all(notice.as_bytes());
        match written.and_then(|()| self.out.write_all(line)) {
            Ok(()) => drop(self.lost.fetch_sub(lost, Relaxed)),
            Err(_) => drop(self.lost.fetch_add(1, Relaxed)),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What cannot be flushed is counted with the next line.
        let _ = self.out.flush();
        Ok(())
    }
}

#[cfg(all(test, feature = "log"))]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// A disk that is full, or not.
    #[derive(Default)]
    struct Disk {
        is_full: bool,
        text: String,
    }

    impl Write for &mut Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.is_full {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.text.push_str(std::str::from_utf8(bytes).expect("lines are text"));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_full_disk_does_not_take_is_counted_and_told_when_it_does() {
        let mut disk = Disk::default();
        let lost: &'static AtomicU64 = Box::leak(Box::default());
        for (is_full, line) in
            [(false, "1\n"), (true, "2\n"), (true, "3\n"), (false, "4\n"), (false, "5\n")]
        {
            disk.is_full = is_full;
            let written = Lines { out: &mut disk, lost }.write(line.as_bytes());
            assert_eq!(written.ok(), Some(2), "who logs is not told");
        }
        assert_eq!(disk.text, "1\n2 lines of the log were lost: it took none\n4\n5\n");
    }
}
