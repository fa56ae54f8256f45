//! Response heads off the front of what arrives: a client's half of RFC 9112, sections 2 to 5.

use super::{
    diagnosis::response_fault,
    fault::Fault,
    field_lines::{Meant, read_field_lines},
    head_limits::HeadLimits,
    head_room::HeadRoom,
    head_search::{HeadSearch, empty_lines_bytes},
    packing::Packing,
    response_head::ResponseHead,
    status_line::read_status_line,
};

/// Decodes response heads from the front of a growing input.
#[derive(Clone, Debug, Default)]
pub struct ResponseHeads {
    search: HeadSearch,
}

impl ResponseHeads {
    /// Starts before the first byte of a head.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the next head, or returns `None` until all of it has arrived.
    ///
    /// `input` is all that arrived since the last head was taken; on `Some` the number is how many
    /// of its bytes this head took. Interim heads (1xx) come out like any other.
    ///
    /// # Errors
    /// The first [`Fault`] from the left, the same however the input was cut. `target_bytes_max` is
    /// of no use here.
    pub fn decode(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<(ResponseHead, usize)>, Fault> {
        let window = limits.window(input);
        let is_full = limits.is_full(window);
        if !self.search.is_worth_a_try(window, is_full) {
            return Ok(None);
        }
        if let Some(read) = read(window, limits) {
            self.search = HeadSearch::default();
            return read.map(Some);
        }
        match response_fault(window, limits) {
            Some(fault) => Err(fault),
            None if is_full => Err(Fault::HeadTooLong { max: limits.head_bytes_max }),
            None => Ok(None),
        }
    }
}

/// Reads a head that is whole and well-formed; `None` if that is not what this is.
fn read(window: &[u8], limits: &HeadLimits) -> Option<Result<(ResponseHead, usize), Fault>> {
    let mut room = HeadRoom::default();
    let packing = Packing::new(room.for_input(window.len()), 0);
    let (line, rest) = read_status_line(&window[empty_lines_bytes(window)..])?;
    let mut meant = Meant::new();
    let (rest, packed) = read_field_lines(rest, limits.lines_max(), packing, &mut meant)?;
    let head = ResponseHead::new(&line, &meant, || room.keep(0, packed));
    Some(head.map(|head| (head, window.len() - rest.len())))
}
