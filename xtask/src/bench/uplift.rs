//! The section `uplift`: lifting a guest, which changes types and copies the rest.

use super::{
    process::Usage,
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Subject, Table},
};
use crate::guests::{COURIER_PYTHON, QUOTE_DESK};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

/// The section.
pub const SECTION: Section = Section {
    title: "Lifting",
    text: "Whole processes: `msgcompose uplift` against `dd`, which reads and writes the guest in one block.",
    why: "A guest in Python is linked from many modules with thousands of names, which are all read.",
    tables: &[table],
};

fn table(setting: &Setting) -> Result<Table> {
    let small = [("Rust, 16 KB", setting.fixture("courier"))];
    let mut guests = Vec::from(small);
    if !setting.is_small() {
        guests.push(("JavaScript, 12 MB", setting.large(QUOTE_DESK)?));
        guests.push(("Python, 18 MB", setting.large(COURIER_PYTHON)?));
    }
    let mut subjects = Vec::new();
    for (case, guest) in guests {
        let named = |key: &str, path: &Path| format!("{key}={}", path.display());
        let mut copy = Command::new("dd");
        copy.args([named("if", &guest), named("of", &setting.result("copy.wasm"))]);
        copy.arg(format!("bs={}", fs::metadata(&guest)?.len()));
        let mut add = |name: &str, command: Command| {
            let files = setting.instruments.files.clone();
            subjects.push(Subject::new(case, name, move || {
                let usage = Usage::of(&files, &command)?;
                Ok([usage.milliseconds(), usage.peak].into())
            }));
        };
        add("`dd`", copy);
        let mut lift = Command::new(&setting.msgcompose);
        lift.arg("uplift").arg(&guest).args(["--dialect", "async", "-o"]).arg(setting.result("lifted.wasm"));
        add("`msgcompose uplift`", lift);
    }
    Ok(Table {
        title: "Guests of three sizes",
        about: "",
        case: "guest",
        metrics: vec![Metric::related("CPU ms", Kind::Time), Metric::plain("peak MB", Kind::Size)],
        rounds: setting.pick(21, 1),
        subjects,
        chart: Chart::Bars,
    })
}
