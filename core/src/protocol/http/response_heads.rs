//! Response heads off the front of what arrives: a client's half of RFC 9112, sections 2 to 5.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Response, Status};

use super::{
    diagnosis::response_fault,
    fault::{Fault, excerpt},
    head_limits::{HEADERS_CEILING, HeadLimits},
    head_search::{HeadSearch, empty_lines_bytes, ends_lines_with_cr_lf},
    response_head::ResponseHead,
    version::Version,
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
        let start = empty_lines_bytes(window);
        let mut slots = [const { MaybeUninit::<Header<'_>>::uninit() }; HEADERS_CEILING];
        let mut response = Response::new(&mut []);
        let tokens = ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            &window[start..],
            &mut slots[..limits.slots()],
        );
        if let Ok(Status::Complete(length)) = tokens
            && let Some(head) = strict(&response, &window[start..start + length])
        {
            self.search = HeadSearch::default();
            return Ok(Some((head?, start + length)));
        }
        match response_fault(window, limits) {
            Some(fault) => Err(fault),
            None if is_full => Err(Fault::HeadTooLong { max: limits.head_bytes_max }),
            None if tokens == Ok(Status::Partial) => Ok(None),
            None => Err(Fault::StatusLine(excerpt(window))),
        }
    }
}

/// Makes a head of its tokens, or returns `None` if they hide what only the tokenizer lets pass.
fn strict(response: &Response<'_, '_>, head: &[u8]) -> Option<Result<ResponseHead, Fault>> {
    let is_sound = head.starts_with(b"HTTP/")
        && response.code? >= 100
        && ends_lines_with_cr_lf(head, response.headers.len() + 2);
    let version = Version::of_minor(response.version?);
    let status = response.code?;
    is_sound.then(|| ResponseHead::new(status, version, response.headers))
}
