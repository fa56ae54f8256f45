//! The wire protocols, sans-IO: bytes in, events out, in both roles.
//!
//! Nothing here knows a socket or a clock. Each codec is told what arrived and says what it means,
//! and its counterpart for the other side of the connection stands beside it.

pub mod http;
pub mod sse;
pub mod websocket;
