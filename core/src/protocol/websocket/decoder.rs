//! Frames into messages (RFC 6455, sections 5 and 8.1), for either role.
//!
//! A message that is whole in the input is handed out from where it lies. Only one that arrives in
//! parts has a place of its own, for as long as it takes, so a decoder at rest owns nothing.

use super::unfinished::{Step, Unfinished};
use super::{Decoded, Deflated, Event, Fault, Opcode, Role, Whole, header::Header, mask, utf8};

/// Decodes what the other side sends.
///
/// After a close frame or a fault, what still arrives is consumed and means nothing.
#[derive(Debug)]
pub struct Decoder {
    /// 4 bytes: every idle connection has it.
    message_bytes_max: u32,
    fragments_max: u32,
    unfinished: Option<Box<Unfinished>>,
    role: Role,
    is_streaming: bool,
    deflates: bool,
    is_over: bool,
}

const _: () = assert!(size_of::<Decoder>() <= 24, "every idle connection holds one");

impl Decoder {
    /// Makes a decoder for this end of a connection; longer messages than the limit are faults, and
    /// so are those beyond 4 GiB.
    pub fn new(role: Role, message_bytes_max: usize) -> Self {
        Self {
            message_bytes_max: u32::try_from(message_bytes_max).unwrap_or(u32::MAX),
            fragments_max: u32::MAX,
            unfinished: None,
            role,
            is_streaming: false,
            deflates: false,
            is_over: false,
        }
    }

    /// Bounds the fragments of a message; without this there may be any number, for one that holds
    /// nothing makes no message longer.
    #[must_use]
    pub fn with_fragments_max(self, fragments_max: u32) -> Self {
        Self { fragments_max, ..self }
    }

    /// Yields messages in parts as they arrive, instead of collecting them.
    ///
    /// The limit still counts the whole message.
    #[must_use]
    pub fn streaming(self) -> Self {
        Self { is_streaming: true, ..self }
    }

    /// Takes compressed messages too, and yields them as they are (RFC 7692, section 6.2).
    ///
    /// What they may inflate to is for who inflates them; what arrives may be longer than the
    /// limit by as much as DEFLATE makes incompressible bytes longer.
    #[must_use]
    pub fn deflating(self) -> Self {
        Self { deflates: true, ..self }
    }

    /// Decodes from the front of `input`, where payloads are unmasked in place.
    ///
    /// One call yields at most one event. Call again with the rest until nothing is consumed, also
    /// when the rest is empty: what was collected for an event is freed in the next call.
    /// Only a header that is not whole, at most 13 bytes, is left unconsumed; it must come
    /// again in front of what arrives next.
    ///
    /// # Errors
    /// A [`Fault`] as soon as the byte that is wrong has arrived: also inside a frame for
    /// text that is not UTF-8, and at its header for a message that is too long.
    pub fn decode<'a>(&'a mut self, input: &'a mut [u8]) -> Result<Decoded<'a>, Fault> {
        self.forget_delivered();
        if self.is_over {
            return Ok(Decoded { consumed: input.len(), event: None });
        }
        let (consumed, step) = match self.step(input) {
            Ok(step) => step,
            Err(fault) => {
                self.is_over = true;
                return Err(fault);
            }
        };
        self.is_over = step.is_close();
        let event = match step {
            Step::More => None,
            Step::Ready(event) => Some(event),
            Step::Message | Step::Control(_) => match self.unfinished.as_deref() {
                Some(unfinished) => unfinished.event()?,
                None => None,
            },
        };
        Ok(Decoded { consumed, event })
    }

