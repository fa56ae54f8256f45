//! Figures over the number of connections, drawn as SVG.

use std::fmt::Write;

use crate::report::Outcome;
use crate::row::Work;

/// One set of axes.
struct Panel {
    title: &'static str,
    unit: &'static str,
    lines: Vec<Line>,
}

/// What one server costs over the number of connections.
struct Line {
    name: String,
    /// Not ours: drawn beside it.
    is_dashed: bool,
    points: Vec<(f64, f64)>,
}

/// Draws what the rows say of processor time a delivery, and of memory a connection.
pub fn draw<'a>(outcomes: impl Iterator<Item = (Work, &'a Outcome)>) -> String {
    let mut delivery = Panel { title: "Processor time of a delivery", unit: "us", lines: vec![] };
    let mut memory = Panel { title: "Memory of an idle connection", unit: "bytes", lines: vec![] };
    for (work, outcome) in outcomes {
        let (panel, connections, what) = match work {
            Work::FanOut { wire, subscribers, at_once, .. } => {
                (&mut delivery, subscribers, format!("{}, {at_once} at once", wire.name()))
            }
            Work::Idle { wire, connections, .. } => {
                (&mut memory, connections, wire.name().to_owned())
            }
            _ => continue,
        };
        for (server, figure) in outcome.figures() {
            panel.add(format!("{server}: {what}"), server, connections, figure);
        }
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (place, panel) in [delivery, memory].into_iter().enumerate() {
        panel.draw(&mut svg, place as f64 * WIDTH / 2.0);
    }
    svg + "</svg>\n"
}

impl Panel {
    fn add(&mut self, name: String, server: &str, connections: usize, figure: f64) {
        let point = (connections as f64, figure);
        match self.lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => {
                let is_dashed = server != "crampon";
                self.lines.push(Line { name, is_dashed, points: vec![point] });
            }
        }
    }

    fn draw(&self, svg: &mut String, left: f64) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let most = |part: fn(&(f64, f64)) -> f64| points().map(part).fold(0.0, f64::max);
        let least = points().map(|point| point.0).fold(f64::MAX, f64::min);
        let (right, top) = (most(|point| point.0), nice(most(|point| point.1)));
        let x = |value: f64| left + LEFT + (value / least).ln() / (right / least).ln() * ACROSS;
        let y = |value: f64| TOP + UP - value / top * UP;
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{} ({})</text>",
            left + LEFT,
            self.title,
            self.unit
        );
        for step in 0..=4 {
            let value = top * f64::from(step) / 4.0;
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}h{ACROSS}\" stroke=\"#ddd\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
                left + LEFT,
                y(value),
                left + LEFT - 6.0,
                y(value) + 4.0
            );
        }
        let mut marks: Vec<f64> = points().map(|point| point.0).collect();
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        for mark in marks {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{mark}</text>",
                x(mark),
                TOP + UP + 18.0
            );
        }
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let path: Vec<_> =
                line.points.iter().map(|at| format!("{:.1},{:.1}", x(at.0), y(at.1))).collect();
            let dash = if line.is_dashed { " stroke-dasharray=\"4 3\"" } else { "" };
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" \
                 stroke-width=\"2\"{dash}/>",
                path.join(" ")
            );
        }
        for (place, (line, colour)) in self.lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
            let (at, down) = (left + LEFT, KEY + place as f64 * KEY_LINE);
            let dash = if line.is_dashed { " stroke-dasharray=\"4 3\"" } else { "" };
            let _ = writeln!(
                svg,
                "<path d=\"M{at:.1} {:.1}h20\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\
                 <text x=\"{:.1}\" y=\"{down:.1}\">{}</text>",
                down - 4.0,
                at + 26.0,
                line.name
            );
        }
    }
}

/// The least of 1, 2, 4, 8 and their tens that is no less.
fn nice(value: f64) -> f64 {
    let tens = 10_f64.powf(value.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 4.0, 8.0, 10.0]
        .map(|step| step * tens)
        .into_iter()
        .find(|&it| it >= value)
        .unwrap_or(tens)
}

// In pixels: both panels, and within each the axes and the key under them.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 540.0;
const LEFT: f64 = 50.0;
const TOP: f64 = 40.0;
const ACROSS: f64 = 420.0;
const UP: f64 = 300.0;
const KEY: f64 = 390.0;
const KEY_LINE: f64 = 18.0;
const COLOURS: [&str; 8] =
    ["#1b6ca8", "#d1495b", "#2e8b57", "#8a5a99", "#e08e0b", "#444444", "#17a2b8", "#7f7f00"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_where_one_reads_them_easily() {
        for (value, end) in [(0.3, 0.4), (7.2, 8.0), (8.5, 10.0), (512.0, 800.0), (100.0, 100.0)] {
            assert!((nice(value) - end).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn a_line_goes_through_all_numbers_of_connections() {
        let mut panel = Panel { title: "title", unit: "us", lines: vec![] };
        for (connections, figure) in [(100, 4.0), (1000, 5.0), (10_000, 6.0)] {
            panel.add("crampon: SSE".into(), "crampon", connections, figure);
        }
        let mut svg = String::new();
        panel.draw(&mut svg, 0.0);
        let line = svg.lines().find(|line| line.starts_with("<polyline")).expect("one is drawn");
        assert!(line.contains("points=\"50.0,190.0 260.0,152.5 470.0,115.0\""), "{line}");
    }
}
