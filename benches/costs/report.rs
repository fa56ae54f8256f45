//! What is told: each path's figures, and what became of them.

use std::fmt;

use crate::cost::{Change, Cost, Figure, change, exceeds, percent, written};
use crate::count::Counted;
use crate::paths::Path;
use crate::table::Table;

/// What was counted, held against what is kept.
pub struct Report<'a> {
    kept: &'a Table,
    /// With what it was counted.
    means: String,
    now: Table,
    /// What each path costs, to be read.
    lines: Vec<String>,
    /// What must not be.
    wrong: Vec<String>,
    /// What may be kept from now on.
    won: Vec<String>,
}

impl<'a> Report<'a> {
    /// A report of what was counted by some means.
    pub fn new(kept: &'a Table, means: String) -> Self {
        let now = Table::of(means.as_str());
        Self { kept, means, now, lines: Vec::new(), wrong: Vec::new(), won: Vec::new() }
    }

    /// Holds what a path costs now against what is kept of it, and against what it is to be like,
    /// which was held before.
    pub fn hold(&mut self, path: &Path, cost: Cost) {
        self.now.push(path.name, path.unit, cost);
        let kept = self.kept.cost(path.name);
        self.lines.push(line(path, kept, cost));
        match kept {
            Some(kept) => self.hold_figures(path, kept, cost),
            None => self.wrong.push(format!("{}: no figures are kept", path.name)),
        }
        let Some(like) = path.like else { return };
        let Some(other) = self.now.cost(like) else { return };
        let [figure, other] = [cost, other].map(|cost| cost.by(Figure::Instructions));
        if exceeds(figure, other, LIKE_PERCENT_MAX) {
            self.wrong.push(format!(
                "{}: {} instructions, and {like} takes {}: {}, where {LIKE_PERCENT_MAX} % may be",
                path.name,
                written(figure),
                written(other),
                percent(other, figure)
            ));
        }
    }

    fn hold_figures(&mut self, path: &Path, kept: Cost, cost: Cost) {
        for figure in Figure::ALL {
            let (kept, now) = (kept.by(figure), cost.by(figure));
            let Some(change) = change(kept, now) else { continue };
            let told = format!(
                "{}: {figure} a {}: {} kept, {} now: {}",
                path.name,
                path.unit,
                written(kept),
                written(now),
                percent(kept, now)
            );
            match change {
                Change::Rise => self.wrong.push(told),
                Change::Fall => self.won.push(told),
            }
        }
    }

    /// Holds the names of all paths against those that figures are kept for.
    pub fn hold_names(&mut self, paths: &[Path]) {
        let gone = self.kept.paths().filter(|kept| paths.iter().all(|path| path.name != *kept));
        self.wrong.extend(gone.map(|name| format!("{name}: figures are kept of what is no path")));
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, and against what is kept:", self.means)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        if !self.won.is_empty() {
            writeln!(f, "\nFallen by more than 5 %; recorded, they cannot rise again:")?;
            self.won.iter().try_for_each(|won| writeln!(f, "  {won}"))?;
            writeln!(f, "  `scripts/costs --record NAME...` records them.")?;
        }
        if !self.wrong.is_empty() {
            writeln!(f, "\nRisen by more than 5 %, or not as it should be:")?;
            self.wrong.iter().try_for_each(|wrong| writeln!(f, "  {wrong}"))?;
            writeln!(
                f,
                "  `scripts/costs --profile NAME...` tells what is dear. If it is worth it,"
            )?;
            writeln!(f, "  `scripts/costs --record NAME...` records it, and the commit says why.")?;
            if self.kept.means != self.means {
                writeln!(f, "  It was counted by other means: {},", self.kept.means)?;
                writeln!(f, "  and now with {}.", self.means)?;
            }
        }
        Ok(())
    }
}

/// What a path costs: each figure with its change, where there is one.
fn line(path: &Path, kept: Option<Cost>, cost: Cost) -> String {
    let mut line = format!("{:<26}{:<11}", path.name, path.unit);
    for figure in Figure::ALL {
        let now = cost.by(figure);
        let change = match kept.map(|kept| kept.by(figure)) {
            Some(kept) if kept != now => format!("({})", percent(kept, now)),
            _ => String::new(),
        };
        let figure = figure.to_string();
        line += &format!("{:>10} {:<13} {change:<12}", written(now), figure);
    }
    line.trim_end().to_owned()
}

