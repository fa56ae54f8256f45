//! The ear: the bytes of an answer into what a client of its kind hears, cut anywhere.

use crampon::protocol::http::{HeadLimits, ResponseHead, ResponseHeads};
use crampon::protocol::websocket::deflate::{Inflater, Past, WindowBits};
use crampon::protocol::websocket::{self, Role};
use serde_json::Value;

use crate::way::Way;

/// What a client hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An event; a raw poll does not learn its name.
    Event { id: Option<String>, name: Option<String>, data: String },
    /// How far it has heard, told alone.
    Position(String),
    /// A ping, for it to answer.
    Ping,
    /// The answer to a poll is over; whether the next request may follow on this connection.
    Answered { keeps_alive: bool },
    /// The other side has said that it closes, and why.
    Closed { reason: String },
}

/// Decodes one answer.
pub struct Ear {
    way: Way,
    bytes: Vec<u8>,
    heads: ResponseHeads,
    head: Option<ResponseHead>,
    socket: websocket::Decoder,
    inflater: Inflater,
    past: Past,
    is_over: bool,
}

impl Ear {
    pub fn new(way: Way) -> Self {
        Self {
            way,
            bytes: Vec::new(),
            heads: ResponseHeads::new(),
            head: None,
            socket: websocket::Decoder::new(Role::Client, usize::MAX).deflating(),
            inflater: Inflater::new(),
            past: Past::new(WindowBits::MAX),
            is_over: false,
        }
    }

    /// Takes what arrived, and returns what it completed.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Heard>, String> {
        self.bytes.extend_from_slice(bytes);
        if self.head.is_none() {
            let decoded = self.heads.decode(&self.bytes, &HeadLimits::default());
            let Some((head, taken)) = decoded.map_err(|fault| fault.to_string())? else {
                return Ok(vec![]);
            };
            self.bytes.drain(..taken);
            let status = head.status().as_u16();
            if !self.way.statuses().contains(&status) {
                return Err(format!("was answered {status}"));
            }
            self.head = Some(head);
        }
        let mut heard = Vec::new();
        match self.way {
            _ if self.is_over => {}
            Way::Events => self.take_events(&mut heard)?,
            Way::Socket => self.take_messages(&mut heard)?,
            Way::Poll | Way::Batch | Way::Glance => self.take_answer(&mut heard)?,
        }
        Ok(heard)
    }

    /// Reads blocks as a browser does: the id counts when the block has ended (WHATWG HTML,
    /// section 9.2.6).
    fn take_events(&mut self, heard: &mut Vec<Heard>) -> Result<(), String> {
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let block = String::from_utf8(block).map_err(|error| error.to_string())?;
            let (mut id, mut name, mut data) = (None, None, None::<String>);
            for line in block.lines().filter(|line| !line.is_empty()) {
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "id" => id = Some(value.to_owned()),
                    "event" => name = Some(value.to_owned()),
                    "data" => match &mut data {
                        Some(data) => data.extend(["\n", value]),
                        None => data = Some(value.to_owned()),
                    },
                    "" | "retry" => {}
                    other => return Err(format!("was sent the field `{other}`")),
                }
            }
            match (data, id) {
                (Some(data), id) => {
                    let name = Some(name.unwrap_or("message".into()));
                    heard.push(Heard::Event { id, name, data });
                }
                (None, Some(id)) => heard.push(Heard::Position(id)),
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn take_messages(&mut self, heard: &mut Vec<Heard>) -> Result<(), String> {
        loop {
            let decoded = self.socket.decode(&mut self.bytes).map_err(|fault| fault.to_string())?;
            let consumed = decoded.consumed;
            let past = Some(&mut self.past);
            let event = match decoded.event {
                Some(websocket::Event::Deflated(message)) => Some(
                    self.inflater
                        .inflate(&message, past, usize::MAX)
                        .map_err(|fault| fault.to_string())?,
                ),
                event => event,
            };
            match event {
                Some(websocket::Event::Text(text)) => {
                    let object = serde_json::from_str(text).map_err(|error| error.to_string())?;
                    heard.push(envelope(&object)?);
                }
                Some(websocket::Event::Ping(_)) => heard.push(Heard::Ping),
                Some(websocket::Event::Close(close)) => {
                    let Some(close) = close.filter(|close| close.code == 1013) else {
                        return Err(format!("was closed: {close:?}"));
                    };
                    self.is_over = true;
                    heard.push(Heard::Closed { reason: close.reason.to_owned() });
                }
                Some(other) => return Err(format!("was sent {other:?}")),
                None if consumed == 0 => return Ok(()),
                None => {}
            }
            self.bytes.drain(..consumed);
        }
    }

    fn take_answer(&mut self, heard: &mut Vec<Heard>) -> Result<(), String> {
        let Some(head) = &self.head else { return Ok(()) };
        let length = head.header_text("content-length").and_then(|text| text.parse().ok());
        let length: usize = length.unwrap_or(0);
        if self.bytes.len() < length {
            return Ok(());
        }
        let body: Vec<u8> = self.bytes.drain(..length).collect();
        let body = String::from_utf8(body).map_err(|error| error.to_string())?;
        let cursor = head.header_text("last-event-id").map(str::to_owned);
        let tag = head.header_text("etag").map(|tag| tag.trim_matches('"').to_owned());
        if tag != cursor {
            return Err(format!("was answered the tag {tag:?} and the cursor {cursor:?}"));
        }
        let has_body = head.status() == 200;
        match self.way {
            _ if !has_body => heard.extend(cursor.map(Heard::Position)),
            Way::Batch => {
                let items: Vec<Value> =
                    serde_json::from_str(&body).map_err(|error| format!("{error}: `{body}`"))?;
                for item in &items {
                    heard.push(envelope(item)?);
                }
                heard.extend(cursor.map(Heard::Position));
            }
            _ => {
                // What an action says as JSON here is a gap.
                let is_gap = head.header_text("content-type") == Some("application/json");
                let name = is_gap.then(|| "crampon.gap".to_owned());
                heard.push(Heard::Event { id: cursor, name, data: body });
            }
        }
        let keeps_alive = head.keeps_alive();
        self.is_over = true;
        heard.push(Heard::Answered { keeps_alive });
        Ok(())
    }
}

fn envelope(object: &Value) -> Result<Heard, String> {
    let text = |key: &str| object[key].as_str().map(str::to_owned);
    match (text("id"), text("event"), text("data")) {
        (id, Some(name), Some(data)) => Ok(Heard::Event { id, name: Some(name), data }),
        (Some(id), None, None) => Ok(Heard::Position(id)),
        _ => Err(format!("was sent `{object}`")),
    }
}
