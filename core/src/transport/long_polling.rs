//! The long-polling transport: the first render is the answer, or a batch of all that are.

use super::{Event, RenderError, envelope, regular};

/// Appends the body of the answer.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    regular::render(event, out)
}

/// Appends an item of a batch; nothing for a comment or a retry time.
pub(super) fn render_item(
    event: &Event<'_>,
    is_first: bool,
    out: &mut Vec<u8>,
) -> Result<(), RenderError> {
    if event.payload.says_nothing() {
        return Ok(());
    }
    let start = out.len();
    separate(is_first, out);
    envelope::encode(event, out).inspect_err(|_| out.truncate(start))
}

/// Appends what stands before an item of a batch.
pub(super) fn separate(is_first: bool, out: &mut Vec<u8>) {
    if !is_first {
        out.push(b',');
    }
}

/// Makes the items of a batch the array they are: all of `out`.
pub(super) fn enclose(out: &mut Vec<u8>) {
    out.insert(0, b'[');
    out.push(b']');
}
