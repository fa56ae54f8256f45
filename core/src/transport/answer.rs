//! The status and headers of an answer, until they are on the wire.

use http::StatusCode;

use crate::protocol::http::{Header, Headers};

/// What `set_status` and `set_header` have said so far.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: Headers,
    /// Said unless the headers say it.
    pub content_type: Header<'static>,
    /// The length of the body, when it is known before the body is.
    pub length: Option<u64>,
}

impl Default for Answer {
    fn default() -> Self {
        let (headers, content_type) = (Headers::default(), Self::HTML);
        Self { status: StatusCode::OK, headers, content_type, length: None }
    }
}

impl Answer {
    /// What a `render` of text is taken for, as Cramp took it.
    pub const HTML: Header<'static> = Header::of("content-type", "text/html; charset=utf-8");
    /// One of JSON.
    pub const JSON: Header<'static> = Header::of("content-type", "application/json");
    /// One of bytes.
    pub const BYTES: Header<'static> = Header::of("content-type", "application/octet-stream");
    /// What others have said.
    pub const PLAIN: Header<'static> = Header::of("content-type", "text/plain; charset=utf-8");

    /// Whether it says nothing but that its body is of this kind.
    pub fn says_only(&self, kind: Header<'static>) -> bool {
        self.status == StatusCode::OK
            && self.length.is_none()
            && self.headers.is_empty()
            && self.content_type.value() == kind.value()
    }

    /// Makes it the answer it was before anything was said.
    pub fn clear(&mut self) {
        let mut headers = std::mem::take(&mut self.headers);
        headers.clear();
        *self = Self { headers, ..Self::default() };
    }

    /// The headers to write: these, then the user's but for those of the same names.
    pub fn headers_with<'a>(
        &'a self,
        fixed: &'a [Header<'static>],
    ) -> impl Iterator<Item = Header<'a>> {
        let users = self.headers.iter();
        let is_not_fixed =
            move |user: &Header<'_>| fixed.iter().all(|ours| ours.name() != user.name());
        fixed.iter().copied().chain(users.filter(is_not_fixed))
    }

    /// The headers of an answer with a body: the user's, and a content type if there is none.
    pub fn headers_with_content_type(&self) -> impl Iterator<Item = Header<'_>> {
        let has_body =
            self.status != StatusCode::NO_CONTENT && self.status != StatusCode::NOT_MODIFIED;
        let default =
            (has_body && !self.headers.has(self.content_type.name())).then_some(self.content_type);
        default.into_iter().chain(self.headers.iter())
    }
}
