//! A folder on a real disk, from the request to the last byte.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

/// When every file of a [`Site`] was last changed, since 1970.
const MODIFIED: Duration = Duration::from_secs(1_700_000_000);
const MODIFIED_TEXT: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// Ten bytes, so that ranges read off the digits.
const DIGITS: &str = "0123456789";

/// What stands in every file outside the folder.
const SECRET: &str = "secret";

/// A public folder beside a secret one, both removed when dropped.
struct Site {
    base: PathBuf,
    folder: Folder,
}

impl Site {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let base = std::env::temp_dir().join(format!("crampon-{}-{count}", std::process::id()));
        for (path, text) in [
            ("public/index.html", "home"),
            ("public/digits.txt", DIGITS),
            ("public/empty.txt", ""),
            ("public/a b.txt", "spaced"),
            ("public/docs/index.html", "docs"),
            ("public/docs/page.html", "page"),
            ("public/bare/file", "file"),
            ("public/.env", SECRET),
            ("public/.git/config", SECRET),
            ("public/docs/.draft", SECRET),
            ("public/.well-known/security.txt", "contact"),
            ("public/index-is-a-folder/index.html/x", "x"),
            ("outside/secret.txt", SECRET),
            ("outside/index.html", SECRET),
            ("public-sibling/secret.txt", SECRET),
        ] {
            write(&base.join(path), text);
        }
        let link = |to: &str, from: &str| {
            symlink(base.join(to), base.join("public").join(from)).expect("links can be made");
        };
        link("outside/secret.txt", "link-out.txt");
        link("outside", "folder-out");
        link("public-sibling", "sibling-out");
        link("", "parent-out");
        link("public/digits.txt", "link-in.txt");
        link("public/docs", "folder-in");
        link("public/nowhere", "dangling");
        link("public/loop", "loop");
        link("public/link-out.txt", "link-to-link-out.txt");
        let folder = Folder::new(base.join("public")).expect("it was just made");
        Self { base, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder_path().join(name)
    }

    fn folder_path(&self) -> PathBuf {
        self.base.join("public")
    }

    /// GETs a path behind the prefix `/`.
    fn get(&self, path: &str) -> Reply {
        self.ask(&request(path))
    }

    fn ask(&self, request: &FileRequest) -> Reply {
        let FileAnswer { status, headers, length, body } = self.folder.find(request);
        let body = body.map(|body| read_all(body, 7).expect("the file is left alone"));
        Reply { status, headers, length, body }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let removed = fs::remove_dir_all(&self.base);
        assert!(removed.is_ok() || std::thread::panicking(), "the folder is ours to remove");
    }
}

/// An answer whose body has been read.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    length: u64,
    body: Option<String>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    fn text(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
    let file = File::options().write(true).open(path).expect("it was just written");
    file.set_modified(UNIX_EPOCH + MODIFIED).expect("its time can be set");
}

fn read_all(mut body: FileBody, max: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    while body.left() > 0 {
        bytes.extend(body.read(max)?);
    }
    assert_eq!(body.read(max)?, b"", "nothing comes after the end");
    Ok(String::from_utf8(bytes).expect("the files here are text"))
}

fn request(path: &str) -> FileRequest {
    FileRequest { path: path.into(), target: format!("/{path}"), ..FileRequest::default() }
}

fn ranged(path: &str, range: &str) -> FileRequest {
    FileRequest { range: Some(range.into()), ..request(path) }
}

#[test]
fn files_are_found_by_their_decoded_path() {
    let site = Site::new();
    for (path, content) in [
        ("", "home"),
        ("index.html", "home"),
        ("digits.txt", DIGITS),
        ("%64igits.txt", DIGITS),
        ("empty.txt", ""),
        ("a%20b.txt", "spaced"),
        ("docs/", "docs"),
        ("docs/page.html", "page"),
        ("bare/file", "file"),
        ("link-in.txt", DIGITS),
        ("folder-in/page.html", "page"),
        ("folder-in/", "docs"),
        (".well-known/security.txt", "contact"),
    ] {
        let reply = site.get(path);
        assert_eq!((reply.status, reply.text()), (200, content), "{path:?}");
        assert_eq!(reply.length, content.len() as u64, "{path:?}");
    }
}

