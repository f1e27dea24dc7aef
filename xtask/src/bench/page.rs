//! The page of all sections: text, tables and pictures.

use super::{
    chart, growth, machine, markdown,
    names::SectionName,
    section::Section,
    setting::Setting,
    statistics::Verdict,
    table::{self, Chart, Kind},
};
use anyhow::Result;
use clap::ValueEnum;
use std::{fmt::Write, fs, time::Instant};

/// The beginning of the page.
const INTRODUCTION: &str = "\
# Benchmarks

<!-- Written by `cargo xtask bench`. -->

What composing costs, what an adapter adds to a call, and what a composed component costs to start. Every figure is
compared with a named reference that was measured in the same run.

How to read the tables:

- The first row of each case is the **reference**. `ratio` is the median of the ratios of all rounds, with the interval
  that holds it with 95 % (a bootstrap over rounds). **≈** says that the two are not told apart.
- Other figures are medians over rounds, with the first and third quartile behind them. The rounds of all rows of a table
  are interleaved, so that other load on the machine meets all alike.
- `p99.9` stands only where there are 100,000 samples or more.
- Of times, sizes and counts, less is better; of requests/s, more.
- In a chart, the line at 1 is the reference and the dark line at the end of a bar is the interval.
";

/// What was measured of parts as they were. It is kept by hand, since the page is measured of one tree.
const BEFORE: &str = include_str!("before.md");

/// How names of rows begin that others make.
const OTHERS: [&str; 2] = ["`wac ", "`wasm-tools "];

/// A section with its samples.
pub struct Measured {
    name: SectionName,
    section: &'static Section,
    tables: Vec<table::Measured>,
}

/// Measures all sections, and writes the page.
pub fn write(setting: &Setting) -> Result<()> {
    let start = Instant::now();
    let machine = machine::lines(setting)?;
    let sections: Vec<Measured> =
        SectionName::value_variants().iter().map(|name| Measured::of(setting, *name)).collect::<Result<_>>()?;
    let docs = setting.instruments.root.join("docs");
    let pictures = docs.join("benchmarks");
    if pictures.exists() {
        fs::remove_dir_all(&pictures)?;
    }
    fs::create_dir_all(&pictures)?;
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    let mut page = format!("{INTRODUCTION}\n## Machine\n\n{}\n", machine.join("\n"));
    writeln!(page, "- `cargo xtask bench`, {minutes:.0} minutes; `cargo xtask bench SECTION` prints one section, and")?;
    writeln!(page, "  `cargo xtask bench --compare OLD NEW` measures two checkouts in the same rounds")?;
    for section in &sections {
        for (name, picture) in section.charts()? {
            fs::write(pictures.join(name), picture)?;
        }
        page.push_str(&section.text()?);
    }
    page.push_str(BEFORE);
    fs::write(docs.join("benchmarks.md"), page)?;
    eprintln!("wrote `docs/benchmarks.md` in {minutes:.0} minutes");
    Ok(())
}

/// Measures a section, and prints its text.
pub fn print(setting: &Setting, name: SectionName) -> Result<()> {
    let machine = machine::lines(setting)?;
    println!("{}\n{}", machine.join("\n"), Measured::of(setting, name)?.text()?);
    Ok(())
}

impl Measured {
    /// Measures all tables of a section.
    pub fn of(setting: &Setting, name: SectionName) -> Result<Self> {
        let section = name.section();
        let mut tables = Vec::new();
        for make in section.tables {
            let start = Instant::now();
            let measured = table::measure(make(setting)?)?;
            if !setting.is_small() {
                eprintln!("{}: {}, {:.0} s", name.name(), measured.title, start.elapsed().as_secs_f64());
            }
            tables.push(measured);
        }
        Ok(Self { name, section, tables })
    }

    /// Returns the numbers of tables and of figures.
    pub fn size(&self) -> (usize, usize) {
        let figures = self.tables.iter().map(|table| table.rows.len() * table.metrics.len()).sum();
        (self.tables.len(), figures)
    }

    /// Returns the pictures, by file name.
    pub fn charts(&self) -> Result<Vec<(String, String)>> {
        let drawn = self.tables.iter().enumerate().map(|(at, table)| Ok((self.file(at), chart::draw(table)?)));
        let drawn: Result<Vec<(String, Option<String>)>> = drawn.collect();
        Ok(drawn?.into_iter().filter_map(|(name, picture)| Some((name, picture?))).collect())
    }

    fn file(&self, table: usize) -> String {
        format!("{}-{}.svg", self.name.name(), table + 1)
    }

