//! What one round of one server came to, and what several come to together.

use std::time::Duration;

use serde::Serialize;

use crate::histogram::Histogram;

/// One round.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reading {
    /// In the unit of its row; less is better.
    pub figure: f64,
    /// Units a second.
    pub rate: Option<f64>,
    pub late: Option<Late>,
    /// Part of its core that the server took.
    pub server_core: Option<f64>,
    /// Part of its core that the load took.
    pub load_core: Option<f64>,
    /// Processor time of the load for a unit, in microseconds.
    pub load_micros: Option<f64>,
    /// By how many microseconds a tick took longer than a second.
    pub drift_micros: Option<f64>,
    /// Part of the server's core that others took meanwhile.
    pub others: f64,
}

/// How late things were, in microseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Late {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

impl Late {
    /// `None` if nothing was counted.
    pub fn of(histogram: &Histogram) -> Option<Self> {
        let micros = |part| histogram.within(part).as_secs_f64() * 1e6;
        let late = Self { p50: micros(0.5), p99: micros(0.99), p999: micros(0.999) };
        (!histogram.is_empty()).then_some(late)
    }
}

impl Reading {
    /// Whether others took too much of the server's core for it to count fully.
    pub fn is_disturbed(&self) -> bool {
        self.others > OTHERS_MAX
    }

    /// Whether the load had no time left while the server had.
    pub fn is_held_by_load(&self) -> bool {
        let (server, load) = (self.server_core.unwrap_or(0.0), self.load_core.unwrap_or(0.0));
        load > FULL && server < FULL
    }
}

/// Part of the server's core that others may take.
///
/// 5 %: half of what makes two servers differ.
const OTHERS_MAX: f64 = 0.05;

/// Part of a core from which on it is as good as full.
const FULL: f64 = 0.95;

/// All rounds of a server in a row.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Readings {
    /// The medians.
    pub median: Reading,
    /// How far half of the figures are from their median at most, as a part of it.
    pub spread: f64,
    /// Most rounds were disturbed: all count, for there are too few others.
    pub is_disturbed: bool,
    /// The rate is that of the load.
    pub is_held_by_load: bool,
    pub rounds: Vec<Reading>,
}

impl Readings {
    /// `None` without any.
    pub fn of(rounds: Vec<Reading>) -> Option<Self> {
        let calm: Vec<_> = rounds.iter().filter(|round| !round.is_disturbed()).cloned().collect();
        let is_disturbed = calm.len() * 2 <= rounds.len();
        let counted = if is_disturbed { rounds.clone() } else { calm };
        let figure = median(counted.iter().map(|it| it.figure).collect())?;
        let of =
            |part: fn(&Reading) -> Option<f64>| median(counted.iter().filter_map(part).collect());
        let late = |part: fn(&Late) -> f64| {
            median(counted.iter().filter_map(|it| it.late.as_ref()).map(part).collect())
        };
        let median_reading = Reading {
            figure,
            rate: of(|it| it.rate),
            late: late(|it| it.p50).map(|p50| Late {
                p50,
                p99: late(|it| it.p99).unwrap_or_default(),
                p999: late(|it| it.p999).unwrap_or_default(),
            }),
            server_core: of(|it| it.server_core),
            load_core: of(|it| it.load_core),
            load_micros: of(|it| it.load_micros),
            drift_micros: of(|it| it.drift_micros),
            others: median(counted.iter().map(|it| it.others).collect())?,
        };
        let away = |it: &Reading| (it.figure - figure).abs() / figure.max(f64::MIN_POSITIVE);
        Some(Self {
            spread: median(counted.iter().map(away).collect())?,
            is_held_by_load: median_reading.is_held_by_load(),
            median: median_reading,
            is_disturbed,
            rounds,
        })
    }
}

/// The value in the middle; the mean of the two of an even number.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// A part of a time that was taken.
pub fn part(taken: Duration, of: Duration) -> f64 {
    taken.as_secs_f64() / of.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(figure: f64, others: f64) -> Reading {
        Reading { figure, others, ..Reading::default() }
    }

    #[test]
    fn a_median_stands_in_the_middle() {
        for (values, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
            (vec![4.0, 1.0, 2.0, 100.0], Some(3.0)),
        ] {
            assert_eq!(median(values), expected);
        }
    }

    #[test]
    fn disturbed_rounds_count_only_where_they_are_most() {
        let calm = [reading(1.0, 0.0), reading(1.2, 0.05), reading(9.0, 0.2)];
        let readings = Readings::of(calm.to_vec()).expect("there are some");
        assert_eq!((readings.median.figure, readings.is_disturbed), (1.1, false));
        let disturbed = [reading(1.0, 0.0), reading(2.0, 0.06), reading(9.0, 0.2)];
        let readings = Readings::of(disturbed.to_vec()).expect("there are some");
        assert_eq!((readings.median.figure, readings.is_disturbed), (2.0, true));
        assert!(Readings::of(Vec::new()).is_none());
    }

    #[test]
    fn the_load_holds_a_server_back_that_has_time_left() {
        let reading = |server, load| Reading {
            server_core: Some(server),
            load_core: Some(load),
            ..Reading::default()
        };
        assert!(reading(0.7, 0.99).is_held_by_load());
        assert!(!reading(0.99, 0.99).is_held_by_load());
        assert!(!reading(0.7, 0.8).is_held_by_load());
    }
}
