//! An ear: all that a server sends on one connection, judged as it comes (RFC 9112, RFC 6455,
//! WHATWG HTML).

use std::collections::VecDeque;

use super::frames::{Frame, Said};
use super::{Framed, Head, chunks, inflate};

/// What was asked, as far as its answer depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// HEAD: the answer has no body.
    pub is_head: bool,
    /// The answer may be 101.
    pub is_upgrade: bool,
    /// The answer may begin with 100.
    pub expects: bool,
}

impl Asked {
    /// GET, and whatever is answered the same.
    pub const PLAIN: Self = Self { is_head: false, is_upgrade: false, expects: false };
}

/// One thing that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// `100 Continue`.
    Continue,
    /// A head that is no interim one.
    Head(u16),
    /// A whole body, or what there was of one that ends with the connection.
    Body(Vec<u8>),
    /// A message or a control frame of a WebSocket.
    Socket(Said),
}

/// Judges what one connection carries.
pub struct Ear {
    /// What was asked and has still to be answered; `None` when nobody can say what was asked.
    asked: Option<VecDeque<Asked>>,
    bytes: Vec<u8>,
    stage: Stage,
    begun: Option<Begun>,
    /// Messages may be compressed, and what those before them said, if they may point into that.
    compression: Option<Option<Vec<u8>>>,
    heard: Vec<Heard>,
}

/// A message of which not all has come.
struct Begun {
    is_text: bool,
    is_compressed: bool,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before a head, or in it.
    Head,
    /// In a body of so many bytes, after which the connection may end.
    Length { bytes: usize, is_last: bool },
    /// In a body of chunks.
    Chunks { is_last: bool },
    /// In a body that ends with the connection.
    UntilClose { is_events: bool },
    /// In a WebSocket.
    Socket,
    /// Nothing may follow.
    Over,
}

impl Ear {
    /// An ear that is told what is asked.
    pub fn new() -> Self {
        Self {
            asked: Some(VecDeque::new()),
            bytes: Vec::new(),
            stage: Stage::Head,
            begun: None,
            compression: None,
            heard: Vec::new(),
        }
    }

    /// An ear of one who sends what may be no request at all, and never HEAD.
    pub fn of_a_stranger() -> Self {
        Self { asked: None, ..Self::new() }
    }

    /// Notes that something was asked.
    pub fn ask(&mut self, what: Asked) {
        if let Some(asked) = &mut self.asked {
            asked.push_back(what);
        }
    }

