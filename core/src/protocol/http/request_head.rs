//! The head of a request: its first line and its headers (RFC 9112, sections 2 and 3).
//!
//! Knows what the headers say about the message and the connection; all others are the reader's.

use std::fmt;

use http::Method;

use super::{
    body_length::BodyLength,
    connection_options::ConnectionOptions,
    fault::{Fault, excerpt},
    field_lines::Meant,
    field_names::Known,
    fields::{Fields, Sought},
    grammar::elements,
    head_room::HeadRoom,
    host::is_host,
    methods::STANDARD,
    packing::split_part,
    request_line::RequestLine,
    target::{self, ASTERISK},
    version::Version,
};

/// A request head, kept in one slice of exactly its size for as long as its action lives.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// What it comes to, in bits; the length of the body, if it has one; the target; the packed
    /// fields.
    packed: Box<[u8]>,
    /// Its method, if it is none of the [`STANDARD`] ones.
    other_method: Option<Box<Method>>,
}

const _: () = assert!(size_of::<RequestHead>() <= 24, "every idle connection has one");

/// What a head comes to: the place of its method among the [`STANDARD`] ones in the lowest bits,
/// and these.
mod bits {
    pub const METHOD: u8 = 7;
    pub const HTTP_1_0: u8 = 1 << 3;
    pub const KEEPS_ALIVE: u8 = 1 << 4;
    /// There is a body; its length follows, unless it comes in chunks.
    pub const HAS_BODY: u8 = 1 << 5;
    pub const CHUNKED: u8 = 1 << 6;
    /// The target is a path and no more, each byte of which stands for itself.
    pub const BARE_PATH: u8 = 1 << 7;
}

impl RequestHead {
    /// Weighs what was read: what it asks for, and whether it can be read in one way only. Its
    /// target and fields lie packed in `room`, behind the front and up to `end`.
    pub(super) fn new(
        line: &RequestLine<'_>,
        meant: &Meant<'_>,
        room: &mut HeadRoom,
        end: usize,
    ) -> Result<Self, Fault> {
        let RequestLine { place, target, version, .. } = *line;
        let other_method = match place {
            Some(_) => None,
            None => Some(Box::new(
                Method::from_bytes(line.method).map_err(|_| Fault::Method(excerpt(line.method)))?,
            )),
        };
        let place = place.unwrap_or_default();
        let method = other_method.as_deref().unwrap_or(&STANDARD[usize::from(place)]);
        target.check(method)?;
        let hop = Hop::read(meant, version)?;
        let body = BodyLength::declared(meant, version)?;
        if body.is_none() && version == Version::Http10 && needs_length(method) {
            return Err(Fault::LengthRequired { method: method.as_str().into() });
        }
        let body = body.unwrap_or(BodyLength::None);
        let mut sum = place;
        sum |= if version == Version::Http10 { bits::HTTP_1_0 } else { 0 };
        sum |= if hop.keeps_alive { bits::KEEPS_ALIVE } else { 0 };
        sum |= match body {
            BodyLength::None => 0,
            BodyLength::Length(_) => bits::HAS_BODY,
            BodyLength::Chunked => bits::HAS_BODY | bits::CHUNKED,
        };
        sum |= if target.is_bare_path() { bits::BARE_PATH } else { 0 };
        let front = room.front();
        let start = match body {
            BodyLength::Length(length) => {
                front[1..].copy_from_slice(&length.to_ne_bytes());
                0
            }
            _ => LENGTH_BYTES,
        };
        front[start] = sum;
        Ok(Self { packed: room.keep(start, end), other_method })
    }

    /// The method; names of no known one are kept too.
    pub fn method(&self) -> &Method {
        let standard = &STANDARD[usize::from(self.packed[0] & bits::METHOD)];
        self.other_method.as_deref().unwrap_or(standard)
    }

    /// The version.
    pub fn version(&self) -> Version {
        if self.is(bits::HTTP_1_0) { Version::Http10 } else { Version::Http11 }
    }

    /// The target, as sent.
    pub fn target(&self) -> &str {
        std::str::from_utf8(self.target_and_fields().0).expect("targets beyond ASCII are refused")
    }

    /// The path, still percent-encoded; of an absolute target its own, and `*` for an asterisk.
    pub fn path(&self) -> &str {
        self.path_and_query().0
    }

    /// What follows the `?`, still percent-encoded.
    pub fn query(&self) -> Option<&str> {
        self.path_and_query().1
    }

    fn path_and_query(&self) -> (&str, Option<&str>) {
        match self.is(bits::BARE_PATH) {
            true => (self.target(), None),
            false => target::path_and_query(self.target()),
        }
    }

    /// The path, if the target is no more than that, and each byte of it stands for itself.
    pub(crate) fn bare_path(&self) -> Option<&[u8]> {
        self.is(bits::BARE_PATH).then(|| self.target_and_fields().0)
    }

