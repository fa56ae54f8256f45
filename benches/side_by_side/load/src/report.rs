//! The figures as a page of Markdown: one table of all, and one of each row.

use std::fmt::Write;

use serde::Serialize;

use crate::reading::Readings;
use crate::syscalls::Calls;

/// What all servers came to in a row.
#[derive(Serialize)]
pub struct Outcome {
    pub row: String,
    pub unit: &'static str,
    pub servers: Vec<Standing>,
}

/// What one came to.
#[derive(Serialize)]
pub struct Standing {
    pub name: String,
    pub readings: Option<Readings>,
    pub calls: Option<Calls>,
    /// Why there are none, if there should be.
    pub fault: Option<String>,
}

/// The columns of the table of a row, but for the first two.
const COLUMNS: &str = "±% | /best | /floor | calls | a second | core % | load % | load us \
                       | p50 us | p99 | p99.9 | notes";

/// The names that are no peers.
const OURS: &str = "crampon";
const FLOOR: &str = "floor";

impl Outcome {
    fn figure(&self, name: &str) -> Option<f64> {
        let standing = self.servers.iter().find(|standing| standing.name == name)?;
        Some(standing.readings.as_ref()?.median.figure)
    }

    /// All figures there are, by server.
    pub fn figures(&self) -> impl Iterator<Item = (&str, f64)> {
        let figure = |it: &Standing| Some(it.readings.as_ref()?.median.figure);
        self.servers.iter().filter_map(move |it| Some((it.name.as_str(), figure(it)?)))
    }

    /// The best of the peers, and its figure.
    fn best_peer(&self) -> Option<(&str, f64)> {
        self.servers
            .iter()
            .filter(|standing| standing.name != OURS && standing.name != FLOOR)
            .filter_map(|peer| Some((peer.name.as_str(), peer.readings.as_ref()?.median.figure)))
            .min_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The table of this row.
    pub fn table(&self) -> String {
        let mut text = format!("### {}\n\n| server | {} | {COLUMNS} |\n", self.row, self.unit);
        let _ = writeln!(text, "|{}", "---|".repeat(COLUMNS.split('|').count() + 2));
        let (best, floor) = (self.best_peer().map(|(_, figure)| figure), self.figure(FLOOR));
        for standing in &self.servers {
            standing.write(&mut text, best, floor);
        }
        for Standing { name, calls, .. } in &self.servers {
            if let Some(calls) = calls {
                let _ = writeln!(text, "\n{name}: system calls {calls}");
            }
        }
        text
    }
}

impl Standing {
    fn write(&self, text: &mut String, best: Option<f64>, floor: Option<f64>) {
        let name = &self.name;
        if let Some(fault) = &self.fault {
            let _ =
                writeln!(text, "| {name} | failed: {} |", fault.replace(['\r', '\n', '|'], " "));
        }
        let Some(readings) = &self.readings else { return };
        let median = &readings.median;
        let optional = |value: Option<f64>, digits: usize| {
            value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
        };
        let ratio = |to: Option<f64>| optional(to.map(|to| median.figure / to), 2);
        let percent = |part: Option<f64>| optional(part.map(|part| part * 100.0), 0);
        let late = median.late.as_ref();
        let mut notes = Vec::new();
        if readings.is_disturbed {
            notes.push(format!("~ others took {:.0} %", median.others * 100.0));
        }
        if readings.is_held_by_load {
            notes.push("the rate is the load's".to_owned());
        }
        if let Some(drift) = median.drift_micros {
            notes.push(format!("drift {drift:+.1} us/tick"));
        }
        let _ = writeln!(
            text,
            "| {name} | {} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            significant(median.figure),
            readings.spread * 100.0,
            ratio(best),
            ratio(floor),
            optional(self.calls.as_ref().map(|calls| calls.total), 2),
            optional(median.rate, 0),
            percent(median.server_core),
            percent(median.load_core),
            optional(median.load_micros, 2),
            optional(late.map(|late| late.p50), 0),
            optional(late.map(|late| late.p99), 0),
            optional(late.map(|late| late.p999), 0),
            notes.join("; "),
        );
    }
}

/// One table of all rows: the figures of all, and where ours stands.
pub fn summary(outcomes: &[Outcome]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for standing in outcomes.iter().flat_map(|outcome| &outcome.servers) {
        if !names.contains(&standing.name.as_str()) {
            names.push(&standing.name);
        }
    }
    let mut text =
        format!("| row | unit | {} | best peer | ours/best | ours/floor |\n", names.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(names.len() + 5));
    for outcome in outcomes {
        let _ = write!(text, "| {} | {} |", outcome.row, outcome.unit);
        let best = outcome.best_peer();
        for &name in &names {
            let standing = outcome.servers.iter().find(|standing| standing.name == name);
            let readings = standing.and_then(|standing| standing.readings.as_ref());
            let fault = standing.is_some_and(|standing| standing.fault.is_some());
            let cell = match readings {
                Some(readings) => {
                    let mark = if readings.is_disturbed { "~" } else { "" };
                    let figure = significant(readings.median.figure);
                    let is_best = best.is_some_and(|(best, _)| best == name);
                    if is_best { format!("**{figure}**{mark}") } else { format!("{figure}{mark}") }
                }
                None if fault => "failed".to_owned(),
                None => "-".to_owned(),
            };
            let _ = write!(text, " {cell} |");
        }
        let ours = outcome.figure(OURS);
        let ratio = |to: Option<f64>| match (ours, to) {
            (Some(ours), Some(to)) => format!("{:.2}", ours / to),
            _ => "-".to_owned(),
        };
        let _ = writeln!(
            text,
            " {} | {} | {} |",
            best.map_or("-", |(name, _)| name),
            ratio(best.map(|(_, figure)| figure)),
            ratio(outcome.figure(FLOOR))
        );
    }
    text
}

/// A figure with three digits that count.
fn significant(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;

    fn standing(name: &str, figure: f64) -> Standing {
        let reading = Reading { figure, ..Reading::default() };
        let readings = Readings::of(vec![reading]);
        Standing { name: name.to_owned(), readings, calls: None, fault: None }
    }

    #[test]
    fn ours_is_held_against_the_best_peer_and_the_floor() {
        let servers = vec![
            standing("floor", 2.0),
            standing("crampon", 3.0),
            standing("a", 4.0),
            standing("b", 2.5),
        ];
        let outcome = Outcome { row: "row".into(), unit: "us/message", servers };
        assert_eq!(outcome.best_peer(), Some(("b", 2.5)));
        let summary = summary(&[outcome]);
        let last = summary.lines().last();
        assert_eq!(
            last,
            Some("| row | us/message | 2.00 | 3.00 | 4.00 | **2.50** | b | 1.20 | 1.50 |")
        );
    }

    #[test]
    fn figures_have_three_digits() {
        for (figure, text) in [(0.4561, "0.46"), (12.34, "12.3"), (136_405.2, "136405")] {
            assert_eq!(significant(figure), text);
        }
    }
}
