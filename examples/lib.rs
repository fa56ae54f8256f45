//! What every example does the same: it reads its command line.
