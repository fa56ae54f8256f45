//! Request heads off the front of what arrives: a server's half of RFC 9112, sections 2 to 5.
//!
//! The tokens are `httparse`'s; the strictness is ours. Knows no bodies: whoever reads them hands
//! the next head in from its first byte.

use std::mem::MaybeUninit;

use httparse::{Header, Request, Status};

use super::{
    diagnosis::{METHOD_BYTES_MAX, request_fault},
    fault::{Fault, excerpt},
    head_limits::{HEADERS_CEILING, HeadLimits},
    head_search::{HeadSearch, empty_lines_bytes, ends_lines_with_cr_lf},
    request_head::RequestHead,
    target::Target,
    version::Version,
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
        self.decode_in(input, limits, &mut Box::default())
    }

    /// The same, and a head is kept in the block `spare` if that has the size.
    pub(crate) fn decode_in(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
        spare: &mut Box<[u8]>,
    ) -> Result<Option<(RequestHead, usize)>, Fault> {
        let window = limits.window(input);
        let is_full = limits.is_full(window);
        if !self.search.is_worth_a_try(window, is_full) {
            return Ok(None);
        }
        let start = empty_lines_bytes(window);
        let mut slots = [const { MaybeUninit::<Header<'_>>::uninit() }; HEADERS_CEILING];
        let mut request = Request::new(&mut []);
        let tokens =
            request.parse_with_uninit_headers(&window[start..], &mut slots[..limits.slots()]);
        if let Ok(Status::Complete(length)) = tokens
            && let Some(head) = strict(&request, &window[start..start + length], limits, spare)
        {
            self.search = HeadSearch::default();
            return Ok(Some((head?, start + length)));
        }
        match request_fault(window, limits) {
            Some(fault) => Err(fault),
            None if is_full => Err(Fault::HeadTooLong { max: limits.head_bytes_max }),
            None if tokens == Ok(Status::Partial) => Ok(None),
            None => Err(Fault::Method(excerpt(window))),
        }
    }
}

/// Makes a head of its tokens, or returns `None` if they hide what only the tokenizer lets pass.
fn strict(
    request: &Request<'_, '_>,
    head: &[u8],
    limits: &HeadLimits,
    spare: &mut Box<[u8]>,
) -> Option<Result<RequestHead, Fault>> {
    let (method, target) = (request.method?, Target::new(request.path?));
    let is_sound = head.starts_with(method.as_bytes())
        && method.len() <= METHOD_BYTES_MAX
        && target.text().len() <= limits.target_bytes_max
        && target.is_sound()
        && ends_lines_with_cr_lf(head, request.headers.len() + 2);
    let version = Version::of_minor(request.version?);
    is_sound.then(|| RequestHead::new(method, target, version, request.headers, spare))
}