#[test]
fn whatever_may_not_be_served_does_not_exist() {
    let site = Site::new();
    let _socket = UnixListener::bind(site.path("socket")).expect("the name is free");
    let secret = site.base.join("outside/secret.txt");
    let secret = secret.to_str().expect("the temporary folder's name is text");
    let long_name = "x".repeat(300);
    let long_path = "x/".repeat(3_000);
    for path in [
        "nothing.txt",
        "docs/nothing",
        "digits.txt/",
        "digits.txt/x",
        "bare",
        "bare/",
        "index-is-a-folder/",
        "../outside/secret.txt",
        "docs/../../outside/secret.txt",
        "docs/../digits.txt",
        "./digits.txt",
        "%2e%2e/outside/secret.txt",
        "%2E%2E%2Foutside%2Fsecret.txt",
        "..%2foutside%2fsecret.txt",
        "docs%2fpage.html",
        "..%5coutside%5csecret.txt",
        "..\\outside\\secret.txt",
        "../public-sibling/secret.txt",
        "%252e%252e/outside/secret.txt",
        "%c0%ae%c0%ae/outside/secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        secret,
        &secret[1..],
        "docs//page.html",
        "digits.txt%00",
        "digits.txt%00.html",
        "%ff",
        ".env",
        "%2eenv",
        ".git/config",
        ".git/",
        "docs/.draft",
        "link-out.txt",
        "link-to-link-out.txt",
        "folder-out/secret.txt",
        "folder-out/",
        "folder-out",
        "sibling-out/secret.txt",
        "parent-out/outside/secret.txt",
        "dangling",
        "loop",
        "loop/x",
        "socket",
        &long_name,
        &long_path,
    ] {
        let reply = site.get(path);
        assert_eq!(reply.status, 404, "{path:?}");
        assert_eq!((reply.length, reply.body), (0, None), "{path:?}");
        assert_eq!(reply.headers, [], "{path:?}");
    }
}

#[test]
fn a_folder_without_its_slash_is_redirected() {
    let site = Site::new();
    for (path, target, location) in [
        ("docs", "/docs", "/docs/"),
        ("docs", "/assets/docs?v=2", "/assets/docs/?v=2"),
        ("folder-in", "/folder-in", "/folder-in/"),
        ("", "/assets", "/assets/"),
        ("", "/assets?page=1", "/assets/?page=1"),
    ] {
        let request =
            FileRequest { path: path.into(), target: target.into(), ..FileRequest::default() };
        let reply = site.ask(&request);
        assert_eq!((reply.status, reply.header("location")), (301, Some(location)), "{target:?}");
        assert_eq!((reply.length, reply.body), (0, None));
    }
    let slashed = FileRequest { target: "/assets/?page=1".into(), ..FileRequest::default() };
    assert_eq!(site.ask(&slashed).text(), "home");
}

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
fn a_body_arrives_in_parts_of_bounded_size() {
    let site = Site::new();
    let content = "x".repeat(PART_BYTES_MAX * 2 + 1);
    write(&site.path("large"), &content);
    for (max, first, parts) in [
        (usize::MAX, PART_BYTES_MAX, 3),
        (1 << 12, 1 << 12, 33),
        (PART_BYTES_MAX, PART_BYTES_MAX, 3),
    ] {
        let mut body = site.folder.find(&request("large")).body.expect("GET has a body");
        let mut sizes = Vec::new();
        while body.left() > 0 {
            sizes.push(body.read(max).expect("the file is left alone").len());
        }
        assert_eq!((sizes[0], sizes.len()), (first, parts), "{max}");
        assert_eq!(sizes.iter().sum::<usize>(), content.len(), "{max}");
    }
    let mut body = site.folder.find(&request("digits.txt")).body.expect("GET has a body");
    assert_eq!(body.read(0).expect("the file is left alone"), b"0", "no part is empty by request");
}

#[test]
fn a_file_that_shrinks_is_cut_and_never_padded() {
    let site = Site::new();
    let mut body = site.folder.find(&request("digits.txt")).body.expect("GET has a body");
    assert_eq!(body.read(4).expect("the file is whole"), b"0123");
    let file = File::options().write(true).open(site.path("digits.txt")).expect("it is there");
    file.set_len(6).expect("files can be cut");
    let error = body.read(100).expect_err("four bytes are gone");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(error.to_string(), "the file shrank while it was read: 4 bytes are missing");
}

#[test]
fn a_file_that_grows_ends_where_it_was_announced_to() {
    let site = Site::new();
    let answer = site.folder.find(&request("digits.txt"));
    fs::write(site.path("digits.txt"), "0123456789 and more").expect("files can be written");
    assert_eq!(read_all(answer.body.expect("GET has a body"), 100).expect("it grew"), DIGITS);
}

