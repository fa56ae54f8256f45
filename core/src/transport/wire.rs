//! One action's wire: its transport, and how far its answer has got.

use std::time::Duration;

use http::StatusCode;

use super::body::{Body, Left};
use super::choice::{accepts_json, keeps_cursor};
use super::cursor::OpenEvent;
use super::deflating::PackedAgreement;
use super::{
    Answer, Event, ReadyHeads, RenderError, Sheet, Subprotocol, Transport, chunked, long_polling,
    regular, sse, websocket,
};
use crate::protocol::http::{
    Connection, Date, Framing, Header, Headers, RequestHead, Sharing, Version, encode_chunk,
    encode_last_chunk, encode_response_head,
};
use crate::protocol::sse::{Fields, encode as encode_event};
use crate::protocol::websocket::{
    close_code::TRY_AGAIN_LATER,
    encode_close, encode_ping,
    handshake::{accept_key, encode_switching_protocols},
};

/// One action's wire.
#[derive(Debug)]
pub(crate) struct Wire {
    pub transport: Transport,
    pub is_head_sent: bool,
    pub has_rendered: bool,
    /// Answers HEAD: the head of the answer and none of its body.
    pub is_head_only: bool,
    /// Its client keeps its cursor itself, and is told positions as events it can hear.
    pub tells_positions: bool,
    /// Answers a poll with a JSON array of events, not with the data of one.
    pub is_batch: bool,
    /// Whether the connection may serve another request after this one.
    pub keeps_alive: bool,
    pub version: Version,
    pub body: Body,
    pub subprotocol: Option<Subprotocol>,
    /// How its messages are compressed, once they are rendered and on their way.
    pub agreed: Option<PackedAgreement>,
    /// The status on the wire, once the head is.
    pub status: u16,
    /// What was rendered last, if it waits for an id.
    pub(super) open_event: Option<OpenEvent>,
}

const _: () = assert!(size_of::<Wire>() <= 28, "every idle connection has one");

impl Wire {
    pub fn new(transport: Transport, head: &RequestHead) -> Self {
        Self {
            transport,
            is_head_only: head.method() == http::Method::HEAD,
            is_batch: transport == Transport::LongPolling && accepts_json(head),
            tells_positions: transport == Transport::Sse && keeps_cursor(head),
            keeps_alive: head.keeps_alive(),
            version: head.version(),
            ..Self::none()
        }
    }

    /// The wire of a service, which has none.
    pub fn none() -> Self {
        Self {
            transport: Transport::Regular,
            is_head_sent: false,
            has_rendered: false,
            is_head_only: false,
            is_batch: false,
            tells_positions: false,
            keeps_alive: false,
            version: Version::Http11,
            body: Body::Undecided,
            subprotocol: None,
            agreed: None,
            status: 0,
            open_event: None,
        }
    }

