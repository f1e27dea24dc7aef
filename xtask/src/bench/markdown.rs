//! Tables in Markdown.

use super::table::{Measured, Metric, Row};
use crate::bench::statistics::Spread;
use std::fmt::Write;

/// Returns a table: a row for each subject, and for each figure its median, its quartiles and its ratio to the
/// reference.
pub fn table(measured: &Measured) -> String {
    let has_tail = measured.rows.iter().any(|row| row.tail().is_some());
    let mut head = vec![measured.case.to_owned(), String::new()];
    for metric in &measured.metrics {
        head.push(metric.name.to_owned());
        if metric.related {
            head.push("ratio".into());
        }
    }
    if has_tail {
        head.push("p99.9 µs".into());
    }
    let mut lines = vec![head];
    let mut last = None;
    for row in &measured.rows {
        let is_new = last != Some(&row.case);
        last = Some(&row.case);
        let mut cells = vec![if is_new { row.case.clone() } else { String::new() }, row.name.clone()];
        cells.extend(measured.metrics.iter().enumerate().flat_map(|(at, metric)| figures(measured, row, at, *metric)));
        if has_tail {
            cells.push(row.tail().map_or_else(|| "–".into(), number));
        }
        lines.push(cells);
    }
    aligned(&lines)
}

/// Returns the cells of one figure.
fn figures(measured: &Measured, row: &Row, at: usize, metric: Metric) -> Vec<String> {
    let mut cells = vec![spread(row.spread(at))];
    if metric.related {
        cells.push(measured.ratio(row, at).map_or_else(|| "1".into(), |ratio| ratio.to_string()));
    }
    cells
}

/// Returns a median, and its quartiles if they differ from it.
pub fn spread(spread: Spread) -> String {
    let [median, low, high] = [spread.median, spread.low, spread.high].map(number);
    if low == high { median } else { format!("{median} ({low}–{high})") }
}

/// Returns a number with three digits, or with all before the point. Thousands are set apart.
pub fn number(value: f64) -> String {
    let rounded = value.round();
    if rounded.abs() >= 1000.0 {
        let digits = format!("{rounded:.0}");
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.as_bytes()[at - 1] != b'-' {
                text.push(',');
            }
            text.push(digit);
        }
        return text;
    }
    if (value - rounded).abs() < 1e-9 {
        return format!("{rounded:.0}");
    }
    let digits = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// Returns a table whose columns are aligned as text too. All but the first two columns are numbers.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines[0].len();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            let _ = if column < 2 { write!(text, "| {cell}{padding} ") } else { write!(text, "| {padding}{cell} ") };
        }
        text.push_str("|\n");
        if at == 0 {
            for (column, width) in widths.iter().enumerate() {
                let _ = if column < 2 {
                    write!(text, "| {} ", "-".repeat(*width))
                } else {
                    write!(text, "| {}: ", "-".repeat(width - 1))
                };
            }
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{number, table};
    use crate::bench::table::{Chart, Kind, Measured, Metric, Row};

    #[test]
    fn numbers_have_three_digits() {
        let written = [0.0, 13.0, 0.1234, 1.234, 12.34, 123.4, 999.6, 1234.5, 1_234_567.0].map(number);
        assert_eq!(written, ["0", "13", "0.123", "1.23", "12.3", "123", "1,000", "1,235", "1,234,567"]);
    }

    #[test]
    fn a_table_has_spread_and_ratio() {
        let row = |case: &str, name: &str, times: [f64; 3], calls: f64| Row {
            case: case.into(),
            name: name.into(),
            series: vec![times.to_vec(), vec![calls; 3]],
            latencies: Vec::new(),
        };
        let measured = Measured {
            title: "Calls",
            about: "",
            case: "body",
            metrics: vec![Metric::related("ns", Kind::Time), Metric::plain("host calls", Kind::Count)],
            rows: vec![row("64 B", "bare", [10.0, 10.0, 12.0], 4.0), row("64 B", "filter", [20.0, 21.0, 24.0], 5.0)],
            chart: Chart::None,
        };
        let lines: Vec<String> = table(&measured).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("| body |"), "{lines:?}");
        assert!(lines[2].contains(" 10 (10–11) ") && lines[2].contains(" 1 |"), "{lines:?}");
        assert!(lines[3].contains("21 (20.5–22.5)") && lines[3].contains("2.00 (2.00–2.10)"), "{lines:?}");
        let widths: Vec<_> = lines.iter().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{lines:?}");
    }

    #[test]
    fn only_enough_samples_have_a_tail() {
        let mut row =
            Row { case: "1".into(), name: "native".into(), series: vec![vec![1.0]], latencies: vec![5.0; 99_999] };
        let metrics = vec![Metric::related("ms", Kind::Time)];
        let measured = |row: Row, metrics: &[Metric]| Measured {
            title: "",
            about: "",
            case: "at once",
            metrics: metrics.to_vec(),
            rows: vec![row],
            chart: Chart::None,
        };
        row.latencies.push(5.0);
        assert!(table(&measured(row, &metrics)).contains("p99.9"));
        let row =
            Row { case: "1".into(), name: "native".into(), series: vec![vec![1.0]], latencies: vec![5.0; 99_999] };
        assert!(!table(&measured(row, &metrics)).contains("p99.9"));
    }
}
