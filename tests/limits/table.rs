//! The table in `docs/limits.md` and the limits themselves: each has its row and its default, each
//! reason its name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crampon::Limits;
use crampon::reactor::Settings;

/// The text of a file of the project.
fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).expect("the file is there")
}

/// A limit and its default, as a row of the table has them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    limit: String,
    default: String,
}

/// The rows of the page, in order.
fn rows(page: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    page.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

fn documented() -> BTreeSet<Row> {
    let row = |cells: Vec<String>| {
        let limit = cells[1].trim_end_matches([' ', '*']).trim_matches('`').to_owned();
        Row { limit, default: cells[2].clone() }
    };
    rows(&text("docs/limits.md")).into_iter().map(row).collect()
}

/// The fields of a value and what they are set to, from how it shows itself.
fn fields(shown: &str, within: &str) -> Vec<Row> {
    let (_, inner) = shown.split_once('{').expect("a struct shows its fields");
    let inner = inner.trim().strip_suffix('}').expect("a struct shows its fields").trim();
    let mut rows = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, byte) in inner.bytes().chain([b',']).enumerate() {
        match byte {
            b'{' | b'(' => depth += 1,
            b'}' | b')' => depth -= 1,
            b',' if depth == 0 => {
                let (name, value) = inner[from..at].split_once(':').expect("a field has a value");
                let (name, value) = (format!("{within}{}", name.trim()), value.trim());
                match value.ends_with('}') {
                    true => rows.extend(fields(value, &format!("{name}."))),
                    false => rows.push(Row { default: said(&name, value), limit: name }),
                }
                from = at + 1;
            }
            _ => {}
        }
    }
    rows
}

/// A value as a person says it.
fn said(name: &str, value: &str) -> String {
    let value = value.strip_prefix("Some(").map_or(value, |value| value.trim_end_matches(')'));
    let seconds = value.strip_suffix('s').and_then(|seconds| seconds.parse::<u64>().ok());
    let number = value.parse::<u64>().ok();
    match (seconds, number) {
        _ if value == "None" => "off".to_owned(),
        _ if value == "0ns" => "none".to_owned(),
        (Some(seconds), _) if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        (Some(seconds), _) if seconds >= 120 => format!("{} min", seconds / 60),
        (Some(seconds), _) => format!("{seconds} s"),
        (_, Some(bytes)) if name.contains("bytes") && bytes % (1 << 20) == 0 => {
            format!("{} MiB", bytes >> 20)
        }
        (_, Some(bytes)) if name.contains("bytes") && bytes % (1 << 10) == 0 => {
            format!("{} KiB", bytes >> 10)
        }
        (_, Some(number)) => grouped(number),
        _ => match value.strip_suffix("ms") {
            Some(millis) => format!("{millis} ms"),
            None => format!("`{value}`"),
        },
    }
}

/// A number with a comma between thousands.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

#[test]
fn every_limit_has_a_row_with_its_default_and_every_row_is_a_limit() {
    let limits = format!("{:?}", Limits::default());
    let settings = format!("{:?}", Settings::default());
    let set: BTreeSet<Row> = fields(&limits, "").into_iter().chain(fields(&settings, "")).collect();
    let said = documented();
    let missing: Vec<_> = set.difference(&said).collect();
    assert!(missing.is_empty(), "docs/limits.md has no such row: {missing:#?}");
    let wrong: Vec<_> = said.difference(&set).collect();
    assert!(wrong.is_empty(), "no limit is as docs/limits.md says: {wrong:#?}");
}

#[test]
fn every_reason_a_refusal_is_counted_by_is_on_the_page() {
    let source = text("core/src/figures/refused.rs");
    let names = source.lines().filter_map(|line| line.split_once("=> \"")?.1.split_once('"'));
    let names: BTreeSet<&str> = names.map(|(name, _)| name).collect();
    assert!(names.contains("head_too_long"), "the names are found: {names:?}");
    let page = text("docs/limits.md");
    let missing: Vec<_> =
        names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/limits.md does not say: {missing:?}");
    for cells in rows(&page) {
        let reason = cells[4].trim_matches('`');
        assert!(reason.is_empty() || names.contains(reason), "`{reason}` is no reason");
    }
}

#[test]
fn a_limit_marked_as_one_of_actions_is_a_key_of_theirs() {
    let keys = text("macros/src/key.rs");
    for cells in rows(&text("docs/limits.md")) {
        let is_marked = cells[1].ends_with('*');
        let name = cells[1].trim_end_matches([' ', '*']).trim_matches('`');
        let key = match name {
            // One word for both transports.
            "sse_keep_alive" | "websocket_keep_alive" => "keep_alive",
            name => name,
        };
        assert_eq!(is_marked, keys.contains(&format!("\"{key}\",")), "{name}");
    }
}
