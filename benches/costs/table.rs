//! The figures that are kept: a file of the repository, one line for each path.

use std::fmt;

use crate::cost::{Cost, Figure, millionths, written};

/// What was recorded, in the order of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// With what it was counted: compiler, counter, processor.
    pub means: String,
    lines: Vec<Line>,
}

/// What a path costs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    path: String,
    unit: String,
    cost: Cost,
}

impl Table {
    /// A table without lines, of what is counted by some means.
    pub fn of(means: impl Into<String>) -> Self {
        Self { means: means.into(), lines: Vec::new() }
    }

    /// Reads what a table displays as.
    ///
    /// # Errors
    /// The line that is none, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for line in text.lines() {
            if let Some(means) = line.strip_prefix(MEANS) {
                table.means = means.to_owned();
            } else if !line.starts_with('#') && !line.is_empty() {
                let line = Line::read(line).ok_or_else(|| {
                    format!("`{line}` is not a path, its unit and {} figures", Figure::ALL.len())
                })?;
                table.lines.push(line);
            }
        }
        Ok(table)
    }

    /// What a path costs, if that is kept.
    pub fn cost(&self, path: &str) -> Option<Cost> {
        self.lines.iter().find(|line| line.path == path).map(|line| line.cost)
    }

    /// The paths there are lines for.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.path.as_str())
    }

    /// Adds the line of a path.
    pub fn push(&mut self, path: &str, unit: &str, cost: Cost) {
        self.lines.push(Line { path: path.to_owned(), unit: unit.to_owned(), cost });
    }
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let [path, unit] = [words.next()?, words.next()?].map(str::to_owned);
        let figures: Option<Vec<u64>> = words.map(millionths).collect();
        Some(Self { path, unit, cost: Cost::new(figures?.try_into().ok()?) })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "{MEANS}{}", self.means)?;
        let figures = Figure::ALL.map(|figure| figure.to_string());
        write_line(f, "# path", "unit", &figures)?;
        for Line { path, unit, cost } in &self.lines {
            write_line(f, path, unit, &Figure::ALL.map(|figure| written(cost.by(figure))))?;
        }
        Ok(())
    }
}

fn write_line(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    unit: &str,
    figures: &[String; 4],
) -> fmt::Result {
    write!(f, "{path:<26}{unit:<11}")?;
    figures.iter().try_for_each(|figure| write!(f, "{figure:>14}"))?;
    writeln!(f)
}

/// How a table begins.
const HEAD: &str = "\
# What a unit of each hot path costs. `scripts/costs` counts anew and fails if a figure has risen by
# more than 5 %; `scripts/costs --record` writes what it counts. CONTRIBUTING.md says when to.";

/// How the line begins that says with what it was counted.
const MEANS: &str = "# Counted with ";

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::of("rustc 1.95.0, valgrind-3.19.0");
        table.push("echo-125b-d1", "message", Cost::new([3_580_000_000, 0, 2_000_000, 62_500]));
        table.push("http-get-d1", "request", Cost::new([8_541_000_000, 2_000_000, 1, 0]));
        table
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let text = table().to_string();
        assert_eq!(Table::read(&text), Ok(table()), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn a_line_that_is_cut_or_strange_is_refused() {
        for line in [
            "echo",
            "echo message",
            "echo message 1 2 0.5",
            "echo message 1 2 0.5 4 5",
            "echo message 1 2 0.5 four",
            "echo message 1 2 0.5 -4",
            "<<<<<<< HEAD",
        ] {
            let refused = Table::read(line).expect_err(line);
            assert!(refused.contains(line), "{refused}");
        }
    }
}
