//! What a folder answers: status, headers, length, and a body that is still on the disk.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::content_type::content_type;
use super::range::Selection;
use super::validators::Validators;
use super::{FileBody, FileRequest};

/// How a copy may be kept: by anyone, but asked about before each use.
///
/// The names of these files do not change with their content, so only asking shows a new release
/// at the next load; the price is one 304.
const CACHE_CONTROL: &str = "no-cache";

/// Forbids browsers to guess a type: an uploaded image that reads as HTML stays an image.
const NO_SNIFFING: &str = "nosniff";

/// What may not stand in a `Location` as it is; everything past ASCII is encoded anyway.
const NOT_IN_LOCATION: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// The answer to a [`FileRequest`].
#[derive(Debug)]
pub struct FileAnswer {
    /// 200, 206, 301, 304, 404, 412, 416; or 500 when the disk or the process failed.
    pub status: u16,
    /// The headers, names in lower case, without `Content-Length` and `Date`.
    pub headers: Vec<(&'static str, String)>,
    /// The `Content-Length` to announce; for HEAD what GET would have. A 304 announces none.
    pub length: u64,
    /// The body; `None` for HEAD and for an answer that has none.
    pub body: Option<FileBody>,
}

impl FileAnswer {
    /// An answer that is only a status.
    pub(super) fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), length: 0, body: None }
    }

    /// Sends a client that asked for a folder to the same place with a slash at the end, so that
    /// the relative links of its page work.
    ///
    /// The place is a path on this server whatever was asked: `//` would name another one.
    pub(super) fn moved(request: &FileRequest) -> Self {
        let (path, query) = request.split_target();
        let mut location = format!("/{}/", path.trim_matches(['/', '\\']));
        if let Some(query) = query {
            location.push('?');
            location.push_str(query);
        }
        let location = utf8_percent_encode(&location, NOT_IN_LOCATION).to_string();
        Self::bare(301).header("location", location).header("cache-control", CACHE_CONTROL)
    }

    /// Answers with an open file of this name, as the request's conditions and range decide.
    pub(super) fn of(
        file: File,
        name: &Path,
        request: &FileRequest,
        now: SystemTime,
    ) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let length = metadata.len();
        let validators = Validators::new(length, metadata.modified()?, now);
        if validators.are_missed_by(request) {
            return Ok(Self::bare(412));
        }
        if validators.is_known_to(request) {
            return Ok(Self::bare(304).validated(&validators));
        }
        let (status, bytes) = match select(request, &validators, length) {
            Selection::Whole => (200, 0..length),
            Selection::Part(bytes) => (206, bytes),
            Selection::Unsatisfiable => {
                return Ok(Self::bare(416).header("content-range", format!("bytes */{length}")));
            }
        };

        let mut answer = Self::bare(status)
            .validated(&validators)
            .header("content-type", content_type(name))
            .header("x-content-type-options", NO_SNIFFING)
            .header("accept-ranges", "bytes");
        if status == 206 {
            let (first, last) = (bytes.start, bytes.end - 1);
            answer = answer.header("content-range", format!("bytes {first}-{last}/{length}"));
        }
        answer.length = bytes.end - bytes.start;
        if !request.is_head {
            answer.body = Some(FileBody::new(file, bytes)?);
        }
        Ok(answer)
    }

    /// Adds what a cache keeps a copy by.
    fn validated(self, validators: &Validators) -> Self {
        let answer = self.header("etag", validators.etag()).header("cache-control", CACHE_CONTROL);
        match validators.last_modified() {
            Some(date) => answer.header("last-modified", date),
            None => answer,
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What the request selects; `Range` means something to GET alone (RFC 9110, section 14.2).
fn select(request: &FileRequest, validators: &Validators, length: u64) -> Selection {
    let is_void = request.is_head
        || request.if_range.as_deref().is_some_and(|known| !validators.allows_range(known));
    match &request.range {
        Some(range) if !is_void => Selection::of(range, length),
        _ => Selection::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_keeps_prefix_and_query_and_never_leaves_the_server() {
        for (target, location) in [
            ("/css", "/css/"),
            ("/assets/css", "/assets/css/"),
            ("/assets/css?v=2&w=%20", "/assets/css/?v=2&w=%20"),
            ("/assets/css?", "/assets/css/?"),
            ("/a%20b", "/a%20b/"),
            ("/css?next=//evil.example", "/css/?next=//evil.example"),
            ("//evil.example", "/evil.example/"),
            ("///evil.example?a", "/evil.example/?a"),
            ("/\\evil.example", "/evil.example/"),
            ("\\\\evil.example", "/evil.example/"),
            ("https://evil.example", "/https://evil.example/"),
            ("/a\r\nset-cookie: b", "/a%0D%0Aset-cookie:%20b/"),
            ("/grüße?ü", "/gr%C3%BC%C3%9Fe/?%C3%BC"),
        ] {
            let request = FileRequest { target: target.into(), ..FileRequest::default() };
            let answer = FileAnswer::moved(&request);
            assert_eq!(answer.status, 301);
            assert_eq!(answer.headers[0], ("location", location.to_owned()), "{target:?}");
        }
    }
}
