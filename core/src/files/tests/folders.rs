//! Which folders are served, and what links in them show.

use super::*;

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
