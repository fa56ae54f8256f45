//! Files over a real socket: what is found and what is not, and what a slow reader costs.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crampon::prelude::*;
use crampon::protocol::http::Method;
use crampon_tests::{Answer, Host, PATIENCE};

/// A public folder beside a secret, removed when dropped.
struct Site {
    base: PathBuf,
}

impl Site {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("crampon-tests-files-{}-{count}", std::process::id());
        let site = Self { base: std::env::temp_dir().join(name) };
        for (path, text) in [
            ("public/index.html", "<p>home"),
            ("public/style.css", "p {}"),
            ("public/digits.txt", "0123456789"),
            ("public/a b.txt", "spaced"),
            ("public/docs/index.html", "<p>docs"),
            ("public/.env", "secret"),
            ("secret.txt", "secret"),
        ] {
            site.write(path, text.as_bytes());
        }
        site
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.base.join(path);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("folders can be made");
        fs::write(path, bytes).expect("files can be written");
    }

    fn serve(&self) -> Host {
        let folder = self.base.join("public");
        Host::serve(move || {
            Routes::new().at("/live", || Live).files("/", &folder).files("/assets/", &folder)
        })
    }

    /// How often a file is open in this process.
    fn open_count(&self, path: &str) -> usize {
        let path = fs::canonicalize(self.base.join(path)).expect("it was made");
        let descriptors = fs::read_dir("/proc/self/fd").expect("there is a /proc");
        descriptors
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter(|target| *target == path)
            .count()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.base));
    }
}

/// A route beside the files.
#[action(transport = regular)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render("live");
        cx.finish();
    }
}

/// The answer to a GET with more headers.
fn get_with(host: &Host, path: &str, more: &str) -> Answer {
    let mut browser = host.connect();
    browser.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n{more}\r\n"));
    browser.answer()
}

#[test]
fn files_are_found_with_their_type_and_length() {
    let site = Site::new();
    let host = site.serve();
    let mut browser = host.connect();
    for (path, content_type, text) in [
        ("/", "text/html; charset=utf-8", "<p>home"),
        ("/style.css", "text/css; charset=utf-8", "p {}"),
        ("/digits.txt?v=2", "text/plain; charset=utf-8", "0123456789"),
        ("/a%20b.txt", "text/plain; charset=utf-8", "spaced"),
        ("/docs/", "text/html; charset=utf-8", "<p>docs"),
        ("/assets/digits.txt", "text/plain; charset=utf-8", "0123456789"),
        ("/live", "text/html; charset=utf-8", "live"),
    ] {
        browser.get(path);
        let answer = browser.answer();
        assert_eq!((answer.status(), answer.text()), (200, text), "{path}");
        assert_eq!(answer.header("content-type"), content_type, "{path}");
        assert_eq!(answer.header("content-length"), text.len().to_string(), "{path}");
    }
    browser.get("/docs?v=2");
    let answer = browser.answer();
    assert_eq!((answer.status(), answer.header("location")), (301, "/docs/?v=2"));
    browser.send("HEAD /digits.txt HTTP/1.1\r\nhost: test\r\n\r\n");
    let answer = browser.answer_to(&Method::HEAD);
    assert_eq!((answer.status(), answer.header("content-length")), (200, "10"));
    browser.post("/digits.txt", "mine");
    let answer = browser.answer();
    assert_eq!((answer.status(), answer.header("allow")), (405, "GET, HEAD"));
}

#[test]
fn nothing_outside_the_folder_is_found_by_any_spelling() {
    let site = Site::new();
    let host = site.serve();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/docs/../../secret.txt",
        "/docs/%2E%2E/%2E%2E/secret.txt",
        "/assets/../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//secret.txt",
        "/%00/secret.txt",
        "/digits.txt%00.html",
        "/.env",
        "/%2eenv",
        "/nowhere",
    ] {
        let answer = host.get(path);
        assert!(matches!(answer.status(), 400 | 404), "{path}: {}", answer.status());
        assert!(!answer.text().contains("secret"), "{path}");
    }
}

