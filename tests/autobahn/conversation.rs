//! A conversation over a WebSocket as its client has it: frames in, frames out, no socket.

use crampon::protocol::websocket::{Decoded, Decoder, Event, Role, masked};

/// Bytes of a message at the most: the suite's longest has 16 MiB.
const MESSAGE_BYTES_MAX: usize = 32 << 20;

/// A conversation that the other side will end.
pub struct Conversation {
    decoder: Decoder,
}

impl Conversation {
    /// A conversation in which nobody has said anything.
    pub fn new() -> Self {
        Self { decoder: Decoder::new(Role::Client, MESSAGE_BYTES_MAX) }
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
        loop {
            // After a close or a fault the decoder takes what comes and makes nothing of it, so
            // what answers those is the last that is said.
            let event = match self.decoder.decode(&mut input[used..]) {
                Ok(Decoded { consumed: 0, event: None }) => return used,
                Ok(Decoded { consumed, event }) => {
                    used += consumed;
                    event
                }
                Err(fault) => {
                    put_close(output, key(), Some(fault.close_code()));
                    None
                }
            };
            match event {
                Some(Event::Close(close)) => put_close(output, key(), close.map(|it| it.code)),
                Some(Event::Ping(payload)) => masked::encode_pong(output, key(), payload),
                Some(Event::Pong(_)) | None => {}
                Some(said) => match hear(said) {
                    Some(Event::Text(text)) => masked::encode_text(output, key(), text),
                    Some(Event::Binary(bytes)) => masked::encode_binary(output, key(), bytes),
                    _ => {}
                },
            }
        }
    }
}

fn put_close(output: &mut Vec<u8>, key: [u8; 4], code: Option<u16>) {
    let close = code.map(|code| (code, ""));
    masked::encode_close(output, key, close).expect("a code that came, or a fault's, may be sent");
}
