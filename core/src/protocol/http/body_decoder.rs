//! Bodies as they arrive: by length, in chunks, or up to the end (RFC 9112, sections 6 and 7).

use super::{
    body_length::{BodyLength, ResponseBody},
    chunk_decoder::ChunkDecoder,
    fault::Fault,
};

/// A step through a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyPart<'a> {
    /// Bytes of the input that are dealt with.
    pub consumed: usize,
    /// Data among them; may be empty while chunks are announced.
    pub data: &'a [u8],
    /// Whether the body has ended: the byte after `consumed` begins the next message.
    pub is_done: bool,
}

/// Decodes one body, part by part, without a copy.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    stage: Stage,
    budget: Budget,
}

#[derive(Clone, Debug)]
enum Stage {
    Length { remaining: u64 },
    Chunked(ChunkDecoder),
    UntilClose,
}

/// How much data came, and how much may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) received: u64,
    pub(super) max: u64,
}

impl Budget {
    pub(super) fn room(&self) -> u64 {
        self.max - self.received
    }
}

impl BodyDecoder {
    /// Prepares for a body of this length.
    ///
    /// # Errors
    /// [`Fault::BodyTooLong`] at once if the length announced is over `body_bytes_max`.
    pub fn new(length: BodyLength, body_bytes_max: u64) -> Result<Self, Fault> {
        Self::response(ResponseBody::Framed(length), body_bytes_max)
    }

    /// Prepares for the body of a response, which may end with the connection.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn response(body: ResponseBody, body_bytes_max: u64) -> Result<Self, Fault> {
        let stage = match body {
            ResponseBody::Framed(BodyLength::None) => Stage::Length { remaining: 0 },
            ResponseBody::Framed(BodyLength::Length(length)) => {
                if length > body_bytes_max {
                    return Err(Fault::BodyTooLong { max: body_bytes_max });
                }
                Stage::Length { remaining: length }
            }
            ResponseBody::Framed(BodyLength::Chunked) => Stage::Chunked(ChunkDecoder::new()),
            ResponseBody::UntilClose => Stage::UntilClose,
        };
        Ok(Self { stage, budget: Budget { received: 0, max: body_bytes_max } })
    }

    /// Takes the next part from the front of the input.
    ///
    /// Call it again with the rest until it consumes nothing: then it needs more, or is done.
    ///
    /// # Errors
    /// A [`Fault`] of the chunks or [`Fault::BodyTooLong`]; never before the data that precedes it
    /// has been returned.
    pub fn decode<'a>(&mut self, input: &'a [u8]) -> Result<BodyPart<'a>, Fault> {
        let budget = &mut self.budget;
        let data = match &mut self.stage {
            Stage::Chunked(chunks) => return chunks.decode(input, budget),
            Stage::Length { remaining } => {
                let data = up_to(input, *remaining);
                *remaining -= data.len() as u64;
                data
            }
            Stage::UntilClose if budget.room() == 0 && !input.is_empty() => {
                return Err(Fault::BodyTooLong { max: budget.max });
            }
            Stage::UntilClose => up_to(input, budget.room()),
        };
        budget.received += data.len() as u64;
        Ok(BodyPart { consumed: data.len(), data, is_done: self.is_done() })
    }

    /// Whether all of the body came; never of one that ends with the connection.
    pub fn is_done(&self) -> bool {
        match &self.stage {
            Stage::Length { remaining } => *remaining == 0,
            Stage::Chunked(chunks) => chunks.is_done(),
            Stage::UntilClose => false,
        }
    }

    /// Hears that the input has ended.
    ///
    /// # Errors
    /// [`Fault::BodyCut`] or [`Fault::ChunksCut`] if the body had not.
    pub fn finish(&self) -> Result<(), Fault> {
        let got = self.budget.received;
        match &self.stage {
            Stage::Length { remaining: 0 } | Stage::UntilClose => Ok(()),
            Stage::Length { remaining } => Err(Fault::BodyCut { got, expected: got + remaining }),
            Stage::Chunked(chunks) if chunks.is_done() => Ok(()),
            Stage::Chunked(_) => Err(Fault::ChunksCut { got }),
        }
    }
}

/// The front of the input, no longer than this.
pub(super) fn up_to(input: &[u8], bytes_max: u64) -> &[u8] {
    let length = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(input.len());
    &input[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LIMIT: u64 = u64::MAX;

    #[test]
    fn a_body_of_known_length_ends_with_its_last_byte() {
        let mut body = BodyDecoder::new(BodyLength::Length(5), NO_LIMIT).unwrap();
        let part = |consumed, data, is_done| Ok(BodyPart { consumed, data, is_done });
        assert_eq!(body.decode(b"hel"), part(3, b"hel", false));
        assert_eq!(body.finish(), Err(Fault::BodyCut { got: 3, expected: 5 }));
        assert_eq!(body.decode(b""), part(0, b"", false));
        assert_eq!(body.decode(b"loGET"), part(2, b"lo", true));
        assert_eq!(body.decode(b"GET"), part(0, b"", true));
        assert_eq!(body.finish(), Ok(()));
    }

    #[test]
    fn no_body_is_done_before_it_begins() {
        for length in [BodyLength::None, BodyLength::Length(0)] {
            let mut body = BodyDecoder::new(length, 0).unwrap();
            assert!(body.is_done());
            assert_eq!(body.finish(), Ok(()));
            let nothing = BodyPart { consumed: 0, data: &b""[..], is_done: true };
            assert_eq!(body.decode(b"GET"), Ok(nothing));
        }
    }

    #[test]
    fn a_body_too_long_is_refused_before_it_is_sent() {
        assert!(BodyDecoder::new(BodyLength::Length(5), 5).is_ok());
        let refusal = BodyDecoder::new(BodyLength::Length(6), 5).unwrap_err();
        assert_eq!((refusal.status(), refusal), (413, Fault::BodyTooLong { max: 5 }));
    }

    #[test]
    fn a_body_may_last_as_long_as_the_connection() {
        let mut body = BodyDecoder::response(ResponseBody::UntilClose, 5).unwrap();
        let part = |consumed, data| Ok(BodyPart { consumed, data, is_done: false });
        assert_eq!(body.decode(b"hel"), part(3, b"hel"));
        assert_eq!(body.finish(), Ok(()));
        assert_eq!(body.decode(b"lo world"), part(2, b"lo"));
        assert_eq!(body.decode(b" world"), Err(Fault::BodyTooLong { max: 5 }));
    }
}