    /// Writes the head of a stream: the transports that say at once that they serve.
    pub fn open(
        &mut self,
        answer: Option<&Answer>,
        declared: &[&'static str],
        head: &RequestHead,
        sharing: Sharing<'_>,
        date: &Date,
        out: &mut Vec<u8>,
    ) {
        let unsaid = Answer::default();
        let answer = answer.unwrap_or(&unsaid);
        match self.transport {
            Transport::Websocket => {
                let key = head.header("sec-websocket-key").unwrap_or_default();
                let headers = answer.headers_with(&[]);
                let subprotocol = self.subprotocol.map(|agreed| agreed.name(declared));
                let accept = accept_key(key);
                encode_switching_protocols(out, &accept, subprotocol, self.agreement(), headers);
                self.body = Body::Close;
                self.status = 101;
            }
            Transport::Sse => {
                self.keeps_alive = false;
                self.body = Body::Close;
                let headers = answer.headers_with(sse::HEADERS);
                self.encode_head(answer.status, headers, &answer.headers, sharing, date, out);
                self.leave_out_body_of(answer.status);
            }
            _ => {
                self.body = match self.version {
                    Version::Http11 => Body::Chunked,
                    Version::Http10 => Body::Close,
                };
                let headers = answer.headers_with_content_type();
                self.encode_head(answer.status, headers, &answer.headers, sharing, date, out);
                self.leave_out_body_of(answer.status);
            }
        }
        self.is_head_sent = true;
    }

    /// What is rendered under a status without a body would be taken for the next answer.
    fn leave_out_body_of(&mut self, status: StatusCode) {
        if !allows_body(status) {
            self.body = Body::Length { left: Left::NOTHING };
        }
    }

    /// Writes the head in the framing decided on; of its headers, `said` were the action's words.
    fn encode_head<'a>(
        &mut self,
        status: StatusCode,
        headers: impl IntoIterator<Item = Header<'a>>,
        said: &'a Headers,
        sharing: Sharing<'a>,
        date: &Date,
        out: &mut Vec<u8>,
    ) {
        let framing = match self.body {
            _ if !allows_body(status) => Framing::None,
            Body::Length { left: Left(left) } => Framing::Length(left),
            Body::Chunked => Framing::Chunked,
            Body::Close | Body::Undecided => Framing::Close,
        };
        self.status = status.as_u16();
        if framing == Framing::Close {
            self.keeps_alive = false;
        }
        let connection = match self.keeps_alive {
            true => Connection::KeepAlive,
            false => Connection::Close,
        };
        let (version, date) = (self.version, Some(date));
        if sharing.says_something() {
            let headers = headers.into_iter().chain(sharing.headers_beside(said));
            encode_response_head(out, status, headers, framing, connection, version, date);
        } else {
            encode_response_head(out, status, headers, framing, connection, version, date);
        }
    }

    /// Encodes one event.
    pub fn render(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        self.open_event = None;
        if self.transport == Transport::Websocket {
            return match self.has_envelope() {
                true => websocket::render_envelope(event, out),
                false => websocket::render(event, out),
            };
        }
        let start = out.len();
        match (self.transport, self.body) {
            (Transport::Sse, Body::Close) => sse::render(event, out)?,
            (_, Body::Chunked) => chunked::render(event, out)?,
            (Transport::LongPolling, _) if self.is_batch => {
                long_polling::render_item(event, !self.has_rendered, out)?;
            }
            (Transport::LongPolling, _) => long_polling::render(event, out)?,
            (_, _) => regular::render(event, out)?,
        }
        // A comment is no answer.
        self.has_rendered |= !event.payload.says_nothing();
        if let Body::Length { left: Left(left) } = self.body {
            // A body longer than was promised is cut there; a shorter one closes the connection.
            let fits = (out.len() - start).min(usize::try_from(left).unwrap_or(usize::MAX));
            out.truncate(start + fits);
            self.body = Body::Length { left: Left(left - fits as u64) };
        }
        if self.is_head_only && self.is_head_sent {
            out.truncate(start);
        }
        Ok(())
    }

    /// Appends an item of a batch that is encoded already, in [`Form::Json`].
    pub fn push_batched(&mut self, item: &[u8], out: &mut Vec<u8>) {
        self.open_event = None;
        long_polling::separate(!self.has_rendered, out);
        out.extend_from_slice(item);
        self.has_rendered = true;
    }

    /// Whether the head of what a regular action or a poll has rendered so far is to be written.
    pub fn is_worth_a_head(&self, answer: Option<&Answer>, is_final: bool, body: &[u8]) -> bool {
        let has_begun = || {
            let has_length = answer.is_some_and(|answer| answer.length.is_some());
            self.transport == Transport::Regular && (!body.is_empty() || has_length)
        };
        !self.is_head_sent && !self.transport.is_stream() && (is_final || has_begun())
    }

