//! What a guest makes of the bytes it is sent, as strictly as the codecs are.

use crampon::protocol::http::{BodyDecoder, HeadLimits, Method, ResponseHead, ResponseHeads};
use crampon::protocol::sse;
use crampon::protocol::websocket::{self, Event, Role};

use crate::kind::Way;

/// Something a guest has heard.
pub enum Heard {
    /// A head that agrees, a message, an event, a part of a body.
    Something,
    /// A ping, which is to be answered by the same bytes.
    Ping(Vec<u8>),
    /// A close frame.
    Close,
    /// An answer is whole; the connection ends if the server said so.
    Answer { keeps_alive: bool },
}

/// Listens to one connection.
pub struct Ear {
    way: Way,
    stage: Stage,
    /// Where one who polls goes on.
    pub cursor: String,
}

enum Stage {
    Head(ResponseHeads),
    Frames(websocket::Decoder),
    Events(BodyDecoder, sse::Decoder),
    Body { decoder: BodyDecoder, keeps_alive: bool },
}

impl Ear {
    /// Expects the answer to what asks for `way`.
    pub fn new(way: Way) -> Self {
        Self { way, stage: Stage::Head(ResponseHeads::new()), cursor: String::new() }
    }

    /// Takes what it can from the front of `input`, and returns the next thing it makes of that.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn hear(&mut self, input: &mut Vec<u8>) -> Result<Option<Heard>, String> {
        loop {
            let (used, heard) = self.step(input)?;
            input.drain(..used);
            if heard.is_some() || used == 0 {
                return Ok(heard);
            }
        }
    }

    fn step(&mut self, input: &mut [u8]) -> Result<(usize, Option<Heard>), String> {
        match &mut self.stage {
            Stage::Head(heads) => {
                let decoded = heads.decode(input, &HeadLimits::default());
                let Some((head, used)) = decoded.map_err(|fault| fault.to_string())? else {
                    return Ok((0, None));
                };
                self.open(&head)?;
                Ok((used, Some(Heard::Something)))
            }
            Stage::Frames(decoder) => {
                let decoded = decoder.decode(input).map_err(|fault| fault.to_string())?;
                let heard = decoded.event.map(|event| match event {
                    Event::Ping(payload) => Heard::Ping(payload.to_vec()),
                    Event::Close(_) => Heard::Close,
                    _ => Heard::Something,
                });
                Ok((decoded.consumed, heard))
            }
            Stage::Events(body, events) => {
                let part = body.decode(input).map_err(|fault| fault.to_string())?;
                let items = events.feed(part.data).map_err(|fault| fault.to_string())?;
                Ok((part.consumed, (!items.is_empty()).then_some(Heard::Something)))
            }
            Stage::Body { decoder, keeps_alive } => {
                let part = decoder.decode(input).map_err(|fault| fault.to_string())?;
                let used = part.consumed;
                if part.is_done {
                    let keeps_alive = *keeps_alive;
                    self.stage = Stage::Head(ResponseHeads::new());
                    return Ok((used, Some(Heard::Answer { keeps_alive })));
                }
                Ok((used, (used > 0).then_some(Heard::Something)))
            }
        }
    }

    /// Reads the head of an answer, and listens to what follows it.
    fn open(&mut self, head: &ResponseHead) -> Result<(), String> {
        let status = head.status().as_u16();
        let is_expected = match self.way {
            Way::Socket => status == 101,
            Way::Poll => status == 200 || status == 204,
            _ => status == 200,
        };
        if !is_expected {
            return Err(format!("an answer with status {status}"));
        }
        if let Some(cursor) = head.header_text("last-event-id") {
            cursor.clone_into(&mut self.cursor);
        }
        if self.way == Way::Socket {
            let decoder = websocket::Decoder::new(Role::Client, BYTES_MAX);
            let is_compressed = head.header("sec-websocket-extensions").is_some();
            self.stage = Stage::Frames(if is_compressed { decoder.deflating() } else { decoder });
            return Ok(());
        }
        let body = BodyDecoder::response(head.body(&Method::GET), u64::MAX);
        let decoder = body.map_err(|fault| fault.to_string())?;
        self.stage = match self.way {
            Way::Stream => Stage::Events(decoder, sse::Decoder::new(BYTES_MAX)),
            _ => Stage::Body { decoder, keeps_alive: head.keeps_alive() },
        };
        Ok(())
    }
}

/// Bytes of one message or event; none here has as many.
const BYTES_MAX: usize = 1 << 20;
