//! What a body is when its file changes under it.

use super::*;

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
