//! What a server does for the process when it is all of it: descriptors, signals, the log.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_mio::v1_0::Signals;

/// Raises the limit of open files to its hard value, and says what it is now; `None` is no limit.
pub(super) fn raise_descriptor_limit() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!("the limit of open files stays as it is: {error}");
            current
        }
    }
}

/// SIGINT and SIGTERM as a source of the loop.
pub(super) fn signals() -> io::Result<Signals> {
    Signals::new([SIGINT, SIGTERM])
}

/// Has `tracing` write to standard error, unless the process has a subscriber.
///
/// `RUST_LOG` filters it; without it everything from `info` up is written.
#[cfg(feature = "log")]
pub(super) fn install_log() {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;

    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // An error means that there is a subscriber, which is as well.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}

#[cfg(not(feature = "log"))]
pub(super) fn install_log() {}
