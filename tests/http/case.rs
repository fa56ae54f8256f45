//! A case: exact bytes, the section they are about, and what must come of them.

/// What a client sends, and what it must get.
pub struct Case {
    pub name: &'static str,
    /// Of RFC 9112, or of the RFC whose number stands before it.
    pub section: &'static str,
    pub sent: Vec<u8>,
    pub outcome: Outcome,
}

/// The answers, in order and no others, and what becomes of the connection.
pub struct Outcome {
    pub answers: Vec<Answer>,
    pub then: Then,
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub status: u16,
    /// `None` where the words do not matter.
    pub body: Option<&'static str>,
    /// It answers HEAD, and so has no body whatever its headers say.
    pub is_to_head: bool,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is in step: the next request is read from its first byte, and answered.
    Kept,
    /// It ends, as the last answer says, and what follows is not read as a request.
    Closed,
    /// It ends the same, and no answer says so: the fault came behind the last one.
    Cut,
    /// The server waits for more; nothing is answered yet.
    Waits,
    /// It is a WebSocket, from the first byte behind the request on.
    Socket,
    /// It was a WebSocket, and is closed for a fault of the protocol.
    Spoilt,
}

impl Then {
    /// Whether the server ends the connection.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Closed | Self::Cut | Self::Spoilt)
    }
}

/// The answers, and a connection in step.
pub fn kept<const N: usize>(answers: [Answer; N]) -> Outcome {
    Outcome { answers: answers.into(), then: Then::Kept }
}

/// The answers, and the end.
pub fn closed<const N: usize>(answers: [Answer; N]) -> Outcome {
    Outcome { answers: answers.into(), then: Then::Closed }
}

/// The answers, and an end without a word.
pub fn cut<const N: usize>(answers: [Answer; N]) -> Outcome {
    Outcome { answers: answers.into(), then: Then::Cut }
}

/// The answers, and a server that waits for the rest.
pub fn waits<const N: usize>(answers: [Answer; N]) -> Outcome {
    Outcome { answers: answers.into(), then: Then::Waits }
}

/// A WebSocket behind these answers.
pub fn socket<const N: usize>(answers: [Answer; N]) -> Outcome {
    let answers = answers.into_iter().chain([code(101)]).collect();
    Outcome { answers, then: Then::Socket }
}

/// This status alone, and the end.
pub fn refused(status: u16) -> Outcome {
    closed([code(status)])
}

/// 200 with this body.
pub fn ok(body: &'static str) -> Answer {
    Answer { status: 200, body: Some(body), is_to_head: false }
}

/// This status, whatever it says.
pub fn code(status: u16) -> Answer {
    Answer { status, body: None, is_to_head: false }
}

/// This status in answer to HEAD.
pub fn head(status: u16) -> Answer {
    Answer { status, body: None, is_to_head: true }
}

/// A GET with more header lines.
pub fn get(lines: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: test\r\n{lines}\r\n").into()
}

/// A POST to where it is echoed, with more header lines, and what stands behind the head.
pub fn post(lines: &str, behind: &str) -> Vec<u8> {
    format!("POST /echo HTTP/1.1\r\nHost: test\r\n{lines}\r\n{behind}").into()
}

/// A POST in chunks, which are these.
pub fn chunked(chunks: &str) -> Vec<u8> {
    post("Transfer-Encoding: chunked\r\n", chunks)
}

/// A table of cases: a claim, its section, the bytes, what comes of them.
macro_rules! cases {
    ($($name:literal, $section:literal: $sent:expr => $outcome:expr;)*) => {
        pub fn cases() -> Vec<crate::case::Case> {
            vec![$(crate::case::Case {
                name: $name,
                section: $section,
                sent: $sent.into(),
                outcome: $outcome,
            }),*]
        }
    };
}
