//! A request as an action sees it: the head, the route's parameters, the form, the peer.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::{Halt, Way};
use crate::protocol::http::RequestHead;
use crate::transport::Transport;

/// The request an action answers.
///
/// The head is kept as the one slice it arrived in; a look-up walks it.
#[derive(Debug)]
pub struct Request {
    head: RequestHead,
    /// Boxed, for most requests have none.
    params: Option<Box<Params>>,
    way: Way,
}

/// The parameters that are not in the head.
#[derive(Debug)]
struct Params {
    route: Box<[(Box<str>, Box<str>)]>,
    /// As it was sent.
    form: Box<[u8]>,
}

impl Request {
    pub(crate) fn new(
        head: RequestHead,
        way: Way,
        route: Box<[(Box<str>, Box<str>)]>,
        form: &[u8],
    ) -> Self {
        let has_params = !route.is_empty() || !form.is_empty();
        let params = has_params.then(|| Box::new(Params { route, form: form.into() }));
        Self { head, params, way }
    }

    /// The head: method, target, version, headers.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    pub(crate) fn into_head(self) -> RequestHead {
        self.head
    }

    pub(crate) fn form(&self) -> &[u8] {
        self.params.as_ref().map_or(&[], |params| &params.form)
    }

    fn route(&self) -> &[(Box<str>, Box<str>)] {
        self.params.as_ref().map_or(&[], |params| &params.route)
    }

    /// Who asks: the peer of the connection, or the client that a
    /// [trusted proxy](crate::Server::trust_proxies) names, with port 0 if it does not say that.
    /// `None` on a Unix socket, and for a client its proxy keeps to itself.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.way.client()
    }

    /// The scheme the viewer asked by, `http` or `https`: the server's own, or what a trusted
    /// proxy says.
    pub fn scheme(&self) -> &'static str {
        match self.way.is_secure() {
            true => "https",
            false => "http",
        }
    }

    /// The host, and port, the viewer asked for: what the request says, or a trusted proxy.
    pub fn host(&self) -> Option<&str> {
        self.way.host().or_else(|| self.head.host())
    }

    /// The first header of this name, if it is visible text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header_text(name)
    }

    /// The value of a cookie (RFC 6265, section 4.2).
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.head
            .header_values("cookie")
            .filter_map(|value| std::str::from_utf8(value).ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(cookie, _)| *cookie == name)
            .map(|(_, value)| value.trim_matches('"'))
    }

    /// A parameter as text: the route's, else the form's, else the query's.
    pub fn param_text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find_param(name).map(|(text, _)| text)
    }

    fn find_param(&self, name: &str) -> Option<(Cow<'_, str>, Origin)> {
        if let Some((_, value)) = self.route().iter().find(|(key, _)| **key == *name) {
            return Some((Cow::Borrowed(value), Origin::Route));
        }
        let query = self.head.query().unwrap_or_default().as_bytes();
        [self.form(), query]
            .into_iter()
            .find_map(|encoded| {
                form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value)
            })
            .map(|value| (value, Origin::Input))
    }

    pub(crate) fn param<T>(&self, name: &str) -> Result<Option<T>, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let Some((text, origin)) = self.find_param(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| {
            let seen = shorten(&text);
            let says = format!("the parameter `{name}` is `{seen}`: {error}\n");
            Halt::new(origin.fault_status(), says).header("content-type", PLAIN)
        })
    }

    pub(crate) fn last_event_id<T>(&self) -> Result<Option<T>, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let Some(text) = self.last_event_id_text() else { return Ok(None) };
        text.parse().map(Some).or_else(|error: T::Err| {
            if is_cursor_of_a_log(&text) {
                return Ok(None);
            }
            let says = format!("the last event id is `{}`: {error}\n", shorten(&text));
            Err(Halt::new(400, says).header("content-type", PLAIN))
        })
    }
}

/// Whether a client brings back what the server told it of its own accord: the name of a log and
/// an offset in it.
fn is_cursor_of_a_log(text: &str) -> bool {
    text.split_once('-').is_some_and(|(log, offset)| {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_offset = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let is_named = !log.is_empty() && log.bytes().all(is_name);
        is_named && !offset.is_empty() && offset.bytes().all(is_offset)
    })
}

/// Cursors.
impl Request {
    /// The header `Last-Event-ID`, else the query parameter `last-event-id`.
    fn last_event_id_text(&self) -> Option<Cow<'_, str>> {
        let header = self.header("last-event-id").map(Cow::Borrowed);
        let id = header.or_else(|| {
            let query = self.head.query().unwrap_or_default().as_bytes();
            let mut pairs = form_urlencoded::parse(query);
            pairs.find(|(key, _)| key == "last-event-id").map(|(_, value)| value)
        });
        id.filter(|text| !text.is_empty())
    }

    /// How far the client has heard, if it says so: a poll may say it as the tag of its last
    /// answer. The empty tag is that of a newcomer who asks where it stands.
    pub(crate) fn cursor(&self, transport: Transport) -> Option<Cow<'_, str>> {
        self.last_event_id_text().or_else(|| match transport {
            Transport::LongPolling => self.tag().filter(|tag| !tag.is_empty()).map(Cow::Borrowed),
            _ => None,
        })
    }

    /// The entity tag in `If-None-Match`, bare (RFC 9110, section 13.1.2).
    fn tag(&self) -> Option<&str> {
        let tags = self.header("if-none-match")?.trim();
        let tag = tags.strip_prefix("W/").unwrap_or(tags);
        Some(tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag))
    }

    /// Whether a poll is one of a client that asks again and again, and does not wait: it goes by
    /// the tag of its last answer alone.
    pub(crate) fn is_conditional(&self) -> bool {
        self.header("if-none-match").is_some() && self.last_event_id_text().is_none()
    }
}

pub(crate) fn missing(name: &str) -> Halt {
    Halt::new(400, format!("the parameter `{name}` is missing\n")).header("content-type", PLAIN)
}

/// Where a parameter came from, which decides what a bad one means.
enum Origin {
    Route,
    Input,
}

impl Origin {
    /// A path that names nothing is not found; any other bad input is a bad request.
    fn fault_status(&self) -> u16 {
        match self {
            Self::Route => 404,
            Self::Input => 400,
        }
    }
}

/// What of a client's text is worth repeating to it.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Characters of a client's text shown in an error: enough to recognise it, too few to abuse it.
const SHOWN_CHARS_MAX: usize = 40;

const PLAIN: &str = "text/plain; charset=utf-8";
