//! How the messages to one viewer are compressed: what was agreed with it, and what that takes.

use crate::protocol::websocket::Role;
use crate::protocol::websocket::deflate::{Agreement, Deflater, Direction};

/// What a WebSocket's wire has if compression was agreed on.
#[derive(Debug)]
pub(crate) struct Deflating {
    pub agreement: Agreement,
    /// Where in what is rendered the messages begin, behind the head.
    pub frames_at: u32,
    /// Its own, if its messages point back to those before them; made for the first.
    own: Option<Box<Deflater>>,
}

impl Deflating {
    pub fn new(agreement: Agreement) -> Self {
        Self { agreement, frames_at: 0, own: None }
    }

    /// What was agreed for the messages we send.
    pub fn direction(&self) -> Direction {
        self.agreement.sent_by(Role::Server)
    }

    /// The deflater that knows what was said before; `None` if none is to know.
    pub fn own(&mut self) -> Option<&mut Deflater> {
        let direction = self.direction();
        if !direction.takes_over {
            return None;
        }
        Some(self.own.get_or_insert_with(|| Box::new(Deflater::new(direction))))
    }
}
