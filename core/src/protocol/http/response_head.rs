//! The head of a response: its status line and its headers (RFC 9112, sections 2 and 4).

use std::fmt;

use http::{Method, StatusCode};

use super::{
    body_length::{BodyLength, ResponseBody},
    connection_options::ConnectionOptions,
    fault::Fault,
    field_lines::Meant,
    field_names::Known,
    fields::{Fields, Sought},
    status_line::StatusLine,
    version::Version,
};

/// A response head, kept in one slice of exactly its size. The reason phrase is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseHead {
    packed: Box<[u8]>,
    declared: Option<BodyLength>,
    status: StatusCode,
    version: Version,
    keeps_alive: bool,
}

const _: () = assert!(size_of::<ResponseHead>() <= 64);

impl ResponseHead {
    /// Weighs what was read: whether it can be read in one way only. `keep` keeps its fields.
    pub(super) fn new(
        line: &StatusLine,
        meant: &Meant<'_>,
        keep: impl FnOnce() -> Box<[u8]>,
    ) -> Result<Self, Fault> {
        let mut connection = ConnectionOptions::default();
        for (_, value) in meant.iter().filter(|(name, _)| *name == Known::CONNECTION) {
            connection.hear(value);
        }
        Ok(Self {
            declared: BodyLength::declared(meant, line.version)?,
            packed: keep(),
            status: line.status,
            version: line.version,
            keeps_alive: connection.keeps_alive(line.version),
        })
    }

    /// The status; a 1xx is not the answer yet, and another head follows (but for 101).
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The value of the first header of this name, in any case, without the blanks around it.
    #[inline]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.fields().first(Sought::new(name))
    }

    /// The value of the first header of this name; `None` as well if it is not UTF-8.
    #[inline]
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.fields().text(Sought::new(name))
    }

    /// Names and values of all headers, in the order and the case they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields().iter()
    }

    /// Whether a comma list, over all headers of its name, has this token, in any case.
    #[inline]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.fields().has_token(Sought::new(name), token)
    }

    /// How the body ends, in an answer to a request of this method (RFC 9112, section 6.3).
    pub fn body(&self, method: &Method) -> ResponseBody {
        let is_tunnel = *method == Method::CONNECT && self.status.is_success();
        let has_none = *method == Method::HEAD || is_tunnel || is_bodiless(self.status);
        match self.declared {
            _ if has_none => ResponseBody::Framed(BodyLength::None),
            Some(length) => ResponseBody::Framed(length),
            None => ResponseBody::UntilClose,
        }
    }

    /// Whether the server will go on with the connection after this; only if the body ends before
    /// the connection does.
    pub fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// Bytes it holds on the heap.
    pub fn len_bytes(&self) -> usize {
        self.packed.len()
    }

    fn fields(&self) -> Fields<'_> {
        Fields::new(&self.packed)
    }
}

/// Whether answers of this status never have a body (RFC 9110, section 6.4.1).
pub(super) fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

impl fmt::Debug for ResponseHead {
    /// The status and the number of headers: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers().count();
        write!(f, "ResponseHead({} {}, ", self.version, self.status)?;
        write!(f, "{headers} headers, {:?})", self.declared)
    }
}
