//! What tells one state of a file from the next: its entity tag and its date, and the conditions
//! that compare them (RFC 9110, sections 8.8 and 13). Pure: the time is passed in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

use super::FileRequest;

/// How long a file's modification time may stand still although the file changes.
///
/// 2 s: the step of the coarsest file system in use (FAT); most step in nanoseconds or a kernel
/// tick of 1 to 10 ms. It also covers the whole seconds of `Last-Modified`.
const MODIFIED_STEP_MAX: Duration = Duration::from_secs(2);

/// The validators of a file as it was when it was opened.
///
/// The tag is made of length and modification time, and no inode: the same release on two machines
/// has the same tags. It is strong, as resuming a download needs it, once another change would
/// show; a file that changed a moment ago could change again and keep both, so its tag is weak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Validators {
    /// The tag with its quotes, without the mark of weakness.
    opaque: String,
    /// Whether every later change will show in the modification time.
    is_settled: bool,
    /// `None` when the file's time is before 1970 or to come: neither may be announced.
    modified: Option<HttpDate>,
}

impl Validators {
    /// The validators of a file of this length and modification time, looked at `now`.
    pub(super) fn new(length: u64, modified: SystemTime, now: SystemTime) -> Self {
        let since_epoch = modified.duration_since(UNIX_EPOCH);
        let age = now.duration_since(modified);
        let is_datable = since_epoch.is_ok() && age.is_ok();
        let nanoseconds = since_epoch.unwrap_or_default().as_nanos();
        Self {
            opaque: format!("\"{length:x}-{nanoseconds:x}\""),
            is_settled: is_datable && age.is_ok_and(|age| age >= MODIFIED_STEP_MAX),
            modified: is_datable.then(|| HttpDate::from(modified)),
        }
    }

    /// `ETag`.
    pub(super) fn etag(&self) -> String {
        let weakness = if self.is_settled { "" } else { "W/" };
        format!("{weakness}{}", self.opaque)
    }

    /// `Last-Modified`, if the file has a time to announce.
    pub(super) fn last_modified(&self) -> Option<String> {
        self.modified.map(|date| date.to_string())
    }

    /// Whether the client wants an answer only if this is another file, so that 412 is the answer
    /// (section 13.2.2).
    ///
    /// `If-Match`, whatever it says, silences `If-Unmodified-Since`; an unreadable date does not
    /// count. Tags are compared strongly (section 13.1.1): a weak one is nobody's.
    pub(super) fn are_missed_by(&self, request: &FileRequest) -> bool {
        if let Some(tags) = &request.if_match {
            let is_this = |tag: Tag<'_>| !tag.is_weak && tag.opaque == self.opaque;
            return tags.trim() != "*" && !(self.is_settled && Tags(tags).any(is_this));
        }
        let since = request.if_unmodified_since.as_deref().and_then(date);
        since.is_some_and(|since| self.modified.is_some_and(|modified| modified > since))
    }

    /// Whether the client's copy is this file, so that 304 is the answer (section 13.2.2).
    ///
    /// `If-None-Match`, whatever it says, silences `If-Modified-Since`; an unreadable date does not
    /// count.
    pub(super) fn is_known_to(&self, request: &FileRequest) -> bool {
        if let Some(tags) = &request.if_none_match {
            return lists_tag(tags, &self.opaque);
        }
        let since = request.if_modified_since.as_deref().and_then(date);
        since.is_some_and(|since| self.modified.is_some_and(|modified| modified <= since))
    }

    /// Whether `If-Range` lets a range be served: the tag or the exact date, compared strongly
    /// (section 13.1.5).
    pub(super) fn allows_range(&self, if_range: &str) -> bool {
        let if_range = if_range.trim();
        let is_same = if_range == self.opaque
            || date(if_range).is_some_and(|known| self.modified == Some(known));
        self.is_settled && is_same
    }
}