    /// Writes the head of what a regular action or a poll has rendered so far, and moves that
    /// behind it.
    ///
    /// Until this is called, the answer can still be another one.
    pub fn seal(
        &mut self,
        answer: Option<&mut Answer>,
        is_final: bool,
        sharing: Sharing<'_>,
        heads: &ReadyHeads,
        body: &mut Sheet,
        out: &mut Vec<u8>,
    ) {
        if is_final && self.seal_plainly(answer.as_deref(), sharing, heads, body, out) {
            return body.clear();
        }
        let date = heads.date();
        let status = match answer {
            // Most say nothing but the body.
            None if self.transport == Transport::Regular => {
                let status = StatusCode::OK;
                self.delimit(None, is_final, body);
                self.encode_head(status, [Answer::HTML], &NONE_SAID, sharing, date, out);
                status
            }
            None => self.seal_as(&mut Answer::default(), is_final, sharing, date, body, out),
            Some(answer) => self.seal_as(answer, is_final, sharing, date, body, out),
        };
        self.is_head_sent = true;
        if self.is_head_only || !allows_body(status) {
            self.leave_out_body_of(status);
        } else if self.body == Body::Chunked {
            encode_chunk(out, body);
        } else {
            out.extend_from_slice(body);
            if let Body::Length { left: Left(left) } = self.body {
                let left = left.saturating_sub(body.len() as u64);
                self.body = Body::Length { left: Left(left) };
            }
        }
        body.clear();
    }

    /// Writes the head of an answer of which more is said than its body, and returns its status.
    fn seal_as(
        &mut self,
        answer: &mut Answer,
        is_final: bool,
        sharing: Sharing<'_>,
        date: &Date,
        body: &mut Sheet,
        out: &mut Vec<u8>,
    ) -> StatusCode {
        let has_nothing_to_say = self.transport == Transport::LongPolling && !self.has_rendered;
        if has_nothing_to_say && answer.status == StatusCode::OK {
            answer.status = StatusCode::NO_CONTENT;
        }
        if self.is_batch && allows_body(answer.status) {
            long_polling::enclose(body);
            // Whatever its items are.
            answer.headers.remove(Answer::JSON.name());
            answer.content_type = Answer::JSON;
        }
        self.delimit(answer.length, is_final, body);
        let headers = answer.headers_with_content_type();
        let (status, said) = (answer.status, &answer.headers);
        if self.transport == Transport::LongPolling && !said.has("cache-control") {
            // An answer that was waited for is nobody else's.
            let headers = [NO_STORE].into_iter().chain(headers);
            self.encode_head(status, headers, said, sharing, date, out);
        } else {
            self.encode_head(status, headers, said, sharing, date, out);
        }
        status
    }

    /// Decides how a body is delimited of which so much is there.
    fn delimit(&mut self, length: Option<u64>, is_final: bool, body: &[u8]) {
        self.body = match (length, is_final, self.version) {
            (Some(length), ..) => Body::Length { left: Left(length) },
            (None, true, _) => Body::Length { left: Left(body.len() as u64) },
            (None, false, Version::Http11) => Body::Chunked,
            (None, false, Version::Http10) => Body::Close,
        };
    }

    /// Writes what ends the answer in good order.
    pub fn finish(&mut self, close: Option<(u16, &str)>, out: &mut Vec<u8>) {
        self.open_event = None;
        match self.transport {
            Transport::Websocket => {
                let close = close.unwrap_or((1000, ""));
                encode_close(out, Some(close)).expect("codes are checked where they are said");
            }
            _ if self.body == Body::Chunked && !self.is_head_only => {
                encode_last_chunk(out, NO_TRAILERS);
            }
            _ => {}
        }
    }

    /// Writes what tells the client that its action failed. A cut body says it for HTTP.
    pub fn fail(&mut self, close: (u16, &str), out: &mut Vec<u8>) {
        self.keeps_alive = false;
        self.open_event = None;
        if self.transport == Transport::Websocket {
            encode_close(out, Some(close)).expect("codes of failures can be sent");
        }
    }

    /// Writes what ends the answer though its action has not finished, because the server stops or
    /// sheds: with a time to come back after, or a close code and its reason.
    pub fn stop(&mut self, retry: Duration, close: Option<(u16, &str)>, out: &mut Vec<u8>) {
        match self.transport {
            Transport::Sse if self.body == Body::Close => {
                let fields = Fields { id: None, event: None, retry: Some(retry), data: None };
                encode_event(out, &fields).expect("a retry alone breaks no line");
            }
            _ => self.finish(close, out),
        }
    }

