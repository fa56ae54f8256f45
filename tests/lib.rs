//! Support for the tests over real sockets.