/// Whether `If-None-Match` lists this tag, compared weakly, or is the star (RFC 9110, section
/// 13.1.2). `opaque` has its quotes and no mark of weakness.
pub(crate) fn lists_tag(if_none_match: &str, opaque: &str) -> bool {
    if_none_match.trim() == "*" || Tags(if_none_match).any(|listed| listed.opaque == opaque)
}

/// A date in any of the three forms of section 5.6.7, or `None`.
fn date(text: &str) -> Option<HttpDate> {
    text.trim().parse().ok()
}

/// The entity tags of a list; ends where the list is malformed.
struct Tags<'a>(&'a str);

/// An entity tag.
struct Tag<'a> {
    is_weak: bool,
    /// With its quotes.
    opaque: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let rest = self.0.trim_start_matches([' ', '\t', ',']);
        let (is_weak, rest) = match rest.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let closing = rest.strip_prefix('"')?.find('"')? + 1;
        let (opaque, rest) = rest.split_at(closing + 1);
        self.0 = rest;
        Some(Tag { is_weak, opaque })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thu, 01 Jan 1970 00:16:40 GMT and 5 ns.
    const MODIFIED: Duration = Duration::new(1_000, 5);
    const MODIFIED_TEXT: &str = "Thu, 01 Jan 1970 00:16:40 GMT";
    const TAG: &str = "\"10-e8d4a51005\"";

    fn at(since_epoch: Duration) -> SystemTime {
        UNIX_EPOCH + since_epoch
    }

    /// The validators of a file of 16 bytes, this long after it changed.
    fn aged(age: Duration) -> Validators {
        Validators::new(16, at(MODIFIED), at(MODIFIED + age))
    }

    fn settled() -> Validators {
        aged(Duration::from_secs(60))
    }

    fn none_match(tags: &str) -> FileRequest {
        FileRequest { if_none_match: Some(tags.into()), ..FileRequest::default() }
    }

    fn modified_since(date: &str) -> FileRequest {
        FileRequest { if_modified_since: Some(date.into()), ..FileRequest::default() }
    }

    #[test]
    fn the_tag_tells_length_and_nanoseconds_apart() {
        let tag = |length, modified| Validators::new(length, at(modified), at(MODIFIED * 2)).etag();
        assert_eq!(tag(16, MODIFIED), TAG);
        assert_ne!(tag(17, MODIFIED), TAG);
        assert_ne!(tag(16, MODIFIED + Duration::from_nanos(1)), TAG);
    }

    #[test]
    fn the_tag_is_weak_while_a_change_might_not_show() {
        for (age_milliseconds, tag) in
            [(0, format!("W/{TAG}")), (1_999, format!("W/{TAG}")), (2_000, TAG.to_owned())]
        {
            assert_eq!(aged(Duration::from_millis(age_milliseconds)).etag(), tag);
        }
    }

    #[test]
    fn a_time_to_come_or_before_1970_is_not_announced() {
        let now = at(MODIFIED);
        for modified in [now + Duration::from_secs(1), UNIX_EPOCH - Duration::from_secs(1)] {
            let validators = Validators::new(16, modified, now);
            assert_eq!(validators.last_modified(), None);
            assert!(validators.etag().starts_with("W/"));
            assert!(!validators.is_known_to(&modified_since("Fri, 01 Jan 2100 00:00:00 GMT")));
        }
        assert_eq!(settled().last_modified().as_deref(), Some(MODIFIED_TEXT));
    }

    #[test]
    fn if_none_match_takes_lists_and_stars_and_compares_weakly() {
        for (tags, is_known) in [
            (TAG.to_owned(), true),
            (format!("W/{TAG}"), true),
            ("*".to_owned(), true),
            (" * ".to_owned(), true),
            (format!("\"a\", W/\"b\",{TAG}"), true),
            (format!(",, \"a,b\"\t, {TAG}"), true),
            (format!("\"a\" {TAG}"), true),
            ("\"\"".to_owned(), false),
            ("\"other\"".to_owned(), false),
            (TAG.trim_matches('"').to_owned(), false),
            (format!("w/{TAG}"), false),
            (format!("unquoted, {TAG}"), false),
            (format!("\"open, {TAG}"), false),
            ("\"".to_owned(), false),
            ("W/".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(settled().is_known_to(&none_match(&tags)), is_known, "{tags:?}");
        }
        assert!(aged(Duration::ZERO).is_known_to(&none_match(TAG)), "weak tags match, too");
    }

    #[test]
    fn if_modified_since_compares_whole_seconds_in_all_three_forms() {
        for (date, is_known) in [
            (MODIFIED_TEXT, true),
            ("Thursday, 01-Jan-70 00:16:40 GMT", true),
            ("Thu Jan  1 00:16:40 1970", true),
            ("Thu, 01 Jan 1970 00:16:41 GMT", true),
            ("Thu, 01 Jan 1970 00:16:39 GMT", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(settled().is_known_to(&modified_since(date)), is_known, "{date:?}");
        }
    }

    #[test]
    fn if_none_match_silences_if_modified_since() {
        for tags in ["\"other\"", "malformed", ""] {
            let request = FileRequest {
                if_none_match: Some(tags.into()),
                ..modified_since("Fri, 01 Jan 2100 00:00:00 GMT")
            };
            assert!(!settled().is_known_to(&request), "{tags:?}");
        }
        let request = FileRequest {
            if_none_match: Some(TAG.into()),
            ..modified_since("Thu, 01 Jan 1970 00:00:00 GMT")
        };
        assert!(settled().is_known_to(&request));
    }

    #[test]
    fn if_match_compares_strongly_and_silences_if_unmodified_since() {
        let request = |tags: &str| FileRequest {
            if_match: Some(tags.into()),
            if_unmodified_since: Some("Thu, 01 Jan 1970 00:00:00 GMT".into()),
            ..FileRequest::default()
        };
        for (tags, is_missed) in [
            (TAG.to_owned(), false),
            ("*".to_owned(), false),
            (format!("\"a\", W/\"b\",{TAG}"), false),
            (format!("W/{TAG}"), true),
            ("\"other\"".to_owned(), true),
            (TAG.trim_matches('"').to_owned(), true),
            (String::new(), true),
        ] {
            assert_eq!(settled().are_missed_by(&request(&tags)), is_missed, "{tags:?}");
        }
        assert!(aged(Duration::ZERO).are_missed_by(&request(TAG)), "it may change again");
        assert!(!aged(Duration::ZERO).are_missed_by(&request("*")), "it is there");
    }

    #[test]
    fn if_unmodified_since_compares_whole_seconds() {
        for (date, is_missed) in [
            (MODIFIED_TEXT, false),
            ("Thu, 01 Jan 1970 00:16:41 GMT", false),
            ("Thu, 01 Jan 1970 00:16:39 GMT", true),
            ("yesterday", false),
        ] {
            let request =
                FileRequest { if_unmodified_since: Some(date.into()), ..FileRequest::default() };
            assert_eq!(settled().are_missed_by(&request), is_missed, "{date:?}");
        }
    }

    #[test]
    fn if_range_compares_strongly() {
        for (if_range, allows) in [
            (TAG.to_owned(), true),
            (format!(" {TAG} "), true),
            (MODIFIED_TEXT.to_owned(), true),
            (format!("W/{TAG}"), false),
            ("\"other\"".to_owned(), false),
            ("*".to_owned(), false),
            ("Thu, 01 Jan 1970 00:16:41 GMT".to_owned(), false),
            ("Thu, 01 Jan 1970 00:16:39 GMT".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(settled().allows_range(&if_range), allows, "{if_range:?}");
        }
        for if_range in [TAG, MODIFIED_TEXT] {
            assert!(!aged(Duration::ZERO).allows_range(if_range), "{if_range:?} may change again");
        }
    }
}
