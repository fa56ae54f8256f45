//! The server.
mod hub;
mod limits;
mod outbox;
