//! Why an accept has failed: whether that concerns one connection, or all that will come.

use std::io;

use rustix::io::Errno;

/// Whether an error of accept concerns only the connection that was first in the row, so that the
/// next may be taken at once.
///
/// Linux hands over what befell a connection while it waited (accept(2)), and a firewall's refusal
/// too: to rest then would let one peer keep all others waiting. Any other error means that the
/// system has no room (EMFILE, ENFILE, ENOBUFS, ENOMEM), or is one nobody knows a remedy for.
pub(crate) fn concerns_one(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    errno.is_some_and(|errno| OF_ONE.contains(&errno))
        || matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::Interrupted
        )
}

/// Whether an error of accept means that no descriptor is left, to the process or to the system.
pub(crate) fn is_of_descriptors(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    errno.is_some_and(|errno| [Errno::MFILE, Errno::NFILE].contains(&errno))
}

const OF_ONE: [Errno; 12] = [
    Errno::CONNABORTED,
    Errno::CONNRESET,
    Errno::HOSTDOWN,
    Errno::HOSTUNREACH,
    Errno::INTR,
    Errno::NETDOWN,
    Errno::NETUNREACH,
    Errno::NOPROTOOPT,
    Errno::OPNOTSUPP,
    Errno::PERM,
    Errno::PROTO,
    Errno::TIMEDOUT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_befell_one_connection_holds_up_no_other() {
        for (errno, is_of_one) in [
            (Errno::CONNABORTED, true),
            (Errno::INTR, true),
            (Errno::PROTO, true),
            (Errno::PERM, true),
            (Errno::NETUNREACH, true),
            (Errno::MFILE, false),
            (Errno::NFILE, false),
            (Errno::NOBUFS, false),
            (Errno::NOMEM, false),
            (Errno::BADF, false),
        ] {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(concerns_one(&error), is_of_one, "{error}");
        }
        assert!(concerns_one(&io::ErrorKind::Interrupted.into()));
    }
}
