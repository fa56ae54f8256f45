//! The status and headers of an answer, until they are on the wire.

use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderName, StatusCode};

/// What `set_status` and `set_header` have said so far.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Said unless the headers say it.
    pub content_type: &'static str,
    /// The length of the body, when it is known before the body is.
    pub length: Option<u64>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), content_type: HTML, length: None }
    }
}

impl Answer {
    /// The headers to write: these, then the user's but for those of the same names.
    pub fn headers_with<'a>(
        &'a self,
        fixed: &'a [(&'static str, &'static str)],
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let ours = fixed.iter().map(|(name, value)| (*name, value.as_bytes()));
        let users = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        ours.chain(users.filter(move |(name, _)| fixed.iter().all(|(ours, _)| ours != name)))
    }

    /// The headers of an answer with a body: the user's, and a content type if there is none.
    pub fn headers_with_content_type(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let has_body =
            self.status != StatusCode::NO_CONTENT && self.status != StatusCode::NOT_MODIFIED;
        let default = (has_body && !self.headers.contains_key(CONTENT_TYPE))
            .then_some(("content-type", self.content_type.as_bytes()));
        let users = self.headers.iter().map(|(name, value): (&HeaderName, _)| {
            (name.as_str(), http::HeaderValue::as_bytes(value))
        });
        default.into_iter().chain(users)
    }
}

/// What a `render` of text is taken for, as Cramp took it.
const HTML: &str = "text/html; charset=utf-8";
