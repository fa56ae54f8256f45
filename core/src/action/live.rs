//! A live session: what the host can do with one, whatever its action.

use std::time::Duration;

use super::desk::Desk;
use super::effect::{Reply, ReplyId, Timer};
use super::{Data, Drain, FinishReason, Gap, Message, Part};

/// A session whose type of action is forgotten: what the host holds.
pub(crate) trait Live {
    /// What the session rendered and asked for.
    fn desk(&mut self) -> &mut Desk;
    /// The desk, to look at.
    fn peek(&self) -> &Desk;
    /// Runs the chain of `before_start`, and if it is through, starts.
    fn begin(&mut self);
    /// Whether the action takes bodies or messages at all.
    fn takes_data(&self) -> bool;
    /// Whether the action takes a body or messages part by part.
    fn takes_parts(&self) -> bool;
    /// Hands over a whole message or body.
    fn receive(&mut self, data: Data<'_>);
    /// Hands over a part of one.
    fn receive_part(&mut self, part: Part<'_>);
    /// Whether published messages are heard by callbacks, and not passed straight on.
    fn hears(&self) -> bool;
    /// Hands over a published message; if its id is a cursor, what is rendered for it carries it.
    fn hear(&mut self, message: &Message, has_cursor: bool);
    /// Renders a published message as it is.
    fn pass_on(&mut self, message: &Message, has_cursor: bool);
    /// Adds a published message to the answer of a poll, encoded as an item of it.
    fn pass_on_item(&mut self, item: &[u8], cursor: Option<&str>);
    /// Tells the viewer that it has missed something.
    fn tell_gap(&mut self, gap: &Gap);
    /// Whether the action says where things stand when its viewer has missed something.
    fn answers_gaps(&self) -> bool;
    /// Has it say so.
    fn miss(&mut self, gap: &Gap);
    /// All that waited for the viewer has been taken.
    fn drain(&mut self);
    /// Ends a poll that has its answer, which may be of several events.
    fn finish_batch(&mut self);
    /// Runs what waits for a timer.
    fn expire(&mut self, timer: Timer);
    /// Brings back what deferred work came to.
    fn reply(&mut self, id: ReplyId, reply: Reply);
    /// Ends the session from outside; no callback runs after this but `on_finish`.
    fn end(&mut self, reason: FinishReason);
    /// Ends a poll that has nothing to say.
    fn time_out(&mut self);
    /// Runs `on_stop`, once: the server stops, and the session is to end.
    fn hear_of_stop(&mut self);
    /// Says goodbye in the transport's way because the server stops.
    fn stop(&mut self, why: Drain, retry: Duration);
    /// Ends a stream that its viewer is to continue after `retry`; a socket is told why by a code
    /// and its words.
    fn shed(&mut self, retry: Duration, close: Option<(u16, &str)>, reason: FinishReason);
    /// Ends the session because it has asked for more than it may.
    fn overdo(&mut self, why: &str);
    /// Whether the action had started.
    fn has_started(&self) -> bool;
    /// Whether there is an `on_finish` to run.
    fn has_farewell(&self) -> bool;
    /// Runs `on_finish`, if the action had started; the last call.
    fn farewell(&mut self);
}

/// How much of its lifecycle a session runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// All of it.
    #[default]
    Full,
    /// `before_start`, `on_data`, and then it finishes: the upstream half by POST.
    Upstream,
    /// `before_start` and the head: HEAD on a stream.
    HeadOnly,
    /// A service: no request, no wire.
    Service,
}