    /// Takes a message off the front of `input` if it lies there whole and plain, as most do.
    ///
    /// `None` says nothing about what is there, and leaves it for [`decode`](Self::decode). So does
    /// a decoder that streams, always.
    ///
    /// # Errors
    /// [`Fault::Utf8`] for text that is none.
    #[inline]
    pub fn decode_whole<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Whole<'a>>, Fault> {
        if self.unfinished.is_some() || self.is_over || self.is_streaming {
            return Ok(None);
        }
        let Some((header, header_bytes)) = Header::read_plain(input, self.role) else {
            return Ok(None);
        };
        let payload_bytes = header.payload_bytes as usize;
        let bytes = header_bytes + payload_bytes;
        if bytes > input.len() || payload_bytes > self.message_bytes_max() {
            return Ok(None);
        }
        let (frame, rest) = std::mem::take(input).split_at_mut(bytes);
        *input = rest;
        let payload = &mut frame[header_bytes..];
        if let Some(key) = header.key {
            mask::apply(key, payload);
        }
        if header.opcode == Opcode::Binary {
            return Ok(Some(Whole::Binary(payload)));
        }
        match utf8::whole(payload) {
            Ok(text) => Ok(Some(Whole::Text(text))),
            Err(fault) => {
                self.is_over = true;
                Err(fault)
            }
        }
    }

    /// Whether messages may be compressed.
    pub fn deflates(&self) -> bool {
        self.deflates
    }

    /// The longest message it takes, in bytes.
    pub fn message_bytes_max(&self) -> usize {
        self.message_bytes_max as usize
    }

    /// Whether nothing has arrived in part, and it holds nothing that a new one would not.
    pub fn is_at_rest(&self) -> bool {
        self.unfinished.is_none() && !self.is_over
    }

    /// Bytes of heap in use for a message that is not whole yet; none between messages.
    pub fn collected_bytes(&self) -> usize {
        self.unfinished.as_deref().map_or(0, Unfinished::collected_bytes)
    }

    fn forget_delivered(&mut self) {
        if let Some(unfinished) = &mut self.unfinished
            && (self.is_over || unfinished.forget_delivered())
        {
            self.unfinished = None;
        }
    }

    fn step<'a>(&mut self, input: &'a mut [u8]) -> Result<(usize, Step<'a>), Fault> {
        if let Some(unfinished) = self.unfinished.as_deref_mut()
            && unfinished.is_inside_frame()
        {
            return unfinished.take(input, self.is_streaming);
        }
        let Some((header, header_bytes)) = Header::read(input, self.role, self.deflates)? else {
            return Ok((0, Step::More));
        };
        let payload_bytes = self.admit(&header)?;
        let rest = &mut input[header_bytes..];
        if payload_bytes <= rest.len() && self.is_whole(&header) {
            let payload = &mut rest[..payload_bytes];
            if let Some(key) = header.key {
                mask::apply(key, payload);
            }
            let event = whole_event(&header, payload, self.is_streaming)?;
            return Ok((header_bytes + payload_bytes, Step::Ready(event)));
        }
        let unfinished = self.unfinished.get_or_insert_default();
        unfinished.open(&header, payload_bytes);
        let (taken, step) = unfinished.take(rest, self.is_streaming)?;
        Ok((header_bytes + taken, step))
    }

    /// Whether the frame alone is all of what it belongs to.
    fn is_whole(&self, header: &Header) -> bool {
        header.is_final && header.opcode != Opcode::Continuation
    }

    /// Checks that the frame may come now and that its message is not too long, nor in too many
    /// fragments (section 5.4); returns the length of its payload.
    fn admit(&self, header: &Header) -> Result<usize, Fault> {
        let begun = self.unfinished.as_deref().and_then(Unfinished::message);
        let (so_far, is_deflated) = match (header.opcode, begun) {
            (Opcode::Continuation, None) => return Err(Fault::NothingToContinue),
            (Opcode::Continuation, Some(begun)) => {
                if begun.fragments >= self.fragments_max {
                    return Err(Fault::TooManyFragments { max: self.fragments_max });
                }
                (begun.announced, begun.is_deflated())
            }
            (opcode, Some(_)) if !opcode.is_control() => {
                return Err(Fault::MessageInMessage { opcode });
            }
            _ => (0, header.is_deflated),
        };
        let max = match is_deflated {
            true => deflated_bytes_max(self.message_bytes_max()),
            false => self.message_bytes_max(),
        };
        let bytes = header.payload_bytes.saturating_add(so_far as u64);
        match usize::try_from(bytes) {
            Ok(bytes) if bytes <= max || header.opcode.is_control() => Ok(bytes - so_far),
            _ => Err(Fault::MessageTooLong { bytes, max }),
        }
    }
}

/// Bytes that a message of so many may have when it is compressed.
///
/// The bound of zlib for all its settings: blocks as short as 63 bytes stored as they are, with a
/// bit for each byte.
fn deflated_bytes_max(message_bytes_max: usize) -> usize {
    let longer = message_bytes_max / 8 + message_bytes_max / 64 + 64;
    message_bytes_max.saturating_add(longer)
}

/// The event of a frame that arrived whole and stands alone, still in the input.
fn whole_event<'a>(
    header: &Header,
    payload: &'a [u8],
    is_streaming: bool,
) -> Result<Event<'a>, Fault> {
    let is_text = header.opcode == Opcode::Text;
    if header.opcode.is_control() {
        Event::control(header.opcode, payload)
    } else if header.is_deflated {
        let (is_first, is_last) = (true, true);
        Ok(Event::Deflated(Deflated { bytes: payload, is_text, is_first, is_last }))
    } else if is_streaming {
        if is_text {
            utf8::whole(payload)?;
        }
        Ok(Event::Part { bytes: payload, is_text, is_last: true })
    } else if is_text {
        utf8::whole(payload).map(Event::Text)
    } else {
        Ok(Event::Binary(payload))
    }
}
