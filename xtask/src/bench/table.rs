//! What a section measures: tables of subjects, each of which gives one sample a round.

use super::statistics::{Ratio, Spread, Verdict, tail};
use anyhow::{Context, Result, ensure};

/// What a figure counts, and so which words compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A time: less is better.
    Time,
    /// A rate: more is better.
    Rate,
    /// A number of bytes: less is better.
    Size,
    /// A number of things: less is better.
    Count,
}

/// A figure that each round gives.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name and unit, for the head of a column.
    pub name: &'static str,
    /// What it counts.
    pub kind: Kind,
    /// Whether it has a column with the ratio to the reference.
    pub related: bool,
}

impl Metric {
    /// A figure that is compared with that of the reference.
    pub const fn related(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, related: true }
    }

    /// A figure that stands for itself.
    pub const fn plain(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, related: false }
    }
}

/// What one round gives.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// A value for each metric of the table.
    pub values: Vec<f64>,
    /// The latency of each request, in microseconds; empty where none are measured.
    pub latencies: Vec<f64>,
}

impl<const N: usize> From<[f64; N]> for Sample {
    fn from(values: [f64; N]) -> Self {
        Self { values: values.to_vec(), latencies: Vec::new() }
    }
}

/// Something that is measured in rounds.
pub struct Subject {
    /// What it is compared within: the first subject of each case is the reference of the others.
    pub case: String,
    /// Its name.
    pub name: String,
    /// Measures one round.
    pub measure: Box<dyn FnMut() -> Result<Sample>>,
}

impl Subject {
    /// A subject of a case.
    pub fn new(
        case: impl Into<String>,
        name: impl Into<String>,
        measure: impl FnMut() -> Result<Sample> + 'static,
    ) -> Self {
        Self { case: case.into(), name: name.into(), measure: Box::new(measure) }
    }
}

/// Subjects that are measured in the same rounds.
pub struct Table {
    /// A heading.
    pub title: &'static str,
    /// A paragraph about how it is measured.
    pub about: &'static str,
    /// The head of the column of cases.
    pub case: &'static str,
    /// The figures. The chart shows the first that is compared.
    pub metrics: Vec<Metric>,
    /// The number of rounds.
    pub rounds: usize,
    /// All subjects.
    pub subjects: Vec<Subject>,
    /// The picture beside the table.
    pub chart: Chart,
}

/// The picture of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// A bar for each subject: its ratio to the reference.
    Bars,
    /// A line for each subject over the cases, which are numbers.
    Lines,
    /// None.
    None,
}

/// The samples of a subject.
#[derive(Debug)]
pub struct Row {
    /// The case.
    pub case: String,
    /// The name.
    pub name: String,
    /// For each metric, a value for each round.
    pub series: Vec<Vec<f64>>,
    /// The latencies of all rounds.
    pub latencies: Vec<f64>,
}

impl Row {
    /// Returns a metric's median and spread.
    pub fn spread(&self, metric: usize) -> Spread {
        Spread::of(&self.series[metric])
    }

    /// Returns the 99.9th percentile of all latencies, if there are enough.
    pub fn tail(&self) -> Option<f64> {
        tail(&self.latencies)
    }
}

/// A table with its samples.
#[derive(Debug)]
pub struct Measured {
    /// The heading.
    pub title: &'static str,
    /// The paragraph.
    pub about: &'static str,
    /// The head of the column of cases.
    pub case: &'static str,
    /// The figures.
    pub metrics: Vec<Metric>,
    /// The rows, those of a case together.
    pub rows: Vec<Row>,
    /// The picture.
    pub chart: Chart,
}

impl Measured {
    /// Returns the reference of a row: the first of its case.
    pub fn reference(&self, row: &Row) -> &Row {
        self.rows.iter().find(|other| other.case == row.case).unwrap_or(&self.rows[0])
    }

    /// Returns the ratio of a row to its reference; `None` for the reference itself.
    pub fn ratio(&self, row: &Row, metric: usize) -> Option<Ratio> {
        let reference = self.reference(row);
        (!std::ptr::eq(reference, row)).then(|| Ratio::of(&row.series[metric], &reference.series[metric]))
    }
}

