//! The closing handshake as data (RFC 6455, section 7.1): where it stands, and what moves it.
//!
//! How long the other side may take to answer is not known here.

/// How far two peers are in closing their WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Closing {
    /// Nobody has said anything of closing.
    #[default]
    Open,
    /// We sent a close frame and wait for theirs; what else arrives until then still counts.
    CloseSent,
    /// They sent a close frame and wait for ours.
    CloseReceived,
    /// Both have spoken; the server now closes the connection, the client waits for that.
    Closed,
}

/// What moves a [`Closing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Our close frame went out.
    Sent,
    /// A close frame of theirs came in.
    Received,
}

impl Closing {
    /// Where the handshake stands after `moment`; what is repeated changes nothing.
    #[must_use]
    pub fn after(self, moment: Moment) -> Self {
        match (self, moment) {
            (Self::Open | Self::CloseSent, Moment::Sent) => Self::CloseSent,
            (Self::Open | Self::CloseReceived, Moment::Received) => Self::CloseReceived,
            (Self::CloseReceived, Moment::Sent)
            | (Self::CloseSent, Moment::Received)
            | (Self::Closed, _) => Self::Closed,
        }
    }

    /// Whether frames may still be sent: none may follow our own close frame.
    pub fn may_send(self) -> bool {
        matches!(self, Self::Open | Self::CloseReceived)
    }

    /// Whether a close frame is owed: theirs came, ours has not gone out.
    pub fn owes_close(self) -> bool {
        self == Self::CloseReceived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_close_frames_close_in_either_order() {
        use Closing::*;
        use Moment::*;
        for (before, moment, after) in [
            (Open, Sent, CloseSent),
            (Open, Received, CloseReceived),
            (CloseSent, Received, Closed),
            (CloseReceived, Sent, Closed),
            (CloseSent, Sent, CloseSent),
            (CloseReceived, Received, CloseReceived),
            (Closed, Sent, Closed),
            (Closed, Received, Closed),
        ] {
            assert_eq!(before.after(moment), after, "{before:?} after {moment:?}");
        }
    }

    #[test]
    fn nothing_is_sent_after_our_close_frame() {
        let sending = [Closing::Open, Closing::CloseReceived];
        let silent = [Closing::CloseSent, Closing::Closed];
        assert!(sending.iter().all(|closing| closing.may_send()));
        assert!(!silent.iter().any(|closing| closing.may_send()));
    }

    #[test]
    fn only_a_close_frame_that_came_first_is_owed_an_answer() {
        assert!(Closing::CloseReceived.owes_close());
        for closing in [Closing::Open, Closing::CloseSent, Closing::Closed] {
            assert!(!closing.owes_close(), "{closing:?}");
        }
    }
}
