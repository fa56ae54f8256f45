//! The text format of Prometheus, 0.0.4, read as strictly as it is written down.
//!
//! <https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md>

use std::collections::BTreeMap;

use super::*;

/// What one exposition tells: a value for each series, as `name{label="value"}`.
pub struct Families {
    series: BTreeMap<String, f64>,
}

impl Families {
    /// Reads a text, or says in which line it is wrong.
    pub fn read(text: &str) -> Self {
        let mut series = BTreeMap::new();
        let mut families: BTreeMap<String, &str> = BTreeMap::new();
        let mut current = String::new();
        let mut helped = String::new();
        assert!(text.ends_with('\n'), "the last line ends too");
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, says) = help.split_once(' ').expect(line);
                assert!(is_name(name) && says.ends_with('.'), "{line}");
                helped = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect(line);
                assert_eq!(name, helped, "help comes first: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                assert!(families.insert(name.to_owned(), kind).is_none(), "told twice: {line}");
                current = name.to_owned();
            } else {
                let (key, value) = line.rsplit_once(' ').expect(line);
                let name = key.split('{').next().expect("there is always a first");
                let belongs = match families.get(&current) {
                    Some(&"histogram") => ["_bucket", "_sum", "_count"]
                        .iter()
                        .any(|part| name.strip_suffix(part) == Some(&current)),
                    _ => name == current,
                };
                assert!(belongs, "not of the family `{current}`: {line}");
                assert!(is_name(name) && labels_are_well_formed(&key[name.len()..]), "{line}");
                let value: f64 = value.parse().expect(line);
                assert!(series.insert(key.to_owned(), value).is_none(), "told twice: {line}");
            }
        }
        Self { series }
    }

    /// The value of a series; 0 for one that is not told.
    pub fn of(&self, series: &str) -> f64 {
        self.series.get(series).copied().unwrap_or(0.0)
    }

    /// All series of a family, with its values.
    pub fn family<'f>(&'f self, name: &'f str) -> impl Iterator<Item = (&'f str, f64)> {
        let is_its = move |key: &str| key.split('{').next() == Some(name);
        self.series.iter().filter(move |(key, _)| is_its(key)).map(|(key, n)| (key.as_str(), *n))
    }
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`
fn is_name(text: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || b"_:".contains(&byte);
    let mut bytes = text.bytes();
    bytes.next().is_some_and(is_start) && bytes.all(|byte| is_start(byte) || byte.is_ascii_digit())
}

/// Nothing, or `{name="value",..}` with quotes, backslashes and ends of lines escaped.
fn labels_are_well_formed(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix('{') else { return text.is_empty() };
    loop {
        let Some((name, value)) = rest.split_once("=\"") else { return false };
        if !is_name(name) {
            return false;
        }
        let mut is_escaped = false;
        let Some(end) = value.find(|letter| {
            let ends = letter == '"' && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        }) else {
            return false;
        };
        match &value[end + 1..] {
            "}" => return true,
            more => match more.strip_prefix(',') {
                Some(next) => rest = next,
                None => return false,
            },
        }
    }
}

#[test]
fn what_is_told_is_the_text_format_to_the_letter() {
    let world = house();
    let _reader = world.socket("/news");
    world.get("/nowhere");
    let mut scraper = world.get("/metrics");
    scraper.expect_status(200).expect_header("cache-control", "no-store");
    scraper.expect_header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    assert!(told(&world).series.len() > 50);
}

#[test]
fn who_accepts_open_metrics_is_told_that() {
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    let asked = || Visit::get("/metrics").header("accept", accept);
    let world = house();
    let mut scraper = world.visit(asked());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    scraper.expect_header("content-type", kind);
    let text = text_of(&world, asked());
    assert!(text.ends_with("\n# EOF\n"));
    assert!(text.contains("\n# TYPE crampon_requests counter\ncrampon_requests_total{"));
}

#[test]
fn the_classes_of_ticks_add_up() {
    let world = house();
    world.advance(Duration::from_secs(60));
    let told = told(&world);
    let buckets: Vec<f64> =
        told.family("crampon_loop_tick_seconds_bucket").map(|it| it.1).collect();
    let all = told.of("crampon_loop_tick_seconds_count");
    assert!(all > 0.0 && buckets.len() == 12);
    assert!(buckets.iter().all(|count| *count == all), "a simulated tick takes no time");
    assert_eq!(told.of("crampon_loop_tick_seconds_sum"), 0.0);
    assert_eq!(all, told.of("crampon_loop_tick_seconds_bucket{le=\"+Inf\"}"));
}
