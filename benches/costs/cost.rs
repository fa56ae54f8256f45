//! What a unit costs, and whether that is more than it was.

use std::fmt;

/// What is counted of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Instructions,
    Allocations,
    /// Calls of the system, but for waits.
    Syscalls,
    /// How often the selector was asked for events.
    Waits,
}

/// What a unit costs by each figure, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    millionths: [u64; 4],
}

/// How a figure has changed by more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Rise,
    Fall,
}

impl Figure {
    pub const ALL: [Self; 4] = [Self::Instructions, Self::Allocations, Self::Syscalls, Self::Waits];
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::Syscalls => "syscalls",
            Self::Waits => "waits",
        })
    }
}

impl Cost {
    /// A cost of so many millionths by each figure.
    pub fn new(millionths: [u64; 4]) -> Self {
        Self { millionths }
    }

    /// What each of so many units costs, of which there was at least one. Instructions are rounded
    /// to whole ones: from run to run some are more or less.
    pub fn of_each(counts: [u64; 4], units: u64) -> Self {
        let round = |count: u64, to: u64| (count * (MILLION / to) + units / 2) / units * to;
        Self::new(Figure::ALL.map(|figure| match figure {
            Figure::Instructions => round(counts[figure as usize], MILLION),
            _ => round(counts[figure as usize], 1),
        }))
    }

    /// Millionths by a figure.
    pub fn by(&self, figure: Figure) -> u64 {
        self.millionths[figure as usize]
    }
}

/// Whether a figure has changed by more than [`CHANGE_PERCENT_MAX`] of what was kept.
pub fn change(kept: u64, now: u64) -> Option<Change> {
    if exceeds(now, kept, CHANGE_PERCENT_MAX) {
        Some(Change::Rise)
    } else if now * 100 < kept * (100 - CHANGE_PERCENT_MAX) {
        Some(Change::Fall)
    } else {
        None
    }
}

/// Whether a figure is greater than another by more than so many percent of that.
pub fn exceeds(figure: u64, other: u64, percent: u64) -> bool {
    figure * 100 > other * (100 + percent)
}

/// By how much a figure has changed, with its sign and unit.
pub fn percent(kept: u64, now: u64) -> String {
    match (kept, now) {
        (0, 0) => "+0.0 %".to_owned(),
        (0, _) => "from none".to_owned(),
        _ => format!("{:+.1} %", (now as f64 / kept as f64 - 1.0) * 100.0),
    }
}

/// Millionths, written out: `3580`, `0.0625`.
pub fn written(millionths: u64) -> String {
    let figure = format!("{}.{:06}", millionths / MILLION, millionths % MILLION);
    figure.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads what [`written`] writes, in millionths.
pub fn millionths(figure: &str) -> Option<u64> {
    let (whole, part) = figure.split_once('.').unwrap_or((figure, "0"));
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_figure = is_number(whole) && is_number(part) && part.len() <= 6;
    is_figure.then(|| format!("{whole}{part:0<6}").parse().ok()).flatten()
}

/// What figures are kept in parts of: so that a rise by one in the thousands of units of a round
/// does not look like none, or like two.
const MILLION: u64 = 1_000_000;

/// Percent by which a figure may rise or fall.
///
/// 5: ten times what one run differs from the next, and less than any change one would want to
/// hear of.
pub const CHANGE_PERCENT_MAX: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_may_change_by_five_percent_and_not_by_more() {
        for (kept, now, expected) in [
            (2000, 2000, None),
            (2000, 2100, None),
            (2000, 2101, Some(Change::Rise)),
            (2000, 1900, None),
            (2000, 1899, Some(Change::Fall)),
            // A fraction of a unit past the edge counts, for nothing is rounded on the way.
            (30, 31, None),
            (30, 32, Some(Change::Rise)),
            (19, 20, Some(Change::Rise)),
            // What cost nothing may cost nothing.
            (0, 0, None),
            (0, 1, Some(Change::Rise)),
            (1, 0, Some(Change::Fall)),
        ] {
            assert_eq!(change(kept, now), expected, "{kept} to {now}");
        }
    }

    #[test]
    fn what_a_unit_costs_is_rounded_to_whole_instructions_and_millionths_of_calls() {
        let cost = Cost::of_each([796_030, 0, 1, 2], 3);
        let figures = Figure::ALL.map(|figure| written(cost.by(figure)));
        assert_eq!(figures, ["265343", "0", "0.333333", "0.666667"]);
    }

    #[test]
    fn a_figure_that_is_written_reads_the_same() {
        for (figure, text) in [
            (0, "0"),
            (2_000_000, "2"),
            (62_500, "0.0625"),
            (1, "0.000001"),
            (100_200_000, "100.2"),
            (25_447_000_000, "25447"),
        ] {
            assert_eq!(written(figure), text);
            assert_eq!(millionths(text), Some(figure));
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1.0000001", "1,5", "four"] {
            assert_eq!(millionths(text), None, "{text}");
        }
    }

    #[test]
    fn a_change_is_told_in_percent() {
        for (kept, now, told) in
            [(2000, 2102, "+5.1 %"), (2000, 1000, "-50.0 %"), (0, 5, "from none"), (0, 0, "+0.0 %")]
        {
            assert_eq!(percent(kept, now), told);
        }
    }
}
