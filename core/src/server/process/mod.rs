//! What a server does for the process when it is all of it: descriptors and signals.

pub mod banner;
pub mod log;
pub mod supervisor;

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
