//! Frames and messages of a WebSocket (RFC 6455, sections 5, 7 and 8).

/// One frame, its payload unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it ends its message.
    pub is_final: bool,
    /// The three reserved bits.
    pub reserved: u8,
    /// What it is.
    pub opcode: u8,
    /// Whether it was masked.
    pub is_masked: bool,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// What a peer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// The close frame, with its code and reason.
    Close(Option<(u16, String)>),
}

/// How a row of frames ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Between two messages, perhaps inside a frame's header.
    Open,
    /// In the middle of something that is right so far as it goes.
    Inside,
    /// With a close frame, and so many bytes before what follows it.
    Closed(usize),
    /// With a fault, to be closed with this code.
    Wrong(u16),
}

impl Frame {
    /// Reads the frame in front and its length; `None` if its end is not there.
    ///
    /// # Errors
    /// If its length is not in the shortest form.
    pub fn read(input: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let Some(header) = input.first_chunk::<2>() else { return Ok(None) };
        let is_masked = header[1] & 0x80 != 0;
        let (mut at, length) = match header[1] & 0x7f {
            126 => match input.get(2..4) {
                Some(bytes) => (4, u64::from(u16::from_be_bytes([bytes[0], bytes[1]]))),
                None => return Ok(None),
            },
            127 => match input.get(2..10) {
                Some(bytes) => (10, u64::from_be_bytes(bytes.try_into().expect("they are eight"))),
                None => return Ok(None),
            },
            length => (2, u64::from(length)),
        };
        let shortest = if length < 126 {
            2
        } else if length < 65_536 {
            4
        } else {
            10
        };
        if at != shortest || length >= 1 << 63 {
            return Err(format!("a payload of {length} bytes has a header of {at}"));
        }
        let mut key = [0; 4];
        if is_masked {
            let Some(bytes) = input.get(at..at + 4) else { return Ok(None) };
            key.copy_from_slice(bytes);
            at += 4;
        }
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length));
        let Some(bytes) = end.and_then(|end| input.get(at..end)) else { return Ok(None) };
        let unmasked = bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key);
        let frame = Self {
            is_final: header[0] & 0x80 != 0,
            reserved: header[0] >> 4 & 7,
            opcode: header[0] & 0x0f,
            is_masked,
            payload: unmasked.collect(),
        };
        Ok(Some((frame, at + bytes.len())))
    }

    /// What is wrong with it by itself, as the code to close with.
    fn fault(&self, is_from_client: bool) -> Option<u16> {
        let is_control = self.opcode >= 8;
        let is_known = matches!(self.opcode, 0..=2 | 8..=10);
        let is_whole = !is_control || self.is_final && self.payload.len() <= 125;
        let is_right =
            self.reserved == 0 && is_known && is_whole && self.is_masked == is_from_client;
        (!is_right).then_some(1002)
    }
}

/// Reads all frames there are as messages, up to the end, a close frame or a fault.
pub fn messages(input: &[u8], is_from_client: bool, bytes_max: usize) -> (Vec<Said>, Ending) {
    let (mut said, mut at) = (Vec::new(), 0);
    let mut begun: Option<(bool, Vec<u8>)> = None;
    loop {
        let (frame, bytes) = match Frame::read(&input[at..]) {
            Ok(Some(read)) => read,
            Ok(None) if begun.is_some() || at < input.len() => return (said, Ending::Inside),
            Ok(None) => return (said, Ending::Open),
            Err(_) => return (said, Ending::Wrong(1002)),
        };
        at += bytes;
        if let Some(code) = frame.fault(is_from_client) {
            return (said, Ending::Wrong(code));
        }
        match (frame.opcode, &mut begun) {
            (0, None) | (1 | 2, Some(_)) => return (said, Ending::Wrong(1002)),
            (0, Some((_, whole))) => whole.extend(&frame.payload),
            (1 | 2, None) => begun = Some((frame.opcode == 1, frame.payload.clone())),
            (8, _) => match close(&frame.payload) {
                Ok(close) => {
                    said.push(Said::Close(close));
                    return (said, Ending::Closed(at));
                }
                Err(code) => return (said, Ending::Wrong(code)),
            },
            (9, _) => said.push(Said::Ping(frame.payload)),
            _ => said.push(Said::Pong(frame.payload)),
        }
        if begun.as_ref().is_some_and(|(_, whole)| whole.len() > bytes_max) {
            return (said, Ending::Wrong(1009));
        }
        if begun.as_ref().is_some_and(|(is_text, whole)| *is_text && is_never_text(whole)) {
            return (said, Ending::Wrong(1007));
        }
        if frame.opcode < 8
            && frame.is_final
            && let Some((is_text, whole)) = begun.take()
        {
            match String::from_utf8(whole) {
                Ok(text) if is_text => said.push(Said::Text(text)),
                Err(_) if is_text => return (said, Ending::Wrong(1007)),
                Ok(text) => said.push(Said::Binary(text.into_bytes())),
                Err(error) => said.push(Said::Binary(error.into_bytes())),
            }
        }
    }
}

/// Whether no text begins like this.
fn is_never_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some())
}

fn close(payload: &[u8]) -> Result<Option<(u16, String)>, u16> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(1002) };
    };
    let code = u16::from_be_bytes(*code);
    match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => {
            let reason = String::from_utf8(reason.to_vec()).map_err(|_| 1007_u16)?;
            Ok(Some((code, reason)))
        }
        _ => Err(1002),
    }
}