    /// Writes what tells a reader why it is closed who is too slow for what it subscribed to.
    ///
    /// A reason is cut to what a close frame holds, 123 bytes, on a WebSocket; the bodies of other
    /// answers just end.
    pub fn too_slow(&self, reason: &str, out: &mut Vec<u8>) {
        match self.transport {
            Transport::Websocket => {
                encode_close(out, Some((TRY_AGAIN_LATER, reason))).expect("1013 can be sent");
            }
            Transport::Sse if self.body == Body::Close => {
                let told = Event::new(reason).named(sse::CLOSE);
                sse::render(&told, out).expect("text under this name is an event");
            }
            _ => {}
        }
    }

    /// Writes what keeps a silent connection alive.
    pub fn keep_alive(&self, out: &mut Vec<u8>) {
        match self.transport {
            Transport::Sse if self.body == Body::Close => out.extend_from_slice(sse::KEEP_ALIVE),
            Transport::Websocket => encode_ping(out, b""),
            // A chunk cannot be empty: who asks for a keep-alive here accepts a space in the body.
            Transport::Chunked if self.body == Body::Chunked => encode_chunk(out, b" "),
            _ => {}
        }
    }

    /// Whether the connection serves the next request once this answer is out.
    pub fn leaves_connection_open(&self) -> bool {
        let is_whole = match self.body {
            Body::Length { left } => left == Left::NOTHING || self.is_head_only,
            Body::Chunked => true,
            Body::Undecided | Body::Close => false,
        };
        self.keeps_alive && is_whole
    }
}

/// The headers of who said none.
static NONE_SAID: Headers = Headers::new();

