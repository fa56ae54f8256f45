//! The ways to ask for the same: what a client of each kind sends.

use crampon_tests::Request;

/// A way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A WebSocket that speaks `crampon.event.v1`, compressed if the house does.
    Socket,
    /// An event stream.
    Events,
    /// A poll, answered with one event.
    Poll,
    /// A poll, answered with all there is as JSON.
    Batch,
    /// A poll that does not wait.
    Glance,
}

pub const WAYS: [Way; 5] = [Way::Socket, Way::Events, Way::Poll, Way::Batch, Way::Glance];

impl Way {
    /// The request of one who has heard so far.
    pub fn request(self, route: &str, cursor: &str) -> Vec<u8> {
        let request = match (self, cursor) {
            (Self::Socket, "") => Request::upgrade(route, &["crampon.event.v1"]),
            (Self::Socket, cursor) => {
                let target = format!("{route}?last-event-id={cursor}");
                Request::upgrade(&target, &["crampon.event.v1"])
            }
            (Self::Events, _) => Request::get(route).header("accept", "text/event-stream"),
            (Self::Batch, _) => Request::get(route).header("accept", "application/json"),
            (Self::Poll | Self::Glance, _) => Request::get(route),
        };
        let request = match self {
            Self::Socket => request.header("sec-websocket-extensions", "permessage-deflate"),
            _ if cursor.is_empty() => request,
            Self::Glance => request.header("if-none-match", &format!("\"{cursor}\"")),
            _ => request.header("last-event-id", cursor),
        };
        request.bytes()
    }

    /// The statuses of answers in order.
    pub fn statuses(self) -> &'static [u16] {
        match self {
            Self::Socket => &[101],
            Self::Events => &[200],
            Self::Poll | Self::Batch => &[200, 204],
            // A glance without a cursor is a poll.
            Self::Glance => &[200, 204, 304],
        }
    }

    pub fn is_poll(self) -> bool {
        matches!(self, Self::Poll | Self::Batch | Self::Glance)
    }

    /// Whether an answer is the data of one event.
    pub fn is_raw(self) -> bool {
        matches!(self, Self::Poll | Self::Glance)
    }
}
