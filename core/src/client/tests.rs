//! The module as it is answered, and what it weighs.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::routes::Routes;
use crate::trial::{Visit, World};

/// Bytes of the module on the wire of a server that compresses.
///
/// 3 KiB: two segments and a bit of TCP, so it is there with the first flight.
const GZIPPED_BYTES_MAX: usize = 3 * 1024;

fn world() -> World {
    World::new(Routes::new().client("/live/crampon.js"))
}

#[test]
fn the_module_fits_three_kibibytes() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let text = stripped(include_str!("crampon.js"));
    gzip.write_all(text.as_bytes()).expect("memory takes everything");
    let bytes = gzip.finish().expect("memory takes everything").len();
    assert!(bytes <= GZIPPED_BYTES_MAX, "{bytes} bytes of {GZIPPED_BYTES_MAX}");
}

#[test]
fn the_module_keeps_to_what_stripping_relies_on() {
    for (index, line) in include_str!("crampon.js").lines().enumerate() {
        let line = line.trim();
        let is_comment = line.starts_with("//");
        assert!(is_comment || !line.contains("/*"), "line {}: a comment of a block", index + 1);
        let has_whole_texts = line.matches('`').count() % 2 == 0;
        assert!(is_comment || has_whole_texts, "line {}: a text goes on", index + 1);
    }
}

#[test]
fn stripping_leaves_out_what_only_readers_need() {
    let source = "// What it is.\n\nf(() => {\n    // Why.\n    return \"//\";\n});\n";
    assert_eq!(stripped(source), "f(() => {\nreturn \"//\";\n});\n");
}

#[test]
fn the_types_stand_beside_the_module() {
    for (path, types) in [
        ("/crampon.js", "/crampon.d.ts"),
        ("/live/crampon.js", "/live/crampon.d.ts"),
        ("/client", "/client.d.ts"),
    ] {
        assert_eq!(types_path(path), types);
    }
}

#[test]
fn module_and_types_are_answered() {
    let world = world();
    for (path, content_type, says) in [
        ("/live/crampon.js", "text/javascript; charset=utf-8", "export function connect("),
        ("/live/crampon.d.ts", "text/plain; charset=utf-8", "export function connect("),
    ] {
        let mut answer = world.get(path);
        answer.expect_status(200).expect_header("content-type", content_type);
        answer.expect_header("cache-control", "no-cache");
        answer.expect_header("x-content-type-options", "nosniff");
        let text: String = answer.heard().iter().filter_map(|heard| heard.rendered()).collect();
        assert!(text.contains(says), "{path}: {text}");
    }
}

#[test]
fn a_head_is_the_same_without_the_text() {
    let bytes = stripped(include_str!("crampon.js")).len().to_string();
    let mut answer = world().visit(Visit::new(http::Method::HEAD, "/live/crampon.js"));
    answer.expect_status(200).expect_header("content-length", &bytes);
}

#[test]
fn a_copy_that_is_known_is_not_sent_again() {
    let world = world();
    for path in ["/live/crampon.js", "/live/crampon.d.ts"] {
        let etag = world.get(path).header("etag").expect("it has a tag");
        for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
            let mut answer = world.visit(Visit::get(path).header("if-none-match", &tags));
            answer.expect_status(304).expect_header("etag", &etag);
            answer.expect_header("cache-control", "no-cache");
        }
        let mut answer = world.visit(Visit::get(path).header("if-none-match", "\"other\""));
        answer.expect_status(200);
    }
}
