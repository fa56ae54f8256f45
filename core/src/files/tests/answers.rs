//! What an answer says: headers, conditions, ranges.

use super::*;

#[test]
fn a_file_comes_with_all_that_caches_and_browsers_need() {
    let reply = Site::new().get("index.html");
    for (name, value) in [
        ("accept-ranges", "bytes"),
        ("cache-control", "no-cache"),
        ("content-type", "text/html; charset=utf-8"),
        ("etag", "\"4-17979cfe362a0000\""),
        ("last-modified", MODIFIED_TEXT),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    assert_eq!(reply.headers.len(), 6);
}

#[test]
fn the_type_is_that_of_the_name_asked_for() {
    let site = Site::new();
    symlink(site.path("digits.txt"), site.path("digits.json")).expect("the name is free");
    for (path, content_type) in [
        ("docs/", "text/html; charset=utf-8"),
        ("digits.json", "application/json; charset=utf-8"),
        ("bare/file", "application/octet-stream"),
    ] {
        assert_eq!(site.get(path).header("content-type"), Some(content_type), "{path:?}");
    }
}

#[test]
fn head_is_answered_like_get_without_the_body() {
    let site = Site::new();
    let head = FileRequest { is_head: true, ..request("digits.txt") };
    let (get, head) = (site.get("digits.txt"), site.ask(&head));
    assert_eq!((head.status, head.length, &head.headers), (200, 10, &get.headers));
    assert_eq!(head.body, None);

    let ranged = FileRequest { is_head: true, ..ranged("digits.txt", "bytes=2-3") };
    assert_eq!(site.ask(&ranged).status, 200, "a range means nothing to HEAD");
}

#[test]
fn a_copy_that_is_current_is_confirmed() {
    let site = Site::new();
    let etag = site.get("digits.txt").header("etag").map(str::to_owned);
    let by_tag = FileRequest { if_none_match: etag, ..request("digits.txt") };
    let by_date =
        FileRequest { if_modified_since: Some(MODIFIED_TEXT.into()), ..request("digits.txt") };
    for request in [
        FileRequest { range: Some("bytes=0-1".into()), ..by_tag.clone() },
        FileRequest { is_head: true, ..by_tag.clone() },
        by_tag.clone(),
        by_date,
    ] {
        let reply = site.ask(&request);
        assert_eq!((reply.status, reply.body.as_ref()), (304, None), "{request:?}");
        assert_eq!(reply.names(), ["cache-control", "etag", "last-modified"]);
    }

    write(&site.path("digits.txt"), "0123456789a");
    assert_eq!(site.ask(&by_tag).text(), "0123456789a");
}

#[test]
fn a_range_is_answered_with_that_part() {
    let site = Site::new();
    for (range, content, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-5", "2345", "bytes 2-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-4", "6789", "bytes 6-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
        ("bytes=0-", DIGITS, "bytes 0-9/10"),
    ] {
        let reply = site.ask(&ranged("digits.txt", range));
        assert_eq!((reply.status, reply.text()), (206, content), "{range}");
        assert_eq!(reply.header("content-range"), Some(content_range), "{range}");
        assert_eq!(reply.length, content.len() as u64, "{range}");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(reply.header("etag").is_some() && reply.header("last-modified").is_some());
    }
}

#[test]
fn a_range_behind_the_end_is_refused_with_the_length() {
    let site = Site::new();
    for (path, range, content_range) in [
        ("digits.txt", "bytes=10-", "bytes */10"),
        ("digits.txt", "bytes=-0", "bytes */10"),
        ("empty.txt", "bytes=0-", "bytes */0"),
    ] {
        let reply = site.ask(&ranged(path, range));
        assert_eq!(reply.status, 416, "{range}");
        assert_eq!(reply.header("content-range"), Some(content_range));
        assert_eq!((reply.length, reply.body), (0, None));
    }
}

#[test]
fn ranges_we_do_not_serve_are_answered_with_the_whole_file() {
    let site = Site::new();
    for range in ["bytes=0-1,4-5", "bytes=5-2", "lines=0-1", "bytes=x"] {
        let reply = site.ask(&ranged("digits.txt", range));
        assert_eq!((reply.status, reply.text()), (200, DIGITS), "{range}");
        assert_eq!(reply.header("content-range"), None, "{range}");
    }
}

#[test]
fn if_range_guards_against_joining_two_states_of_a_file() {
    let site = Site::new();
    let etag = site.get("digits.txt").header("etag").expect("files have tags").to_owned();
    for (if_range, range, status) in [
        (etag.as_str(), "bytes=2-3", 206),
        (MODIFIED_TEXT, "bytes=2-3", 206),
        (etag.as_str(), "bytes=10-", 416),
        ("\"other\"", "bytes=2-3", 200),
        ("\"other\"", "bytes=10-", 200),
        (&format!("W/{etag}"), "bytes=2-3", 200),
        ("Tue, 14 Nov 2023 22:13:19 GMT", "bytes=2-3", 200),
        ("nonsense", "bytes=2-3", 200),
    ] {
        let request =
            FileRequest { if_range: Some(if_range.into()), ..ranged("digits.txt", range) };
        assert_eq!(site.ask(&request).status, status, "{if_range} {range}");
    }
}

#[test]
fn requests_and_answers_cross_threads() {
    fn crosses<T: Send + 'static>() {}
    crosses::<Folder>();
    crosses::<FileRequest>();
    crosses::<FileAnswer>();
    crosses::<FileBody>();
}