    /// Takes what arrived and says what it completed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Heard>, String> {
        self.bytes.extend_from_slice(bytes);
        while self.step().map_err(|error| {
            let rest = &self.bytes[..self.bytes.len().min(300)];
            format!("{error}, in front of `{}`", rest.escape_ascii())
        })? {}
        Ok(std::mem::take(&mut self.heard))
    }

    /// Hears that the connection has ended, in good order or by a reset.
    ///
    /// # Errors
    /// If what lasts as long as the connection was cut in the middle.
    pub fn end(&mut self, was_cut: bool) -> Result<(), String> {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        let rest = std::mem::take(&mut self.bytes);
        match stage {
            Stage::UntilClose { is_events: true } if !was_cut && !rest.is_empty() => {
                Err(format!("a stream ends inside a line: `{}`", rest.escape_ascii()))
            }
            Stage::Head if !was_cut && !rest.is_empty() => {
                Err(format!("the connection ends in a head: `{}`", rest.escape_ascii()))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is in the middle of a stream, or a socket.
    pub fn is_in_stream(&self) -> bool {
        matches!(self.stage, Stage::UntilClose { .. } | Stage::Socket | Stage::Chunks { .. })
    }

    /// Whether nothing may follow.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Whether it is a WebSocket.
    pub fn is_socket(&self) -> bool {
        self.stage == Stage::Socket
    }

    /// Whether it is a WebSocket on which messages may be compressed.
    pub fn may_compress(&self) -> bool {
        self.is_socket() && self.compression.is_some()
    }

    /// Whether something asked has still to be answered.
    pub fn is_owed(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| !asked.is_empty())
    }

    fn step(&mut self) -> Result<bool, String> {
        match self.stage {
            Stage::Head => self.take_head(),
            Stage::Length { bytes, .. } if self.bytes.len() < bytes => Ok(false),
            Stage::Length { bytes, is_last } => {
                let body = self.bytes.drain(..bytes).collect();
                self.finish(body, is_last);
                Ok(true)
            }
            Stage::Chunks { is_last } => {
                let Some((body, bytes, _)) = chunks(&self.bytes)? else { return Ok(false) };
                self.bytes.drain(..bytes);
                self.finish(body, is_last);
                Ok(true)
            }
            Stage::UntilClose { is_events: true } => self.take_lines(),
            Stage::UntilClose { is_events: false } => {
                self.bytes.clear();
                Ok(false)
            }
            Stage::Socket => self.take_frame(),
            Stage::Over if self.bytes.is_empty() => Ok(false),
            Stage::Over => Err("something follows the end".into()),
        }
    }

    fn take_head(&mut self) -> Result<bool, String> {
        let Some(head) = Head::read(&self.bytes)? else { return Ok(false) };
        if self.bytes.starts_with(b"\r") {
            return Err("an answer begins with an empty line".into());
        }
        let (version, status) = head.status_line()?;
        if version != "HTTP/1.1" {
            return Err(format!("an answer is of {version}"));
        }
        let says_close = head.says("connection", "close");
        let unasked = Asked { is_upgrade: self.asked.is_none(), ..Asked::PLAIN };
        let asked = self.asked.as_ref().map(|asked| asked.front().copied());
        if status == 100 {
            if asked.flatten().is_some_and(|asked| !asked.expects) {
                return Err("nobody waits to be told to continue".into());
            }
            let bytes = head.bytes;
            self.bytes.drain(..bytes);
            self.heard.push(Heard::Continue);
            return Ok(true);
        }
        if asked == Some(None) && !(says_close && status >= 400) {
            return Err(format!("nothing was asked, and the answer is {status}"));
        }
        let asked = asked.flatten().unwrap_or(unasked);
        let framed = head.framed()?;
        let is_bodiless = asked.is_head || matches!(status, 204 | 304);
        let is_events =
            head.values("content-type").iter().any(|value| value.starts_with(b"text/event-stream"));
        let next = match framed {
            _ if status == 101 && !asked.is_upgrade => return Err("nobody asked for 101".into()),
            Framed::None if status == 101 => Stage::Socket,
            _ if status < 200 => return Err(format!("an answer is {status}")),
            Framed::Length(_) | Framed::Chunked if status == 204 => {
                return Err("an answer without a body is framed".into());
            }
            // It may have been too late for the server to know that HEAD was asked.
            _ if asked.is_head && says_close => Stage::UntilClose { is_events: false },
            _ if is_bodiless && says_close => Stage::Over,
            _ if is_bodiless => Stage::Head,
            Framed::Length(bytes) => {
                let bytes = usize::try_from(bytes).map_err(|error| error.to_string())?;
                Stage::Length { bytes, is_last: says_close }
            }
            Framed::Chunked => Stage::Chunks { is_last: says_close },
            Framed::None if says_close => Stage::UntilClose { is_events },
            Framed::None => return Err("an answer has no end".into()),
        };
        let extensions = head.values("sec-websocket-extensions").concat();
        let compresses = extensions.starts_with(b"permessage-deflate");
        let is_anew = extensions.windows(26).any(|it| it == b"server_no_context_takeover");
        self.compression = compresses.then(|| (!is_anew).then(Vec::new));
        let bytes = head.bytes;
        self.bytes.drain(..bytes);
        if let Some(asked) = &mut self.asked {
            asked.pop_front();
        }
        self.heard.push(Heard::Head(status));
        self.stage = next;
        Ok(true)
    }

    fn finish(&mut self, body: Vec<u8>, is_last: bool) {
        self.heard.push(Heard::Body(body));
        self.stage = if is_last { Stage::Over } else { Stage::Head };
    }

    /// A line of an event stream; ours end with LF.
    fn take_lines(&mut self) -> Result<bool, String> {
        let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') else {
            return Ok(false);
        };
        let line = std::str::from_utf8(&self.bytes[..end]).map_err(|error| error.to_string())?;
        let field = line.split(':').next().unwrap_or_default();
        let is_known = matches!(field, "" | "data" | "event" | "id" | "retry");
        if !is_known || line.contains(['\r', '\0']) {
            return Err(format!("a line of a stream is `{line}`"));
        }
        self.bytes.drain(..=end);
        Ok(true)
    }

    fn take_frame(&mut self) -> Result<bool, String> {
        let Some((frame, bytes)) = Frame::read(&self.bytes)? else { return Ok(false) };
        let is_control = frame.opcode >= 8;
        let is_continued = self.begun.is_some();
        let may_be_compressed = matches!(frame.opcode, 1 | 2) && self.compression.is_some();
        let is_compressed = frame.reserved == 4 && may_be_compressed;
        let is_right = (frame.reserved == 0 || is_compressed)
            && !frame.is_masked
            && match frame.opcode {
                0 => is_continued,
                1 | 2 => !is_continued,
                8..=10 => frame.is_final && frame.payload.len() <= 125,
                _ => false,
            };
        if !is_right {
            return Err(format!("a frame of opcode {} may not come now", frame.opcode));
        }
        self.bytes.drain(..bytes);
        if is_control {
            let said = match frame.opcode {
                8 => Said::Close(read_close(&frame.payload)?),
                9 => Said::Ping(frame.payload),
                _ => Said::Pong(frame.payload),
            };
            if matches!(said, Said::Close(_)) {
                self.stage = Stage::Over;
            }
            self.heard.push(Heard::Socket(said));
            return Ok(true);
        }
        let is_text = frame.opcode == 1;
        let begun = Begun { is_text, is_compressed, bytes: Vec::new() };
        self.begun.get_or_insert(begun).bytes.extend(frame.payload);
        if frame.is_final {
            let Begun { is_text, is_compressed, bytes } =
                self.begun.take().expect("it was begun just above");
            let whole = if is_compressed { self.inflate(&bytes)? } else { bytes };
            let said = match is_text {
                true => Said::Text(String::from_utf8(whole).map_err(|error| error.to_string())?),
                false => Said::Binary(whole),
            };
            self.heard.push(Heard::Socket(said));
        }
        Ok(true)
    }

    /// A message that came compressed (RFC 7692, section 7.2.2).
    fn inflate(&mut self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let ended = [bytes, &[0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]].concat();
        let past = self.compression.as_mut().and_then(Option::as_mut);
        let before = past.as_deref().map_or(&[][..], Vec::as_slice);
        let (whole, _) = inflate(&ended, before, usize::MAX / 2)?;
        if let Some(past) = past {
            past.extend_from_slice(&whole);
        }
        Ok(whole)
    }
}

impl Default for Ear {
    fn default() -> Self {
        Self::new()
    }
}

fn read_close(payload: &[u8]) -> Result<Option<(u16, String)>, String> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err("a close has half a code".into()) };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(format!("a close has the code {code}"));
    }
    let reason = String::from_utf8(reason.to_vec()).map_err(|error| error.to_string())?;
    Ok(Some((code, reason)))
}
