//! What a decoder keeps while a message, or a frame, has arrived in part.
//!
//! The places grow with the bytes that arrive, never with those that a header merely announces.

use super::header::Header;
use super::utf8::Pieces;
use super::{Deflated, Event, Fault, Opcode, mask};

/// A message that has begun and is not over, a frame cut off by the end of the input, or both.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// The frame whose payload is still to come.
    frame: Option<Frame>,
    message: Option<Message>,
    /// A control frame in parts; it may come between the fragments of the message.
    control: Option<Control>,
}

/// The rest of a payload.
#[derive(Debug)]
struct Frame {
    is_control: bool,
    is_final: bool,
    key: Option<[u8; 4]>,
    left: usize,
}

/// A data message so far.
#[derive(Debug)]
pub(super) struct Message {
    /// Bytes that the headers of its frames have announced.
    pub announced: usize,
    /// Its frames so far.
    pub fragments: u32,
    is_over: bool,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text {
        pieces: Pieces,
        text: String,
    },
    Binary(Vec<u8>),
    /// As it was sent; it is inflated by others.
    Deflated {
        is_text: bool,
        has_begun: bool,
        bytes: Vec<u8>,
    },
}

#[derive(Debug)]
struct Control {
    opcode: Opcode,
    payload: Vec<u8>,
}

/// What came of some bytes.
pub(super) enum Step<'a> {
    /// Nothing yet.
    More,
    /// An event that lies in the input.
    Ready(Event<'a>),
    /// The message collected here is whole.
    Message,
    /// The control frame collected here is whole.
    Control(Opcode),
}

impl Step<'_> {
    /// Whether the peer has said its last word.
    pub fn is_close(&self) -> bool {
        matches!(self, Self::Ready(Event::Close(_)) | Self::Control(Opcode::Close))
    }
}

impl Unfinished {
    /// Whether the next bytes are payload, not a header.
    pub fn is_inside_frame(&self) -> bool {
        self.frame.is_some()
    }

    /// The message that is not over, if there is one.
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Bytes of heap in use for payloads.
    pub fn collected_bytes(&self) -> usize {
        let message = self.message.as_ref().map_or(0, |message| match &message.content {
            Content::Text { text, .. } => text.capacity(),
            Content::Binary(bytes) | Content::Deflated { bytes, .. } => bytes.capacity(),
        });
        message + self.control.as_ref().map_or(0, |control| control.payload.capacity())
    }

    /// Drops what was handed out; returns whether nothing is left.
    pub fn forget_delivered(&mut self) -> bool {
        if self.frame.is_none() {
            self.control = None;
        }
        self.message.take_if(|message| message.is_over);
        self.frame.is_none() && self.message.is_none()
    }

    /// Begins a frame that may come here.
    pub fn open(&mut self, header: &Header, payload_bytes: usize) {
        let opcode = header.opcode;
        if opcode.is_control() {
            self.control = Some(Control { opcode, payload: Vec::new() });
        } else {
            let message = self.message.get_or_insert_with(|| Message::new(header));
            message.announced += payload_bytes;
            message.fragments = message.fragments.saturating_add(1);
        }
        self.frame = Some(Frame {
            is_control: opcode.is_control(),
            is_final: header.is_final,
            key: header.key,
            left: payload_bytes,
        });
    }

    /// Takes what there is of the frame's payload from the front of `input`.
    pub fn take<'a>(
        &mut self,
        input: &'a mut [u8],
        is_streaming: bool,
    ) -> Result<(usize, Step<'a>), Fault> {
        let Some(frame) = &mut self.frame else { return Ok((0, Step::More)) };
        let (is_control, is_final) = (frame.is_control, frame.is_final);
        let piece = frame.take(input);
        let is_frame_over = frame.left == 0;
        if is_frame_over {
            self.frame = None;
        }
        let step = match (&mut self.control, &mut self.message) {
            (Some(control), _) if is_control => {
                control.payload.extend_from_slice(piece);
                if is_frame_over { Step::Control(control.opcode) } else { Step::More }
            }
            (_, Some(message)) => {
                message.is_over = is_frame_over && is_final;
                if is_streaming { message.pass(piece)? } else { message.collect(piece)? }
            }
            _ => Step::More,
        };
        Ok((piece.len(), step))
    }

    /// The event that the last step collected.
    pub fn event(&self) -> Result<Option<Event<'_>>, Fault> {
        if let Some(control) = &self.control {
            return Event::control(control.opcode, &control.payload).map(Some);
        }
        Ok(self.message.as_ref().map(|message| match &message.content {
            Content::Text { text, .. } => Event::Text(text),
            Content::Binary(bytes) => Event::Binary(bytes),
            Content::Deflated { is_text, bytes, .. } => {
                let (is_text, is_first, is_last) = (*is_text, true, true);
                Event::Deflated(Deflated { bytes, is_text, is_first, is_last })
            }
        }))
    }
}

impl Frame {
    /// Unmasks what `input` has of the payload, and counts it off.
    fn take<'a>(&mut self, input: &'a mut [u8]) -> &'a mut [u8] {
        let bytes = self.left.min(input.len());
        let piece = &mut input[..bytes];
        if let Some(key) = self.key {
            mask::apply(key, piece);
            self.key = Some(mask::after(key, bytes));
        }
        self.left -= bytes;
        piece
    }
}

impl Message {
    fn new(header: &Header) -> Self {
        let is_text = header.opcode == Opcode::Text;
        let content = match (header.is_deflated, is_text) {
            (true, _) => Content::Deflated { is_text, has_begun: false, bytes: Vec::new() },
            (_, true) => Content::Text { pieces: Pieces::default(), text: String::new() },
            (_, false) => Content::Binary(Vec::new()),
        };
        Self { announced: 0, fragments: 0, is_over: false, content }
    }

    pub fn is_deflated(&self) -> bool {
        matches!(self.content, Content::Deflated { .. })
    }

    /// Adds a piece to what is collected.
    fn collect<'a>(&mut self, piece: &[u8]) -> Result<Step<'a>, Fault> {
        match &mut self.content {
            Content::Text { pieces, text } => {
                let added = pieces.add(piece)?;
                text.extend(added.character);
                text.push_str(added.text);
            }
            Content::Binary(bytes) | Content::Deflated { bytes, .. } => {
                bytes.extend_from_slice(piece);
            }
        }
        self.end_if_over()?;
        Ok(if self.is_over { Step::Message } else { Step::More })
    }

    /// Hands a piece on as it is.
    fn pass<'a>(&mut self, piece: &'a [u8]) -> Result<Step<'a>, Fault> {
        if piece.is_empty() && !self.is_over {
            return Ok(Step::More);
        }
        let is_text = match &mut self.content {
            Content::Text { pieces, .. } => pieces.add(piece).map(|_| true)?,
            Content::Binary(_) => false,
            Content::Deflated { is_text, has_begun, .. } => {
                let (is_text, is_first) = (*is_text, !std::mem::replace(has_begun, true));
                let is_last = self.is_over;
                let part = Deflated { bytes: piece, is_text, is_first, is_last };
                return Ok(Step::Ready(Event::Deflated(part)));
            }
        };
        self.end_if_over()?;
        Ok(Step::Ready(Event::Part { bytes: piece, is_text, is_last: self.is_over }))
    }

    fn end_if_over(&self) -> Result<(), Fault> {
        match &self.content {
            Content::Text { pieces, .. } if self.is_over => pieces.end(),
            _ => Ok(()),
        }
    }
}