/// Measures all subjects of a table round by round, so that other load on the machine meets all alike. Each round begins
/// with another subject, so that none always follows the same one.
pub fn measure(table: Table) -> Result<Measured> {
    let Table { title, about, case, metrics, rounds, mut subjects, chart } = table;
    let mut rows: Vec<Row> = subjects
        .iter()
        .map(|Subject { case, name, .. }| {
            let series = vec![Vec::new(); metrics.len()];
            Row { case: case.clone(), name: name.clone(), series, latencies: Vec::new() }
        })
        .collect();
    for round in 0..rounds {
        for turn in 0..subjects.len() {
            let at = (round + turn) % subjects.len();
            let (subject, row) = (&mut subjects[at], &mut rows[at]);
            let failed = || format!("failed to measure {title}: {}, {}", row.case, row.name);
            let sample = (subject.measure)().with_context(failed)?;
            ensure!(sample.values.len() == metrics.len(), "{title}: a value is missing");
            row.series.iter_mut().zip(sample.values).for_each(|(series, value)| series.push(value));
            row.latencies.extend(sample.latencies);
        }
    }
    Ok(Measured { title, about, case, metrics, rows, chart })
}

/// Says how a figure compares with that of the reference, in the words of its kind.
pub fn words(kind: Kind, verdict: Verdict) -> &'static str {
    match (kind, verdict) {
        (_, Verdict::NotToldApart) => "not told apart",
        (Kind::Time, Verdict::Below) | (Kind::Rate, Verdict::Above) => "faster",
        (Kind::Time, Verdict::Above) | (Kind::Rate, Verdict::Below) => "slower",
        (Kind::Size, Verdict::Below) => "smaller",
        (Kind::Size, Verdict::Above) => "larger",
        (Kind::Count, Verdict::Below) => "fewer",
        (Kind::Count, Verdict::Above) => "more",
    }
}

#[cfg(test)]
mod tests {
    use super::{Chart, Kind, Metric, Sample, Subject, Table, measure, words};
    use crate::bench::statistics::Verdict;
    use std::{cell::RefCell, rc::Rc};

    #[test]
    fn rounds_are_interleaved_and_begin_in_turn() {
        let order = Rc::new(RefCell::new(String::new()));
        let subject = |name: &'static str, value: f64| {
            let order = Rc::clone(&order);
            Subject::new("case", name, move || {
                order.borrow_mut().push_str(name);
                Ok(Sample { values: vec![value], latencies: vec![value; 2] })
            })
        };
        let subjects = vec![subject("a", 2.0), subject("b", 3.0), subject("c", 4.0)];
        let metrics = vec![Metric::related("ms", Kind::Time)];
        let table = Table { title: "t", about: "", case: "", metrics, rounds: 3, subjects, chart: Chart::None };
        let measured = measure(table).unwrap();
        assert_eq!(*order.borrow(), "abcbcacab");
        let [reference, second, third] = &measured.rows[..] else { panic!("{measured:?}") };
        assert_eq!(second.series, [[3.0; 3]]);
        assert_eq!(second.latencies.len(), 6);
        assert!(measured.ratio(reference, 0).is_none());
        assert_eq!(measured.ratio(third, 0).unwrap().to_string(), "2.00");
    }

    #[test]
    fn each_case_has_its_own_reference() {
        let subject = |case: &str, name: &str, value: f64| Subject::new(case, name, move || Ok([value].into()));
        let subjects =
            vec![subject("1", "a", 1.0), subject("1", "b", 3.0), subject("2", "a", 2.0), subject("2", "b", 3.0)];
        let metrics = vec![Metric::related("ms", Kind::Time)];
        let table = Table { title: "t", about: "", case: "", metrics, rounds: 2, subjects, chart: Chart::None };
        let measured = measure(table).unwrap();
        let ratio = |at: usize| measured.ratio(&measured.rows[at], 0).map(|ratio| ratio.to_string());
        assert_eq!([0, 1, 2, 3].map(ratio), [None, Some("3.00".into()), None, Some("1.50".into())]);
    }

    #[test]
    fn a_failure_names_the_subject() {
        let subjects = vec![Subject::new("64 B", "bare", || anyhow::bail!("no server"))];
        let metrics = vec![Metric::plain("ms", Kind::Time)];
        let table = Table { title: "HTTP", about: "", case: "", metrics, rounds: 1, subjects, chart: Chart::None };
        let error = format!("{:#}", measure(table).unwrap_err());
        assert_eq!(error, "failed to measure HTTP: 64 B, bare: no server");
    }

    #[test]
    fn more_is_better_of_a_rate_alone() {
        assert_eq!(words(Kind::Rate, Verdict::Above), "faster");
        assert_eq!(words(Kind::Time, Verdict::Above), "slower");
        assert_eq!(words(Kind::Size, Verdict::Below), "smaller");
        assert_eq!(words(Kind::Count, Verdict::NotToldApart), "not told apart");
    }
}
