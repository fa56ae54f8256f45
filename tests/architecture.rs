//! The shape of the house: which part may name which, how long a file is, what is never written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each lower part of `core/src` may name of the others. The parts not listed may use all.
const ARROWS: [(&str, &[&str]); 5] = [
    ("figures", &[]),
    ("reactor", &[]),
    ("protocol", &[]),
    ("transport", &["protocol"]),
    ("action", &["figures", "protocol", "transport"]),
];

/// Lines of a file before its tests.
///
/// 400: past that there is a second noun in it.
const LINES_MAX: usize = 400;

/// Columns of a line, as in `rustfmt.toml`, which leaves long strings and comments alone.
const COLUMNS_MAX: usize = 100;

/// What the library never says outside its tests.
const BANNED: [&str; 6] = ["todo!", "unimplemented!", "dbg!", "TODO", "FIXME", "thread::sleep"];

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for (part, may_name) in ARROWS {
        for source in sources("core/src").filter(|source| source.part() == part) {
            for named in parts_named(&without_comments(&source.text)) {
                if named != part && !may_name.contains(&named.as_str()) {
                    wrong.push(format!("{} names `crate::{named}`", source.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_part_with_arrows_is_there() {
    for (part, _) in ARROWS {
        assert!(
            sources("core/src").any(|source| source.part() == part),
            "`{part}` is not in core/src"
        );
    }
}

#[test]
fn a_file_holds_one_noun() {
    let long: Vec<_> = library()
        .filter(|source| !source.is_tests() && source.lines_before_tests() > LINES_MAX)
        .map(|source| format!("{}: {} lines", source.name, source.lines_before_tests()))
        .collect();
    assert!(long.is_empty(), "longer than {LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn a_file_says_first_what_it_is() {
    let silent: Vec<_> = everything()
        .filter(|source| !source.text.starts_with("//!") && !source.name.starts_with("tests/ui/"))
        .map(|source| source.name)
        .collect();
    assert!(silent.is_empty(), "no `//!` on the first line:\n{}", silent.join("\n"));
}

#[test]
fn a_line_fits_the_screen() {
    let mut wide = Vec::new();
    for source in everything() {
        for (index, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            // A row of a table and a message of an error cannot be broken.
            let is_whole =
                line.trim_start().starts_with("/// |") || line.trim_start().starts_with('"');
            if columns > COLUMNS_MAX && !is_whole {
                wide.push(format!("{}:{}: {columns} columns", source.name, index + 1));
            }
        }
    }
    assert!(wide.is_empty(), "wider than {COLUMNS_MAX} columns:\n{}", wide.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    let mut said = Vec::new();
    for source in library().filter(|source| !source.is_tests()) {
        let before_tests = source.text.lines().take(source.lines_before_tests());
        for (index, line) in before_tests.enumerate() {
            for word in BANNED.iter().filter(|word| says(line, word)) {
                said.push(format!("{}:{}: `{word}`", source.name, index + 1));
            }
        }
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn no_crate_may_be_unsafe() {
    for workspace in ["", "benches/side_by_side"] {
        let forbids = manifest(workspace).contains("unsafe_code = \"forbid\"");
        assert!(forbids, "the workspace `{workspace}` forbids it");
    }
    let side_by_side =
        ["crampon", "floor", "load"].map(|name| format!("benches/side_by_side/{name}"));
    let members = ["core", "macros", "examples", "tests", "benches", "fuzz/claims"];
    for member in members.into_iter().chain(side_by_side.iter().map(String::as_str)) {
        let is_bound = manifest(member).contains("[lints]\nworkspace = true");
        assert!(is_bound, "`{member}` does not keep the workspace's lints");
    }
}

#[test]
fn names_are_found_however_they_are_imported() {
    for (text, parts) in [
        ("use crate::server::Limits;", &["server"][..]),
        ("use crate::{reactor::Scope, server};", &["reactor", "server"]),
        ("use crate::{\n    action::{Event, Halt},\n    transport,\n};", &["action", "transport"]),
        ("let scope: &mut crate::reactor::Scope = lent;", &["reactor"]),
        ("/// [`Server`](crate::server::Server) runs it.", &[]),
        ("call(); // crate::server would be wrong here", &[]),
        ("use self::server::Limits;", &[]),
    ] {
        let expected: BTreeSet<String> = parts.iter().map(|part| part.to_string()).collect();
        assert_eq!(parts_named(&without_comments(text)), expected, "{text}");
    }
}

/// One file of Rust.
struct Source {
    /// Its path from the workspace's folder.
    name: String,
    text: String,
}

impl Source {
    /// The part of its crate it belongs to: the first step below `src`.
    fn part(&self) -> &str {
        self.name.split('/').nth(2).map_or("", |step| step.trim_end_matches(".rs"))
    }

    /// Whether it is tests and nothing else.
    fn is_tests(&self) -> bool {
        self.name.split('/').any(|step| step == "tests" || step == "tests.rs")
    }

    /// How many lines stand before the tests inside the file.
    fn lines_before_tests(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        let inline_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{');
        lines.windows(2).position(inline_tests).unwrap_or(lines.len())
    }
}

/// The code users depend on.
fn library() -> impl Iterator<Item = Source> {
    sources("core/src").chain(sources("macros/src"))
}

/// All Rust of the workspace.
fn everything() -> impl Iterator<Item = Source> {
    library().chain(
        ["examples", "tests", "benches", "fuzz/claims", "fuzz/targets"]
            .into_iter()
            .flat_map(sources),
    )
}

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

/// What Cargo is told in `folder`.
fn manifest(folder: &str) -> String {
    let path = root().join(folder).join("Cargo.toml");
    fs::read_to_string(path).expect("every member has a manifest")
}

/// The Rust files under `folder`, from the workspace's folder.
fn sources(folder: &str) -> impl Iterator<Item = Source> + use<> {
    let root = root();
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    paths.into_iter().map(move |path| {
        let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
        let name = path.strip_prefix(root).expect("it was found under the root");
        Source { name: name.to_string_lossy().into_owned(), text }
    })
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is part of the workspace") {
        let path = entry.expect("a folder of ours can be listed").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The text less its line comments.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// The first step of every path that begins with `crate::`.
fn parts_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for path in text.split("crate::").skip(1) {
        match path.strip_prefix('{') {
            Some(group) => named.extend(heads_of(group)),
            None => named.extend(head_of(path)),
        }
    }
    named
}

/// The first step of every path in an import group, up to its closing brace.
fn heads_of(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut begins) = (1, 0);
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && character == ',') {
            heads.extend(head_of(group[begins..index].trim_start()));
            begins = index + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// The identifier `path` begins with.
fn head_of(path: &str) -> Option<String> {
    let head: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!head.is_empty()).then_some(head)
}

/// Whether `word` stands in `line` by itself and not as part of a longer name.
fn says(line: &str, word: &str) -> bool {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(index, _)| {
        let before = line[..index].chars().next_back();
        let after = line[index + word.len()..].chars().next();
        !before.is_some_and(is_part_of_name) && !after.is_some_and(is_part_of_name)
    })
}
