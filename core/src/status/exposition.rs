//! The text that Prometheus reads: its own format 0.0.4, and OpenMetrics 1.0.
//!
//! It knows the formats and not what is told in them. They differ in what a counter's family is
//! called, in the mark at the end, and in the content type.

use std::fmt::{Display, Write};

use crate::figures::Histogram;

/// A text under way, family by family.
pub(super) struct Exposition {
    format: Format,
    text: String,
}

/// Which of the formats is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prometheus, 0.0.4.
    Prometheus,
    /// OpenMetrics, 1.0.
    OpenMetrics,
}

/// What kind of number a family is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows. The name of its family has no `_total`; its samples do.
    Counter,
    /// Comes and goes.
    Gauge,
}

/// A label and its value.
pub(super) type Label<'l> = (&'static str, &'l str);

/// A family whose head is written.
pub(super) struct Family<'e> {
    text: &'e mut String,
    name: &'static str,
    suffix: &'static str,
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl Exposition {
    pub fn new(format: Format) -> Self {
        Self { format, text: String::with_capacity(USUAL_BYTES) }
    }

    /// Begins a family of samples.
    pub fn family(&mut self, kind: Kind, name: &'static str, help: &str) -> Family<'_> {
        let (word, suffix) = match kind {
            Kind::Counter => ("counter", "_total"),
            Kind::Gauge => ("gauge", ""),
        };
        let called = if self.format == Format::OpenMetrics { "" } else { suffix };
        self.head(&format_args!("{name}{called}"), word, help);
        Family { text: &mut self.text, name, suffix }
    }

    /// A family of one sample without labels.
    pub fn single(&mut self, kind: Kind, name: &'static str, help: &str, value: impl Display) {
        self.family(kind, name, help).sample(&[], value);
    }

    /// A histogram of seconds.
    pub fn histogram(&mut self, name: &'static str, help: &str, told: &Histogram) {
        self.head(&name, "histogram", help);
        let mut within = 0;
        let mut bucket = Family { text: &mut self.text, name, suffix: "_bucket" };
        for (bound, count) in &told.classes {
            within += count;
            bucket.sample(&[("le", &format!("{:?}", bound.as_secs_f64()))], within);
        }
        let all = within + told.longer;
        bucket.sample(&[("le", "+Inf")], all);
        Family { suffix: "_sum", ..bucket }.sample(&[], told.total.as_secs_f64());
        Family { text: &mut self.text, name, suffix: "_count" }.sample(&[], all);
    }

    fn head(&mut self, name: &dyn Display, kind: &str, help: &str) {
        let text = &mut self.text;
        append(text, format_args!("# HELP {name} {}\n", Escaped { text: help, quotes: false }));
        append(text, format_args!("# TYPE {name} {kind}\n"));
    }

    /// The whole text.
    pub fn end(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

impl Family<'_> {
    /// Adds a sample.
    pub fn sample(&mut self, labels: &[Label<'_>], value: impl Display) {
        append(self.text, format_args!("{}{}", self.name, self.suffix));
        for (at, (label, said)) in labels.iter().enumerate() {
            let opening = if at == 0 { '{' } else { ',' };
            let said = Escaped { text: said, quotes: true };
            append(self.text, format_args!("{opening}{label}=\"{said}\""));
        }
        let closing = if labels.is_empty() { "" } else { "}" };
        append(self.text, format_args!("{closing} {value}\n"));
    }
}

/// Text in which what would end a line, or a label's value, is escaped.
struct Escaped<'t> {
    text: &'t str,
    quotes: bool,
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in self.text.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' if self.quotes => f.write_str("\\\"")?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

fn append(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("text can be added to a string");
}

/// Bytes that a server with a dozen actions tells.
const USUAL_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn told(format: Format) -> String {
        let mut text = Exposition::new(format);
        let mut drops = text.family(Kind::Counter, "drops", "What is \\ lost\nat \"once\".");
        drops.sample(&[("why", "a \"b\"\\\n"), ("who", "")], 7);
        text.single(Kind::Gauge, "open", "Doors.", 0.5);
        let classes = vec![(Duration::from_millis(1), 2), (Duration::from_secs(1), 3)];
        let (total, longest) = (Duration::from_millis(4500), Duration::from_secs(2));
        text.histogram("lag_seconds", "Lag.", &Histogram { classes, longer: 1, total, longest });
        text.end()
    }

    #[test]
    fn prometheus_reads_its_own_format() {
        let expected = r##"
# HELP drops_total What is \\ lost\nat "once".
# TYPE drops_total counter
drops_total{why="a \"b\"\\\n",who=""} 7
# HELP open Doors.
# TYPE open gauge
open 0.5
# HELP lag_seconds Lag.
# TYPE lag_seconds histogram
lag_seconds_bucket{le="0.001"} 2
lag_seconds_bucket{le="1.0"} 5
lag_seconds_bucket{le="+Inf"} 6
lag_seconds_sum 4.5
lag_seconds_count 6
"##;
        assert_eq!(told(Format::Prometheus), expected.trim_start());
    }

    #[test]
    fn open_metrics_names_a_counter_without_its_suffix_and_marks_the_end() {
        let text = told(Format::OpenMetrics);
        assert!(text.starts_with("# HELP drops What"), "{text}");
        assert!(text.contains("# TYPE drops counter\ndrops_total{"), "{text}");
        assert!(text.ends_with("lag_seconds_count 6\n# EOF\n"), "{text}");
    }
}
