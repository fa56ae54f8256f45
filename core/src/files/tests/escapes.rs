//! No path and no link leads out of the folder.

use super::*;

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