/// Prints in which functions the instructions of a path are spent, and which ask for memory.
pub fn print_dearest(path: &Path, Counted { cost, profile, .. }: &Counted) {
    let units = (path.units * path.rounds) as f64;
    println!("{}", line(path, None, *cost));
    println!("{:>12} {:>7} {:>12}", "itself", "", "in all");
    for (function, spent) in profile.dearest(DEAREST) {
        let share = spent.own as f64 / profile.instructions as f64 * 100.0;
        let [own, in_all] = [spent.own, spent.in_all].map(|count| count as f64 / units);
        println!("{own:>12.1} {share:>5.1} % {in_all:>12.1}  {function}");
        for (file, own) in spent.dearest_files(DEAREST_FILES) {
            println!("{:>12.1} {:>22} {file}", *own as f64 / units, "of these in");
        }
    }
    for (function, asked) in profile.greediest(DEAREST) {
        println!("{:>14.4} allocations in {function}", *asked as f64 / units);
    }
    println!();
}

/// Percent by which a path may cost more than the one it is like.
///
/// 2: what is O(1) costs the same however many there are, but for the last of the noise.
const LIKE_PERCENT_MAX: u64 = 2;

/// Functions that are told of a path: after these it is crumbs.
const DEAREST: usize = 15;

/// Files that are told of a function, of which what is inlined has many.
const DEAREST_FILES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::PATHS;

    fn kept(cost: Cost) -> Table {
        let mut kept = Table::of("a counter");
        kept.push(PATHS[0].name, PATHS[0].unit, cost);
        kept
    }

    fn report_of(kept: &Table, now: [u64; 4]) -> (bool, String) {
        let mut report = Report::new(kept, "a counter".into());
        report.hold(&PATHS[0], Cost::new(now));
        (report.is_good(), report.to_string())
    }

    /// Two thousand instructions, no allocation, two calls and a wait.
    const KEPT: [u64; 4] = [2_000_000_000, 0, 2_000_000, 1_000_000];

    #[test]
    fn a_rise_past_the_edge_fails_and_tells_all_one_needs() {
        let kept = kept(Cost::new(KEPT));
        assert!(report_of(&kept, [2_100_000_000, 0, 2_100_000, 1_050_000]).0);
        let (is_good, told) = report_of(&kept, [2_100_000_001, 0, 2_000_000, 1_000_000]);
        assert!(!is_good);
        for part in [PATHS[0].name, "2000 kept", "2100.000001 now", "+5.0 %", "--record"] {
            assert!(told.contains(part), "no `{part}` in:\n{told}");
        }
    }

    #[test]
    fn each_figure_is_held() {
        let kept = kept(Cost::new(KEPT));
        for now in [
            [2_200_000_000, 0, 2_000_000, 1_000_000],
            [2_000_000_000, 1, 2_000_000, 1_000_000],
            [2_000_000_000, 0, 2_200_000, 1_000_000],
            [2_000_000_000, 0, 2_000_000, 1_100_000],
        ] {
            assert!(!report_of(&kept, now).0, "{now:?}");
        }
    }

    #[test]
    fn a_fall_past_the_edge_is_told_and_does_not_fail() {
        let kept = kept(Cost::new(KEPT));
        let (is_good, told) = report_of(&kept, [1_000_000_000, 0, 2_000_000, 1_000_000]);
        assert!(is_good && told.contains("-50.0 %") && told.contains("--record"), "{told}");
        let (is_good, told) = report_of(&kept, [1_900_000_000, 0, 2_000_000, 1_000_000]);
        assert!(is_good && !told.contains("--record"), "{told}");
    }

    #[test]
    fn a_path_without_figures_and_figures_without_a_path_fail() {
        let empty = Table::default();
        assert!(!report_of(&empty, [1; 4]).0);
        let kept = kept(Cost::default());
        let mut report = Report::new(&kept, "a counter".into());
        report.hold_names(&PATHS[1..]);
        assert!(!report.is_good());
    }

    #[test]
    fn what_is_to_be_like_another_may_cost_a_fiftieth_more() {
        let dear = PATHS.iter().find(|path| path.like.is_some()).expect("one is");
        let like = PATHS.iter().find(|path| Some(path.name) == dear.like).expect("it is a path");
        for (instructions, is_good) in [(102_000, true), (102_001, false)] {
            let mut kept = Table::default();
            kept.push(like.name, like.unit, Cost::new([100_000, 0, 0, 0]));
            kept.push(dear.name, dear.unit, Cost::new([instructions, 0, 0, 0]));
            let mut report = Report::new(&kept, String::new());
            report.hold(like, Cost::new([100_000, 0, 0, 0]));
            report.hold(dear, Cost::new([instructions, 0, 0, 0]));
            assert_eq!(report.is_good(), is_good, "{report}");
        }
    }

    #[test]
    fn what_was_counted_by_other_means_is_told_when_something_is_wrong() {
        let kept = kept(Cost::default());
        let mut report = Report::new(&kept, "another".into());
        report.hold(&PATHS[0], Cost::new([1; 4]));
        assert!(report.to_string().contains("a counter"), "{report}");
    }
}
