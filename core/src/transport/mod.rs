//! The same action on five wires: pure encoders, one file each.

/// The wire an action speaks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One answer, as HTTP has always had them.
    Regular,
    /// A response that arrives chunk by chunk (RFC 9112, section 7.1).
    Chunked,
    /// Server-Sent Events (WHATWG HTML, section 9.2).
    Sse,
    /// A request that waits until there is something to say.
    LongPolling,
    /// A WebSocket (RFC 6455).
    Websocket,
}