#[test]
fn a_replaced_file_is_read_to_the_end_as_it_was() {
    let site = Site::new();
    let answer = site.folder.find(&request("digits.txt"));
    write(&site.path("new.txt"), "new");
    fs::rename(site.path("new.txt"), site.path("digits.txt")).expect("files can be renamed");
    assert_eq!(read_all(answer.body.expect("GET has a body"), 3).expect("it lives on"), DIGITS);
    assert_eq!(site.get("digits.txt").text(), "new");
}

#[test]
fn a_folder_is_checked_when_it_is_named() {
    let site = Site::new();
    let missing = Folder::new("no/such/folder").expect_err("it is missing").to_string();
    assert!(missing.starts_with("folder `no/such/folder` cannot be opened from `/"), "{missing}");
    assert!(missing.ends_with("No such file or directory (os error 2)"), "{missing}");
    let file = site.path("digits.txt");
    let error = Folder::new(&file).expect_err("it is a file").to_string();
    let says =
        format!("`{}` is not a folder; name the folder that the files are in", file.display());
    assert_eq!(error, says);
}

#[test]
fn a_folder_may_be_named_by_a_link_or_lie_below_a_hidden_one() {
    let site = Site::new();
    symlink(site.folder_path(), site.base.join("current")).expect("the name is free");
    write(&site.base.join(".site/public/index.html"), "hidden above");
    for (folder, content) in [("current", "home"), (".site/public", "hidden above")] {
        let folder = Folder::new(site.base.join(folder)).expect("it is a folder");
        let body = folder.find(&request("")).body.expect("GET has a body");
        assert_eq!(read_all(body, 100).expect("the file is left alone"), content);
    }
}

#[test]
fn a_link_shows_what_its_author_meant_to_show() {
    let site = Site::new();
    write(&site.path(".releases/7/page.html"), "release 7");
    symlink(".releases/7", site.path("release")).expect("the name is free");
    assert_eq!(site.get("release/page.html").text(), "release 7");
    assert_eq!(site.get(".releases/7/page.html").status, 404);
}

#[test]
fn requests_and_answers_cross_threads() {
    fn crosses<T: Send + 'static>() {}
    crosses::<Folder>();
    crosses::<FileRequest>();
    crosses::<FileAnswer>();
    crosses::<FileBody>();
}

#[test]
fn links_that_change_while_a_file_is_opened_lead_nowhere() {
    const LINK_CHANGES: usize = 3_000;
    let site = Site::new();
    write(&site.path("docs/secret.txt"), "public");
    let public = site.folder_path();
    let changes = std::thread::spawn(move || {
        for change in 0..LINK_CHANGES {
            let to = if change % 2 == 0 { "../outside" } else { "docs" };
            symlink(to, public.join("next")).expect("the name is free");
            fs::rename(public.join("next"), public.join("turning")).expect("links can be renamed");
        }
    });
    while !changes.is_finished() {
        let reply = site.get("turning/secret.txt");
        assert!(matches!((reply.status, reply.text()), (200, "public") | (404, "")), "{reply:?}");
    }
    changes.join().expect("the links could be changed");
}

/// Paths made of what attacks are made of, and paths of anything at all.
fn any_path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "..",
        ".",
        "/",
        "//",
        "\\",
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "%00",
        "%25",
        "%c0%ae",
        "~",
        "?",
        "docs",
        "page.html",
        "digits.txt",
        "outside",
        "secret.txt",
        "public",
        "public-sibling",
        "link-out.txt",
        "folder-out",
        "sibling-out",
        "parent-out",
        "folder-in",
        ".env",
        ".git",
        "config",
        ".well-known",
        "index.html",
    ]);
    let slashed = prop::collection::vec(piece.clone(), 0..8).prop_map(|pieces| pieces.join("/"));
    let joined = prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat());
    prop_oneof![slashed, joined, "\\PC*", ".*"]
}

#[test]
fn no_path_reads_a_file_outside_the_folder_or_a_hidden_one() {
    let site = Site::new();
    proptest!(ProptestConfig::with_cases(4_000), |(path in any_path())| {
        let reply = site.get(&path);
        prop_assert!(!reply.text().contains(SECRET), "{path:?}");
        prop_assert!(matches!(reply.status, 200 | 301 | 404), "{path:?}: {}", reply.status);
        for (name, value) in &reply.headers {
            prop_assert!(http::HeaderValue::from_str(value).is_ok(), "{name}: {value:?}");
        }
        if let Some(location) = reply.header("location") {
            prop_assert!(location.starts_with('/') && !location.starts_with("//"), "{location}");
        }
    });
}
