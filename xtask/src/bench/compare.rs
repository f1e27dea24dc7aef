//! Measures two trees in the same rounds, and says for each figure whether they differ. Guests and what measures are
//! those of this checkout; the tool, its parts and the development host are those of each tree.

use super::{
    names::SectionName,
    setting::Setting,
    table::{Measured, Subject, Table, measure, words},
};
use anyhow::Result;
use std::fmt::Write;

/// Compares the two trees in one section.
pub fn run([old, new]: &[Setting; 2], name: SectionName) -> Result<()> {
    for make in name.section().tables {
        let measured = measure(merge(make(old)?, make(new)?))?;
        println!("\n{}: {}", name.name(), measured.title);
        print!("{}", text(&measured));
    }
    Ok(())
}

/// Puts the subjects of two trees beside each other: each is a case, with the old one as its reference.
fn merge(old: Table, mut new: Table) -> Table {
    let mut others = std::mem::take(&mut new.subjects);
    let mut subjects = Vec::new();
    for one in old.subjects {
        let Some(at) = others.iter().position(|other| (&other.case, &other.name) == (&one.case, &one.name)) else {
            eprintln!("only the old tree has {}, {}", one.case, one.name);
            continue;
        };
        let case = format!("{}, {}", one.case, one.name);
        let other = others.remove(at);
        subjects.push(Subject { case: case.clone(), name: "old".into(), measure: one.measure });
        subjects.push(Subject { case, name: "new".into(), measure: other.measure });
    }
    for other in others {
        eprintln!("only the new tree has {}, {}", other.case, other.name);
    }
    Table { subjects, ..new }
}

/// Returns a line for each figure.
fn text(measured: &Measured) -> String {
    let mut lines = Vec::new();
    for row in &measured.rows {
        for (at, metric) in measured.metrics.iter().enumerate() {
            let Some(ratio) = measured.ratio(row, at) else { continue };
            let word = words(metric.kind, ratio.verdict());
            lines.push([row.case.clone(), metric.name.to_owned(), ratio.to_string(), word.to_owned()]);
        }
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2].map(width);
    let [first, second, third] = widths;
    let mut text = String::new();
    for [case, metric, ratio, word] in &lines {
        let _ = writeln!(text, "  {case:<first$}  {metric:<second$}  {ratio:<third$}  {word}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{merge, text};
    use crate::bench::table::{Chart, Kind, Metric, Subject, Table, measure};

    fn tree(values: &[(&'static str, [f64; 2])]) -> Table {
        let subjects = values.iter().map(|(name, values)| {
            let values = *values;
            Subject::new("64 B", *name, move || Ok(values.into()))
        });
        Table {
            title: "HTTP",
            about: "",
            case: "body",
            metrics: vec![Metric::related("requests/s", Kind::Rate), Metric::plain("bytes added", Kind::Size)],
            rounds: 5,
            subjects: subjects.collect(),
            chart: Chart::Bars,
        }
    }

    #[test]
    fn each_figure_of_the_new_tree_is_compared_with_that_of_the_old_one() {
        let old = tree(&[("bare", [100.0, 0.0]), ("composed", [50.0, 4000.0]), ("gone", [1.0, 1.0])]);
        let new = tree(&[("bare", [100.0, 0.0]), ("composed", [60.0, 3000.0])]);
        let measured = measure(merge(old, new)).unwrap();
        let text = text(&measured);
        let words: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect())
            .collect();
        assert_eq!(
            words,
            [
                ["64 B, bare", "requests/s", "1.00", "not told apart"],
                ["64 B, bare", "bytes added", "1.00", "not told apart"],
                ["64 B, composed", "requests/s", "1.20", "faster"],
                ["64 B, composed", "bytes added", "0.75", "smaller"],
            ]
        );
    }
}