#[test]
fn a_copy_that_is_current_is_confirmed() {
    let site = Site::new();
    let host = site.serve();
    let answer = host.get("/digits.txt");
    let etag = answer.header("etag").to_owned();
    let modified = answer.header("last-modified").to_owned();
    for (more, status) in [
        (format!("if-none-match: {etag}\r\n"), 304),
        (format!("if-none-match: \"other\", {etag}\r\n"), 304),
        ("if-none-match: \"other\"\r\n".to_owned(), 200),
        (format!("if-modified-since: {modified}\r\n"), 304),
    ] {
        let answer = get_with(&host, "/digits.txt", &more);
        assert_eq!(answer.status(), status, "{more}");
        assert_eq!(answer.header("etag"), etag);
    }
    let mut browser = host.connect();
    for _ in 0..2 {
        browser.send(format!(
            "GET /digits.txt HTTP/1.1\r\nhost: test\r\nif-none-match: {etag}\r\n\r\n"
        ));
        assert_eq!(browser.answer().status(), 304, "the connection is kept");
    }
}

#[test]
fn a_part_is_sent_when_a_part_is_asked_for() {
    let site = Site::new();
    let host = site.serve();
    for (range, status, text, content_range) in [
        ("bytes=2-4", 206, "234", "bytes 2-4/10"),
        ("bytes=7-", 206, "789", "bytes 7-9/10"),
        ("bytes=-2", 206, "89", "bytes 8-9/10"),
        ("bytes=5-500", 206, "56789", "bytes 5-9/10"),
        ("bytes=10-", 416, "", "bytes */10"),
        ("lines=1-2", 200, "0123456789", ""),
    ] {
        let answer = get_with(&host, "/digits.txt", &format!("range: {range}\r\n"));
        assert_eq!((answer.status(), answer.text()), (status, text), "{range}");
        assert_eq!(answer.header("content-range"), content_range, "{range}");
    }
}

/// Bytes of a big file: more than the system keeps for two ends of a connection.
const BIG_BYTES: usize = 20 << 20;

fn big() -> Vec<u8> {
    (0..BIG_BYTES as u32 / 4).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn a_big_file_arrives_whole_and_the_next_request_after_it() {
    let site = Site::new();
    let big = big();
    site.write("public/big", &big);
    let host = site.serve();
    let mut browser = host.connect();
    browser.get("/big");
    browser.get("/digits.txt");
    assert!(browser.answer().body == big);
    assert_eq!(browser.answer().text(), "0123456789");
    let answer = get_with(&host, "/big", "range: bytes=1000001-19000000\r\n");
    assert!(answer.body == big[1_000_001..=19_000_000]);
}

/// Bytes of memory this process has (proc_pid_statm(5), with pages of 4 KiB).
fn resident_bytes() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("there is a /proc");
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("the second is a number") * 4096
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_is_read_no_faster_than_it_is_taken_and_closed_when_nobody_takes_it() {
    let site = Site::new();
    site.write("public/vast", &[]);
    let vast = fs::File::options().write(true).open(site.base.join("public/vast"));
    vast.and_then(|file| file.set_len(1 << 30)).expect("a hole takes no room");
    let host = site.serve();
    let before = resident_bytes();
    let readers = [(); 8].map(|()| {
        let mut reader = host.connect_narrow();
        reader.get("/vast");
        assert_eq!(reader.head().header_text("content-length"), Some("1073741824"));
        reader
    });
    for _ in 0..100 {
        assert_eq!(host.get("/digits.txt").status(), 200, "others are served meanwhile");
    }
    assert_eq!(site.open_count("public/vast"), readers.len());
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 512 << 20, "eight readers of 1 GiB each that take nothing took {grown} bytes");

    drop(readers);
    let began = Instant::now();
    while site.open_count("public/vast") > 0 {
        assert!(began.elapsed() < PATIENCE, "the files are closed when their readers leave");
        host.get("/digits.txt");
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_cut_short() {
    let site = Site::new();
    site.write("public/big", &big());
    let host = site.serve();
    let mut browser = host.connect_narrow();
    browser.get("/big");
    assert_eq!(browser.head().status(), 200);
    site.write("public/big", b"gone");
    assert!(browser.take_all().len() < BIG_BYTES, "what was announced cannot be sent");
    assert_eq!(host.get("/big").text(), "gone");
}
