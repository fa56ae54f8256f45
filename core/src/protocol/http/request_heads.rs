//! Request heads off the front of what arrives: a server's half of RFC 9112, sections 2 to 5.
//!
//! A head is read in one pass that takes it or leaves it; what is left, the diagnosis looks at.
//! Knows no bodies: whoever reads them hands the next head in from its first byte.

use super::{
    diagnosis::request_fault,
    fault::Fault,
    field_lines::{Meant, read_field_lines},
    head_limits::HeadLimits,
    head_room::HeadRoom,
    head_search::{HeadSearch, empty_lines_bytes},
    packing::Packing,
    request_head::{FRONT_BYTES, RequestHead},
    request_line::read_request_line,
};

/// Decodes request heads from the front of a growing input.
///
/// It keeps no bytes, only how far it has looked: 8 bytes for an idle connection.
#[derive(Clone, Debug, Default)]
pub struct RequestHeads {
    search: HeadSearch,
}

impl RequestHeads {
    /// Starts before the first byte of a head.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the next head, or returns `None` until all of it has arrived.
    ///
    /// `input` is all that arrived since the last head was taken: on `None` it is handed in again
    /// with what came after it. On `Some` the number is how many of its bytes the head took, up to
    /// four empty lines before it included.
    ///
    /// # Errors
    /// The first [`Fault`] from the left, the same however the input was cut, and mostly before the
    /// rest has arrived. Refused as well: lines that end with LF alone, versions other than 1.0
    /// and 1.1, `CONNECT` (501), and targets that are neither a path nor an http address.
    pub fn decode(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<(RequestHead, usize)>, Fault> {
        self.decode_in(input, limits, &mut HeadRoom::default())
    }

    /// The same, in room that was made before.
    pub(crate) fn decode_in(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
        room: &mut HeadRoom,
    ) -> Result<Option<(RequestHead, usize)>, Fault> {
        let window = limits.window(input);
        let is_full = limits.is_full(window);
        if !self.search.is_worth_a_try(window, is_full) {
            return Ok(None);
        }
        if let Some(read) = read(window, limits, room) {
            self.search = HeadSearch::default();
            return read.map(Some);
        }
        match request_fault(window, limits) {
            Some(fault) => Err(fault),
            None if is_full => Err(Fault::HeadTooLong { max: limits.head_bytes_max }),
            None => Ok(None),
        }
    }
}

/// Reads a head that is whole and well-formed; `None` if that is not what this is.
///
/// By itself, so that what it works with stays in registers.
#[inline(never)]
fn read(
    window: &[u8],
    limits: &HeadLimits,
    room: &mut HeadRoom,
) -> Option<Result<(RequestHead, usize), Fault>> {
    let mut packing = Packing::new(room.for_input(window.len()), FRONT_BYTES);
    let start = &window[empty_lines_bytes(window)..];
    let (line, rest) = read_request_line(start, limits.target_bytes_max, &mut packing)?;
    let mut meant = Meant::new();
    let (rest, packed) = read_field_lines(rest, limits.lines_max(), packing, &mut meant)?;
    let head = RequestHead::new(&line, &meant, room, packed);
    Some(head.map(|head| (head, window.len() - rest.len())))
}
