//! Sockets, time and threads on one loop.
