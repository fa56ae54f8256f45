//! What is found under which path, and what a folder is.

use super::*;

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
