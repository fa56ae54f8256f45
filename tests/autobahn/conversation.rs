//! A conversation over a WebSocket as its client has it: frames in, frames out, no socket.

use crampon::protocol::websocket::deflate::{Agreement, Deflater, Inflater, Past};
use crampon::protocol::websocket::{Decoded, Decoder, Event, Fault, Role, masked};

/// Bytes of a message at the most: the suite's longest has 16 MiB.
const MESSAGE_BYTES_MAX: usize = 32 << 20;

/// A conversation that the other side will end.
pub struct Conversation {
    decoder: Decoder,
    /// What inflates their messages; what those may point back to is there if that was agreed.
    inflater: Inflater,
    past: Option<Past>,
    /// What compresses ours, if that was agreed.
    deflater: Option<Deflater>,
    is_over: bool,
}

impl Conversation {
    /// A conversation in which nobody has said anything.
    pub fn new(agreement: Option<Agreement>) -> Self {
        let decoder = Decoder::new(Role::Client, MESSAGE_BYTES_MAX);
        let theirs = agreement.map(|it| it.sent_by(Role::Server));
        Self {
            decoder: if agreement.is_some() { decoder.deflating() } else { decoder },
            inflater: Inflater::new(),
            past: theirs.filter(|it| it.takes_over).map(|it| Past::new(it.window_bits)),
            deflater: agreement.map(|it| Deflater::new(it.sent_by(Role::Client))),
            is_over: false,
        }
    }

    /// Answers what has arrived: a ping by a pong, a close by a close, a fault by the code it has,
    /// and a message by what `hear` makes of it. Returns how many bytes were understood.
    ///
    /// The rest must come again in front of what arrives next. Each call of `key` makes the
    /// masking key of one frame.
    pub fn answer(
        &mut self,
        input: &mut [u8],
        output: &mut Vec<u8>,
        mut key: impl FnMut() -> [u8; 4],
        mut hear: impl for<'a> FnMut(Event<'a>) -> Option<Event<'a>>,
    ) -> usize {
        let mut used = 0;
        while !self.is_over {
            let Self { decoder, inflater, past, deflater, .. } = self;
            let event = match decoder.decode(&mut input[used..]) {
                Ok(Decoded { consumed: 0, event: None }) => return used,
                Ok(Decoded { consumed, event }) => {
                    used += consumed;
                    inflated(event, inflater, past)
                }
                Err(fault) => Err(fault),
            };
            match event {
                Ok(None | Some(Event::Pong(_))) => {}
                Ok(Some(Event::Ping(payload))) => masked::encode_pong(output, key(), payload),
                Ok(Some(Event::Close(close))) => {
                    put_close(output, key(), close.map(|it| it.code));
                    self.is_over = true;
                }
                Ok(Some(said)) => match hear(said) {
                    Some(Event::Text(text)) => say(output, key(), deflater, true, text.as_bytes()),
                    Some(Event::Binary(bytes)) => say(output, key(), deflater, false, bytes),
                    _ => {}
                },
                Err(fault) => {
                    put_close(output, key(), Some(fault.close_code()));
                    self.is_over = true;
                }
            }
        }
        input.len()
    }
}

fn inflated<'a>(
    event: Option<Event<'a>>,
    inflater: &'a mut Inflater,
    past: &mut Option<Past>,
) -> Result<Option<Event<'a>>, Fault> {
    match event {
        Some(Event::Deflated(message)) => {
            inflater.inflate(&message, past.as_mut(), MESSAGE_BYTES_MAX).map(Some)
        }
        event => Ok(event),
    }
}

fn say(
    output: &mut Vec<u8>,
    key: [u8; 4],
    deflater: &mut Option<Deflater>,
    is_text: bool,
    payload: &[u8],
) {
    match deflater {
        Some(deflater) => deflater.encode_masked(output, key, is_text, payload),
        None => masked::encode_message(output, key, is_text, payload),
    }
}

fn put_close(output: &mut Vec<u8>, key: [u8; 4], code: Option<u16>) {
    let close = code.map(|code| (code, ""));
    masked::encode_close(output, key, close).expect("a code that came, or a fault's, may be sent");
}
