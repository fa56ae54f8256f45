//! Ready heads: those of most answers are alike but for the length of their bodies, for as long as
//! a second lasts.
//!
//! Pure bytes, made by the codec; which answers are so alike is their wire's to say.

use http::StatusCode;

use super::body::{Body, Left};
use super::{Answer, Transport, Wire};
use crate::protocol::http::{
    Connection, Date, Framing, Header, Sharing, Version, encode_response_head, push_decimal_line,
};

/// The heads of answers that say no more than a body of these kinds, with a status of 200.
#[derive(Debug)]
pub(crate) struct ReadyHeads {
    date: Date,
    page: Vec<u8>,
    json: Vec<u8>,
}

impl ReadyHeads {
    /// Those of the second that `date` says.
    pub fn at(date: Date) -> Self {
        let mut heads = Self { date, page: Vec::new(), json: Vec::new() };
        heads.turn(date);
        heads
    }

    /// Makes them those of another second.
    pub fn turn(&mut self, date: Date) {
        self.date = date;
        begin(&mut self.page, Answer::HTML, &date);
        begin(&mut self.json, Answer::JSON, &date);
    }

    /// The second they are of.
    pub fn date(&self) -> &Date {
        &self.date
    }

    /// The one of an answer, up to the length of its body; `None` if it says anything else.
    pub fn of(&self, answer: Option<&Answer>) -> Option<ReadyHead<'_>> {
        match answer {
            None => Some(ReadyHead(&self.page)),
            Some(answer) if answer.says_only(Answer::HTML) => Some(ReadyHead(&self.page)),
            Some(answer) if answer.says_only(Answer::JSON) => Some(ReadyHead(&self.json)),
            Some(_) => None,
        }
    }
}

/// A head up to the length of its body.
#[derive(Debug)]
pub(crate) struct ReadyHead<'a>(&'a [u8]);

impl ReadyHead<'_> {
    /// Writes an answer in HTTP/1.1 with this head.
    pub fn encode(&self, keeps_alive: bool, body: &[u8], out: &mut Vec<u8>) {
        out.reserve(self.0.len() + END_BYTES_MAX + body.len());
        out.extend_from_slice(self.0);
        push_decimal_line(out, body.len() as u64);
        if !keeps_alive {
            out.extend_from_slice(b"connection: close\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
    }
}

impl Wire {
    /// Writes a whole answer if its head is a ready one; `false` if it has to be made.
    pub(super) fn seal_plainly(
        &mut self,
        answer: Option<&Answer>,
        sharing: Sharing<'_>,
        heads: &ReadyHeads,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> bool {
        let is_plain = self.transport == Transport::Regular && self.version == Version::Http11;
        if !is_plain || self.is_head_only || sharing.says_something() {
            return false;
        }
        let Some(head) = heads.of(answer) else { return false };
        head.encode(self.keeps_alive, body, out);
        self.status = StatusCode::OK.as_u16();
        self.body = Body::Length { left: Left::NOTHING };
        self.is_head_sent = true;
        true
    }
}

/// Begins a head that says how long the body is, and no more after it.
fn begin(head: &mut Vec<u8>, kind: Header<'static>, date: &Date) {
    head.clear();
    let (status, framing, connection) = (StatusCode::OK, Framing::None, Connection::KeepAlive);
    encode_response_head(head, status, [kind], framing, connection, Version::Http11, Some(date));
    // The empty line comes after the length.
    head.truncate(head.len() - 2);
    head.extend_from_slice(b"content-length: ");
}

/// Bytes of the longest length and of what may follow it.
const END_BYTES_MAX: usize = 48;

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_ready_head_is_the_one_that_would_be_made() {
        let date = Date::at(UNIX_EPOCH);
        let heads = ReadyHeads::at(date);
        for kind in [Answer::HTML, Answer::JSON] {
            for body in ["", "a", "Hello World!", &"long".repeat(2500)] {
                for (keeps_alive, connection) in
                    [(true, Connection::KeepAlive), (false, Connection::Close)]
                {
                    let answer = Answer { content_type: kind, ..Answer::default() };
                    let mut ready = b"before".to_vec();
                    let head = heads.of(Some(&answer)).expect("it says nothing else");
                    head.encode(keeps_alive, body.as_bytes(), &mut ready);
                    let mut made = b"before".to_vec();
                    encode_response_head(
                        &mut made,
                        answer.status,
                        answer.headers_with_content_type(),
                        Framing::Length(body.len() as u64),
                        connection,
                        Version::Http11,
                        Some(&date),
                    );
                    made.extend_from_slice(body.as_bytes());
                    assert_eq!(String::from_utf8(ready), String::from_utf8(made));
                }
            }
        }
    }

    #[test]
    fn who_says_more_than_a_body_has_a_head_made() {
        let heads = ReadyHeads::at(Date::at(UNIX_EPOCH));
        assert!(heads.of(None).is_some());
        let mut with_header = Answer::default();
        with_header.headers.append(Header::of("x", "1"));
        for answer in [
            Answer { status: StatusCode::CREATED, ..Answer::default() },
            Answer { content_type: Answer::PLAIN, ..Answer::default() },
            Answer { length: Some(0), ..Answer::default() },
            with_header,
        ] {
            assert!(heads.of(Some(&answer)).is_none(), "{answer:?}");
        }
    }
}
