//! The long-polling transport: the first render is the answer.

use http::StatusCode;

use super::{Answer, Event, RenderError, regular};

/// Appends the body of the answer.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    regular::render(event, out)
}

/// The answer of a poll that ended with nothing to say.
pub(super) fn empty_answer() -> Answer {
    Answer { status: StatusCode::NO_CONTENT, ..Answer::default() }
}