const NO_STORE: Header<'static> = Header::of("cache-control", "no-store");
const NO_TRAILERS: [Header<'_>; 0] = [];

/// Whether answers of this status have a body (RFC 9112, section 6.3).
fn allows_body(status: StatusCode) -> bool {
    !status.is_informational() && status != 204 && status != 304
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::transport::choice::tests::request;
    use crate::transport::{ENVELOPE, Form};

    /// A stream whose head is out.
    pub(in super::super) fn stream(transport: Transport) -> Wire {
        let body = if transport == Transport::Chunked { Body::Chunked } else { Body::Close };
        Wire { transport, is_head_sent: true, body, ..Wire::none() }
    }

    /// A WebSocket on which this subprotocol was agreed.
    pub(in super::super) fn socket(subprotocol: &'static str) -> Wire {
        let subprotocol = Subprotocol::of(subprotocol, &[subprotocol]);
        Wire { subprotocol, ..stream(Transport::Websocket) }
    }

    /// A poll with these header lines.
    pub(in super::super) fn poll(headers: &str) -> Wire {
        Wire::new(Transport::LongPolling, &request(headers))
    }

    pub(in super::super) const JSON: &str = "Accept: application/json\r\n";

    fn rendered(wire: &mut Wire, event: &Event<'_>) -> String {
        let mut out = Vec::new();
        wire.render(event, &mut out).expect("it renders");
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_socket_has_envelopes_if_that_was_agreed() {
        let event = Event::new("hi").named("n").id(7);
        let object = r#"{"id":"7","event":"n","data":"hi"}"#;
        for (subprotocol, form, message) in [
            (ENVELOPE, Form::Envelope, format!("\u{fffd}\"{object}")),
            ("chat", Form::Websocket, "\u{fffd}\u{2}hi".to_owned()),
        ] {
            let mut wire = socket(subprotocol);
            assert_eq!(wire.form(), Some(form));
            assert_eq!(rendered(&mut wire, &event), message);
            let shared = Wire::render_shared(form, &event).expect("it renders");
            assert_eq!(String::from_utf8_lossy(&shared), message);
        }
        let item = Wire::render_shared(Form::Json, &event).expect("it renders");
        assert_eq!(item, object.as_bytes());
    }

    #[test]
    fn an_envelope_is_not_begun_for_what_it_cannot_carry() {
        let mut wire = socket(ENVELOPE);
        assert_eq!(rendered(&mut wire, &Event::comment("unheard")), "");
        assert!(!wire.has_rendered);
        let mut out = b"before".to_vec();
        assert!(wire.render(&Event::binary(&[1][..]), &mut out).is_err());
        assert_eq!(out, b"before");
    }

    /// The status and the body of a poll that is answered with these.
    fn answered(accept: &str, mut answer: Answer, events: &[Event<'_>]) -> (u16, String) {
        let mut wire = poll(accept);
        let (mut body, mut out) = (Sheet::default(), Vec::new());
        for event in events {
            wire.render(event, &mut body).expect("it renders");
        }
        let heads = ReadyHeads::at(Date::at(std::time::UNIX_EPOCH));
        let sharing = Sharing::default();
        wire.seal(Some(&mut answer), true, sharing, &heads, &mut body, &mut out);
        assert!(body.is_empty());
        let text = String::from_utf8(out).expect("it is text");
        let (head, body) = text.split_once("\r\n\r\n").expect("it has a head");
        let lines: Vec<String> = head.lines().map(str::to_ascii_lowercase).collect();
        let has = |line: &str| lines.iter().any(|it| it == line);
        assert_eq!(has("content-type: application/json"), wire.is_batch && wire.status != 204);
        assert!(!has("content-type: text/plain"), "{head}");
        assert!(wire.status == 204 || has(&format!("content-length: {}", body.len())), "{head}");
        (wire.status, body.to_owned())
    }

    #[test]
    fn a_poll_that_accepts_json_gets_an_array_of_events() {
        let forbidden = || Answer { status: StatusCode::FORBIDDEN, ..Answer::default() };
        let two = [Event::new("a").id(1), Event::comment("unheard"), Event::new("b").named("n")];
        let array = r#"[{"id":"1","event":"message","data":"a"},{"event":"n","data":"b"}]"#;
        for (accept, answer, events, expected) in [
            (JSON, Answer::default(), &two[..], (200, array)),
            (JSON, Answer::default(), &two[1..2], (204, "")),
            (JSON, forbidden(), &[], (403, "[]")),
            ("", Answer::default(), &two[..1], (200, "a")),
            ("", Answer::default(), &[], (204, "")),
        ] {
            let (status, body) = answered(accept, answer, events);
            assert_eq!((status, &*body), expected, "{accept}{events:?}");
        }
    }

    #[test]
    fn a_batch_is_json_whatever_the_action_says() {
        let mut answer = Answer::default();
        answer.headers.insert(Header::of("content-type", "text/plain"));
        let (status, body) = answered(JSON, answer, &["a".into()]);
        assert_eq!((status, &*body), (200, r#"[{"event":"message","data":"a"}]"#));
    }

    #[test]
    fn an_item_that_cannot_be_leaves_the_batch_as_it_was() {
        let mut wire = poll(JSON);
        let mut out = Vec::new();
        wire.push_batched(b"{}", &mut out);
        assert!(wire.render(&Event::binary(&[1][..]), &mut out).is_err());
        wire.push_batched(b"{}", &mut out);
        assert_eq!(out, b"{},{}");
    }

    #[test]
    fn a_slow_reader_is_told_why_it_is_closed() {
        let reason = "too slow: 2 MiB wait";
        let close = [&[0x88, 22, 0x03, 0xf5], reason.as_bytes()].concat();
        let event = b"event: crampon.close\ndata: too slow: 2 MiB wait\n\n".to_vec();
        for (wire, told) in [
            (socket(ENVELOPE), close.clone()),
            (stream(Transport::Websocket), close),
            (stream(Transport::Sse), event),
            (stream(Transport::Chunked), vec![]),
            (poll(JSON), vec![]),
        ] {
            let mut out = Vec::new();
            wire.too_slow(reason, &mut out);
            assert_eq!(out, told, "{wire:?}");
        }
    }
}
