//! The section `compose`: what composing costs, over whole processes.

use super::{
    generated, growth,
    process::{Usage, megabytes},
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Sample, Subject, Table},
};
use crate::guests::{COURIER_PYTHON, QUOTE_DESK};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

/// The section.
pub const SECTION: Section = Section {
    title: "Composing",
    text: "Whole processes that put `reqreply-over-pubsub` around a guest. The reference is the floor: a program that reads the \
           guest, hashes it and writes it. `wac plug` is the library `wac-graph` used as wac's command line does: *one* puts \
           the provider under the guest, *both* also puts the interceptor around it, which makes what `msgcompose plug` \
           makes, but for the options. `wasm-tools compose` is its library `wasm-compose`, with the parts as \
           `--definitions`; like the command line it validates what it has made. It takes no part under its own file name \
           (``error: `provider-0.2.0-draft` is not in kebab case``), so here the file is called `provider.wasm`. Neither \
           tool puts both parts of `messaging-over-http` around a guest in this way, since they share a resource (`type \
           mismatch in instance export `message`: resource types are not the same`). `wasm-tools compose \
           --config` does, given a file that names all instances. CPU time is that of all cores. `of inputs` is peak memory in sizes of the guest.",
    why: "A small guest takes longer than the floor, since the catalogue of adapters is read and checked whatever the guest's \
          size. With a large guest nearly all of the time is the floor's. `--validate full` reads all code, on all cores.",
    tables: &[guests, a_huge_guest, growth::stack, growth::link, growth::build],
};

fn guests(setting: &Setting) -> Result<Table> {
    let mut table = empty("Guests of three sizes", setting.pick(21, 1));
    add(setting, &mut table, "Rust, 21 KB", &setting.fixture("probe"))?;
    if !setting.is_small() {
        add(setting, &mut table, "JavaScript, 12 MB", &setting.large(QUOTE_DESK)?)?;
        add(setting, &mut table, "Python, 18 MB", &setting.large(COURIER_PYTHON)?)?;
    }
    Ok(table)
}

fn a_huge_guest(setting: &Setting) -> Result<Table> {
    let mut table = empty("A generated guest", setting.pick(7, 1));
    table.about = "The Rust guest with one more core module in it, of functions that add numbers.";
    let guest = setting.result("generated.wasm");
    let bytes = fs::read(setting.fixture("probe"))?;
    fs::write(&guest, generated::enlarged(&bytes, setting.pick(100_000_000, 1_000_000)))?;
    add(setting, &mut table, setting.pick("100 MB", "1 MB"), &guest)?;
    Ok(table)
}

fn empty(title: &'static str, rounds: usize) -> Table {
    let metrics = vec![
        Metric::related("CPU ms", Kind::Time),
        Metric::plain("peak MB", Kind::Size),
        Metric::plain("of inputs", Kind::Size),
        Metric::plain("bytes added", Kind::Size),
    ];
    Table { title, about: "", case: "guest", metrics, rounds, subjects: Vec::new(), chart: Chart::Bars }
}

/// Adds a guest.
fn add(setting: &Setting, table: &mut Table, case: &'static str, guest: &Path) -> Result<()> {
    let size = fs::metadata(guest)?.len();
    let parts = setting.instruments.root.join("adapters/reqreply-over-pubsub");
    let [provider, interceptor] =
        ["provider", "interceptor"].map(|part| parts.join(format!("{part}-0.2.0-draft.wasm")));
    let [half, whole, composed] = ["half.wasm", "whole.wasm", "composed.wasm"].map(|name| setting.result(name));
    let [defined, wrapped] = ["defined.wasm", "wrapped.wasm"].map(|name| setting.result(name));
    let files = |verb: &str, plug: &Path, socket: &Path, out: &Path| {
        let mut command = Command::new(&setting.instruments.files);
        command.arg(verb).args([plug, socket, out]);
        command
    };
    // `wasm-tools compose` makes a name of the file's, which may have no dots.
    let definition = setting.result("provider.wasm");
    fs::copy(&provider, &definition)?;
    let plug = |arguments: &[&str]| {
        let mut command = Command::new(&setting.msgcompose);
        command.arg("plug").arg(guest).args(["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"]);
        command.args(arguments).arg("-o").arg(&composed);
        command
    };
    let copy = setting.result("copy.wasm");
    let mut floor = Command::new(&setting.instruments.files);
    floor.arg("copy").arg(guest).arg(&copy);
    let programs = [
        ("floor", vec![floor], copy),
        ("`wac plug`, one", vec![files("plug", &provider, guest, &half)], half.clone()),
        (
            "`wac plug`, both",
            vec![files("plug", &provider, guest, &half), files("plug", &half, &interceptor, &whole)],
            whole,
        ),
        ("`wasm-tools compose`, one", vec![files("compose", &definition, guest, &defined)], defined.clone()),
        (
            "`wasm-tools compose`, both",
            vec![files("compose", &definition, guest, &defined), files("compose", &defined, &interceptor, &wrapped)],
            wrapped,
        ),
        ("`msgcompose plug`", vec![plug(&[])], composed.clone()),
        ("`… --validate full`", vec![plug(&["--validate", "full"])], composed.clone()),
    ];
    for (name, commands, out) in programs {
        let files = setting.instruments.files.clone();
        table.subjects.push(Subject::new(case, name, move || {
            let mut used: Option<Usage> = None;
            for command in &commands {
                let next = Usage::of(&files, command)?;
                used = Some(used.map_or(next, |before| before.then(next)));
            }
            let used = used.expect("there is a command");
            let added = megabytes(fs::metadata(&out)?.len() - size) * 1e6;
            Ok(Sample::from([used.milliseconds(), used.peak, used.peak / megabytes(size), added.round()]))
        }));
    }
    Ok(())
}