    /// Whether it is for the server as a whole: its target is an asterisk.
    pub(crate) fn is_for_server(&self) -> bool {
        self.target_and_fields().0 == ASTERISK.as_bytes()
    }

    /// The value of the first header of this name, in any case, without the blanks around it.
    #[inline(always)]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.find(Sought::new(name))
    }

    /// The values of all headers of this name, in order.
    #[inline]
    pub(crate) fn header_values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields().values(Sought::new(name))
    }

    /// The value of the first header of this name; `None` as well if it is not UTF-8.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.fields().text(Sought::new(name))
    }

    /// Names and values of all headers, in the order and the case they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields().iter()
    }

    /// Whether a comma list, over all headers of its name, has this token, in any case.
    #[inline(always)]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.lists(Sought::new(name), token)
    }

    /// The host and port the request is for: an absolute target's, else those of `Host`
    /// (RFC 9112, section 3.2.2). `None` if the client left it empty, as for a target without one.
    pub fn host(&self) -> Option<&str> {
        target::authority(self.target())
            .or_else(|| self.header_text("host"))
            .filter(|host| !host.is_empty())
    }

    /// How long the body is.
    pub fn body(&self) -> BodyLength {
        if !self.is(bits::HAS_BODY) {
            BodyLength::None
        } else if self.is(bits::CHUNKED) {
            BodyLength::Chunked
        } else {
            let length = self.packed[1..].first_chunk().expect("it was packed so");
            BodyLength::Length(u64::from_ne_bytes(*length))
        }
    }

    /// Whether the client will go on with the connection after the answer.
    pub fn keeps_alive(&self) -> bool {
        self.is(bits::KEEPS_ALIVE)
    }

    /// Whether the client waits for [`CONTINUE`](super::CONTINUE) before it sends the body.
    pub fn expects_continue(&self) -> bool {
        // An HTTP/1.0 client cannot mean it (RFC 9110, section 10.1.1).
        self.version() == Version::Http11
            && self.is(bits::HAS_BODY)
            && self.header_values("expect").flat_map(elements).any(|one| !one.is_empty())
            && self.body().has_bytes()
    }

    /// The block it was kept in, for another.
    pub(crate) fn into_block(self) -> Box<[u8]> {
        self.packed
    }

    /// Bytes it holds on the heap.
    pub fn len_bytes(&self) -> usize {
        self.packed.len()
    }

    // By themselves, so that a look-up takes no more room than a call where it is made.

    #[inline(never)]
    fn find(&self, sought: Sought<'_>) -> Option<&[u8]> {
        self.fields().first(sought)
    }

    #[inline(never)]
    fn lists(&self, sought: Sought<'_>, token: &str) -> bool {
        self.fields().has_token(sought, token)
    }

    fn fields(&self) -> Fields<'_> {
        Fields::new(self.target_and_fields().1)
    }

    fn target_and_fields(&self) -> (&[u8], &[u8]) {
        let has_length = self.packed[0] & (bits::HAS_BODY | bits::CHUNKED) == bits::HAS_BODY;
        let before = 1 + if has_length { LENGTH_BYTES } else { 0 };
        split_part(&self.packed[before..]).expect("it was packed so")
    }

    fn is(&self, bit: u8) -> bool {
        self.packed[0] & bit != 0
    }
}

impl fmt::Debug for RequestHead {
    /// The first line and the number of headers: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers().count();
        write!(f, "RequestHead({} {} {}, ", self.method(), self.target(), self.version())?;
        write!(f, "{headers} headers, {:?})", self.body())
    }
}

/// Bytes of a body's length.
const LENGTH_BYTES: usize = size_of::<u64>();

/// Bytes of the most that stands before the target.
pub(super) const FRONT_BYTES: usize = 1 + LENGTH_BYTES;

/// Whether a request of this method has a body by its meaning, so that an HTTP/1.0 client, which
/// knows no chunks, must say how long it is. In HTTP/1.1 silence means that there is none.
fn needs_length(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// What the headers say about this hop, once its host and its expectation are found to be sound.
struct Hop {
    keeps_alive: bool,
}

impl Hop {
    fn read(meant: &Meant<'_>, version: Version) -> Result<Self, Fault> {
        let mut has_host = false;
        let mut connection = ConnectionOptions::default();
        for &(name, value) in meant {
            if name == Known::HOST {
                if std::mem::replace(&mut has_host, true) {
                    return Err(Fault::HostRepeated);
                }
                if !is_host(value) {
                    return Err(Fault::Host(excerpt(value)));
                }
            } else if name == Known::CONNECTION {
                connection.hear(value);
            } else if name == Known::EXPECT {
                for expectation in elements(value).filter(|element| !element.is_empty()) {
                    if !expectation.eq_ignore_ascii_case(b"100-continue") {
                        return Err(Fault::Expectation(excerpt(expectation)));
                    }
                }
            }
        }
        if version == Version::Http11 && !has_host {
            return Err(Fault::HostMissing);
        }
        Ok(Self { keeps_alive: connection.keeps_alive(version) })
    }
}
