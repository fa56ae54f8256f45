//! The long-polling transport: the first render is the answer.

use super::{Event, RenderError, regular};

/// Appends the body of the answer.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    regular::render(event, out)
}
