//! How the cost of composing grows: with adapters in a stack, handlers in a link, and compositions in a build.

use super::{
    process::{Usage, megabytes},
    setting::Setting,
    statistics::Spread,
    table::{Chart, Kind, Measured, Metric, Sample, Subject, Table},
};
use anyhow::{Context, Result};
use std::{fmt::Write, fs, path::PathBuf, process::Command};

/// How many of a thing there are. The middle one splits the two halves whose growth is compared.
const COUNTS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Adapters in a stack: each is a filter that does nothing.
pub fn stack(setting: &Setting) -> Result<Table> {
    let filter = wat::parse_file(setting.instruments.root.join("bench/filter.wat"))?;
    let adapters = copies(setting, "filter", &filter)?;
    let command = |count: usize| {
        let mut plug = Command::new(&setting.msgcompose);
        plug.arg("plug").arg(setting.fixture("courier"));
        adapters[..count].iter().for_each(|adapter| _ = plug.arg("--adapter").arg(adapter));
        plug
    };
    table(setting, "Adapters in a stack", "Each adapter is the empty filter.", "adapters", command)
}

/// Handlers in a link: each is another guest that replies.
pub fn link(setting: &Setting) -> Result<Table> {
    let handlers = copies(setting, "handler", &fs::read(setting.fixture("courier-c"))?)?;
    let command = |count: usize| {
        let mut link = Command::new(&setting.msgcompose);
        link.arg("link").arg(setting.fixture("asker"));
        for (number, handler) in handlers[..count].iter().enumerate() {
            link.arg("--handler").arg(format!("topic.{number}={}", handler.display()));
        }
        link
    };
    table(
        setting,
        "Handlers in a link",
        "Each handler is a guest of 21 KB that may send requests.",
        "handlers",
        command,
    )
}

/// Compositions in a build: each puts an adapter around a guest.
pub fn build(setting: &Setting) -> Result<Table> {
    let folder = setting.result("build");
    let mut projects = Vec::new();
    for count in COUNTS {
        let project = folder.join(count.to_string());
        fs::create_dir_all(&project)?;
        let mut text = String::new();
        for number in 0..count {
            let guest = setting.fixture("courier").display().to_string();
            writeln!(text, "[composition.number-{number}]\nguest = {guest:?}\nadapters = [\"reqreply-over-pubsub\"]")?;
            writeln!(text, "output = \"{number}.wasm\"\noptions = {{ reply-topic = \"replies\" }}\n")?;
        }
        let file = project.join("msgcompose.toml");
        fs::write(&file, text)?;
        projects.push((count, file));
    }
    let command = |count: usize| {
        let mut build = Command::new(&setting.msgcompose);
        let project = projects.iter().find(|(of, _)| *of as usize == count);
        build
            .arg("build")
            .args(project.map(|(_, file)| ["--file".into(), file.clone().into_os_string()]).into_iter().flatten());
        build
    };
    table(
        setting,
        "Compositions in a build",
        "Each puts `reqreply-over-pubsub` around a guest of 16 KB.",
        "compositions",
        command,
    )
}

/// Writes as many copies of a component as are needed, no two alike.
fn copies(setting: &Setting, name: &str, component: &[u8]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for number in 0..COUNTS[COUNTS.len() - 1] {
        let path = setting.result(format!("{name}-{number}.wasm"));
        // A custom section, named `n`, with the number.
        let section = [0, 3, 1, b'n', u8::try_from(number)?];
        fs::write(&path, [component, &section].concat())?;
        paths.push(path);
    }
    Ok(paths)
}

fn table(
    setting: &Setting,
    title: &'static str,
    about: &'static str,
    case: &'static str,
    command: impl Fn(usize) -> Command,
) -> Result<Table> {
    let mut subjects = Vec::new();
    for count in setting.pick(&COUNTS[..], &COUNTS[..2]) {
        let mut command = command(usize::try_from(*count)?);
        let out = if title.contains("build") { None } else { Some(setting.result("grown.wasm")) };
        if let Some(out) = &out {
            command.arg("-o").arg(out);
        }
        let project = setting.result("build").join(count.to_string());
        let (count, files) = (*count, setting.instruments.files.clone());
        subjects.push(Subject::new(count.to_string(), case, move || {
            let usage = Usage::of(&files, &command)?;
            let size = match &out {
                Some(out) => fs::metadata(out)?.len(),
                None => (0..count)
                    .map(|number| Ok(fs::metadata(project.join(format!("{number}.wasm")))?.len()))
                    .sum::<Result<u64>>()?,
            };
            Ok(Sample::from([usage.milliseconds(), usage.peak, (megabytes(size) * 1e3).round()]))
        }));
    }
    let metrics = vec![
        Metric::plain("CPU ms", Kind::Time),
        Metric::plain("peak MB", Kind::Size),
        Metric::plain("output KB", Kind::Size),
    ];
    Ok(Table { title, about, case, metrics, rounds: setting.pick(11, 1), subjects, chart: Chart::Lines })
}

/// Says what each further one costs in the first half and in the second. If both are alike, growth is linear.
pub fn slopes(measured: &Measured) -> Result<String> {
    let mut text = String::new();
    let counts: Vec<f64> = measured.rows.iter().map(|row| Ok(row.case.parse()?)).collect::<Result<_>>()?;
    let last = counts.len() - 1;
    let middle = counts.iter().position(|count| *count >= counts[last] / 4.0).context("there are rows")?;
    if middle == 0 || middle == last {
        return Ok(text);
    }
    for (at, metric) in measured.metrics.iter().enumerate() {
        let median = |row: usize| Spread::of(&measured.rows[row].series[at]).median;
        let slope = |from: usize, to: usize| (median(to) - median(from)) / (counts[to] - counts[from]);
        let [first, second] = [slope(0, middle), slope(middle, last)].map(super::markdown::number);
        let [start, split, end] = [counts[0], counts[middle], counts[last]];
        writeln!(
            text,
            "- {}: each further one adds {first} from {start} to {split}, and {second} from {split} to {end}",
            metric.name
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::slopes;
    use crate::bench::table::{Chart, Kind, Measured, Metric, Row};

    #[test]
    fn growth_that_is_linear_is_alike_in_both_halves() {
        let rows = [1, 2, 4, 8, 16, 32, 64].map(|count: u32| Row {
            case: count.to_string(),
            name: "adapters".into(),
            series: vec![vec![5.0 + 0.25 * f64::from(count)], vec![f64::from(count * count)]],
            latencies: Vec::new(),
        });
        let metrics = vec![Metric::plain("CPU ms", Kind::Time), Metric::plain("peak MB", Kind::Size)];
        let measured = Measured { title: "", about: "", case: "", metrics, rows: rows.into(), chart: Chart::Lines };
        let expected = "- CPU ms: each further one adds 0.250 from 1 to 16, and 0.250 from 16 to 64\n\
                        - peak MB: each further one adds 17 from 1 to 16, and 80 from 16 to 64\n";
        assert_eq!(slopes(&measured).unwrap(), expected);
    }
}