    /// Returns the section as Markdown.
    pub fn text(&self) -> Result<String> {
        let Section { title, text, why, .. } = self.section;
        let mut page = format!("\n## {title}\n\n{text}\n\n`cargo xtask bench {}`\n", self.name.name());
        for (at, table) in self.tables.iter().enumerate() {
            write!(page, "\n### {}\n\n", table.title)?;
            if !table.about.is_empty() {
                write!(page, "{}\n\n", table.about)?;
            }
            page.push_str(&markdown::table(table));
            if table.chart == Chart::Lines {
                write!(page, "\n{}", growth::slopes(table)?)?;
            }
            if chart::draw(table)?.is_some() {
                write!(page, "\n![{}: {}](benchmarks/{})\n", title, table.title, self.file(at))?;
            }
        }
        match self.name {
            SectionName::Tried => write!(page, "\n**What follows.** {}{why}\n", self.best())?,
            _ => write!(page, "\n**Where we lose, and why.** {}{why}\n", self.worst())?,
        }
        Ok(page)
    }

    /// Returns a sentence about the row whose rate is best against its reference.
    fn best(&self) -> String {
        let mut best: Option<(f64, String)> = None;
        for table in &self.tables {
            let Some(at) = table.metrics.iter().position(|metric| metric.kind == Kind::Rate) else { continue };
            for row in &table.rows {
                let Some(ratio) = table.ratio(row, at).filter(|ratio| ratio.verdict() == Verdict::Above) else {
                    continue;
                };
                if best.as_ref().is_none_or(|(gain, _)| ratio.median > *gain) {
                    let place = format!("{}, {}", row.case, row.name);
                    let name = table.metrics[at].name;
                    best = Some((ratio.median, format!("The best ratio of {name} is {ratio}: {place}. ")));
                }
            }
        }
        best.map_or_else(|| "None is told to be faster than what is delivered. ".to_owned(), |(_, sentence)| sentence)
    }

    /// Returns a sentence about the row that is worst against its reference.
    fn worst(&self) -> String {
        let mut worst: Option<(f64, String)> = None;
        for table in &self.tables {
            let Some(at) = table.metrics.iter().position(|metric| metric.related) else { continue };
            let metric = table.metrics[at];
            // What others make is no loss of ours.
            for row in table.rows.iter().filter(|row| !OTHERS.iter().any(|other| row.name.starts_with(other))) {
                let Some(ratio) = table.ratio(row, at).filter(|ratio| ratio.verdict() != Verdict::NotToldApart) else {
                    continue;
                };
                let loss = if metric.kind == Kind::Rate { 1.0 / ratio.median } else { ratio.median };
                if loss > worst.as_ref().map_or(1.0, |(loss, _)| *loss) {
                    let place = format!("{}, {}, {}", table.title, row.case, row.name);
                    worst = Some((loss, format!("The worst ratio of {} is {ratio}: {place}. ", metric.name)));
                }
            }
        }
        worst.map_or_else(String::new, |(_, sentence)| sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;
    use crate::bench::{
        names::SectionName,
        table::{self, Chart, Kind, Metric, Row},
    };

    #[test]
    fn a_section_says_where_it_loses_most() {
        let row = |name: &str, rate: f64| Row {
            case: "64 B, 4".into(),
            name: name.into(),
            series: vec![vec![rate; 5]],
            latencies: Vec::new(),
        };
        let table = table::Measured {
            title: "An instance for each request",
            about: "",
            case: "body, connections",
            metrics: vec![Metric::related("requests/s", Kind::Rate)],
            rows: vec![row("bare", 100.0), row("Rust", 50.0), row("C", 40.0), row("`wac plug`, one", 1.0)],
            chart: Chart::Bars,
        };
        let section = Measured { name: SectionName::Http, section: SectionName::Http.section(), tables: vec![table] };
        let text = section.text().unwrap();
        let worst = "The worst ratio of requests/s is 0.40: An instance for each request, 64 B, 4, C. ";
        assert!(text.contains(worst), "{text}");
        assert!(text.contains("](benchmarks/http-1.svg)"), "{text}");
        assert_eq!(section.charts().unwrap()[0].0, "http-1.svg");
    }

    #[test]
    fn what_was_tried_says_what_it_gains() {
        let row = |name: &str, rate: f64| Row {
            case: "fresh".into(),
            name: name.into(),
            series: vec![vec![rate; 5]],
            latencies: Vec::new(),
        };
        let tried = |rates: [f64; 2]| {
            let table = table::Measured {
                title: "The echo over HTTP",
                about: "",
                case: "instances",
                metrics: vec![Metric::related("requests/s", Kind::Rate)],
                rows: vec![row("delivered", 100.0), row("optimised", rates[0]), row("initialised", rates[1])],
                chart: Chart::Bars,
            };
            let name = SectionName::Tried;
            Measured { name, section: name.section(), tables: vec![table] }.text().unwrap()
        };
        let gain = "**What follows.** The best ratio of requests/s is 1.20: fresh, initialised. ";
        assert!(tried([110.0, 120.0]).contains(gain));
        assert!(tried([90.0, 100.0]).contains("**What follows.** None is told to be faster than what is delivered. "));
    }
}
