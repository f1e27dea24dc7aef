//! The section `http`: requests to `wasmtime serve`, over the whole path of sockets, host and instances.

use super::{
    process::{Server, numbers},
    section::Section,
    setting::Setting,
    statistics::{quantile, sorted},
    table::{Chart, Kind, Metric, Sample, Subject, Table},
};
use anyhow::Result;
use std::{path::PathBuf, rc::Rc};

/// The section.
pub const SECTION: Section = Section {
    title: "HTTP, end to end",
    text: "A guest echoes messages behind `messaging-over-http`, on `wasmtime serve`. The reference is a component in Rust that \
           echoes over `wasi:http` itself, with as few calls as it can. Server and client share the machine's cores.",
    why: "With small bodies the time goes into instances and not into code. A composition has more core instances, memories \
          and tables than the bare guest, and by default the host makes all of them for each request and gives every page \
          back. See *starting*. Where instances are used again, what is left are calls between components. On WASI 0.3 each \
          of these that may wait is a task for the engine, and so is each operation on a handle: a message is four tasks \
          and a dozen handles, and the bare guest is one task.",
    tables: &[by_default, kept_resident, used_again, on_wasi_0_3],
};

/// Ways to serve: a heading, and the options of `wasmtime serve`.
type Way = (&'static str, &'static str, &'static [&'static str]);

const BY_DEFAULT: Way =
    ("An instance for each request", "`wasmtime serve` as it is: each request gets a fresh instance.", &[]);
const KEPT_RESIDENT: Way = (
    "An instance for each request, memory kept resident",
    "`-O pooling-memory-keep-resident=65536 -O pooling-table-keep-resident=65536`: the host clears pages and keeps them.",
    &["-O", "pooling-memory-keep-resident=65536", "-O", "pooling-table-keep-resident=65536"],
);
const USED_AGAIN: Way = (
    "Instances used again",
    "`--max-instance-reuse-count 1000`: an instance answers many requests.",
    &["--max-instance-reuse-count", "1000"],
);

const ON_WASI_0_3: Way = (
    "On WASI 0.3",
    "`wasmtime serve` as it is: an instance answers up to 128 requests, 16 at once. The reference echoes over \
     `wasi:http@0.3.0`, and reads the body before it writes it.",
    &[],
);

/// The body of a small message.
pub const SMALL: usize = 64;
const MIDDLE: usize = 64 << 10;
const LARGE: usize = 1 << 20;

/// Bodies and connections.
const CASES: [(usize, usize); 5] = [(SMALL, 4), (MIDDLE, 4), (LARGE, 4), (SMALL, 1), (SMALL, 16)];

/// The duration of a round in milliseconds.
const ROUND: u64 = 800;

fn by_default(setting: &Setting) -> Result<Table> {
    table(setting, BY_DEFAULT, &on_wasi_0_2(setting)?, &CASES)
}

fn kept_resident(setting: &Setting) -> Result<Table> {
    table(setting, KEPT_RESIDENT, &on_wasi_0_2(setting)?, &[CASES[0], CASES[2]])
}

fn used_again(setting: &Setting) -> Result<Table> {
    table(setting, USED_AGAIN, &on_wasi_0_2(setting)?, &CASES)
}

fn on_wasi_0_3(setting: &Setting) -> Result<Table> {
    let components = [
        ("bare `wasi:http`, Rust", setting.fixture("bare-echo-p3")),
        ("composed, async Rust", composed(setting, "echo-async", "0.3.0")?),
        ("composed, lifted Rust", composed(setting, "echo", "0.3.0")?),
        ("composed, lifted C", composed(setting, "courier-c", "0.3.0")?),
    ];
    table(setting, ON_WASI_0_3, &components, &CASES)
}

/// A name and a component.
type Served = (&'static str, PathBuf);

fn on_wasi_0_2(setting: &Setting) -> Result<Vec<Served>> {
    Ok(vec![
        ("bare `wasi:http`, Rust", setting.fixture("bare-echo")),
        ("composed, Rust", composed(setting, "echo", "0.2.0")?),
        ("composed, C", composed(setting, "courier-c", "0.2.0")?),
    ])
}

/// Composes a guest with the adapter, for a version of HTTP.
fn composed(setting: &Setting, guest: &str, version: &str) -> Result<PathBuf> {
    let version_set = format!("http={version}");
    let arguments = ["--adapter", "messaging-over-http", "--set", "base-url=http://127.0.0.1:9", "--set", &version_set];
    setting.compose(&format!("{guest}-http-{version}"), "plug", &setting.fixture(guest), &arguments)
}

fn table(
    setting: &Setting,
    (title, about, options): Way,
    components: &[Served],
    cases: &[(usize, usize)],
) -> Result<Table> {
    let serve =
        |(name, path): &Served| Ok((*name, Rc::new(Server::wasmtime(&setting.instruments.wasmtime, options, path)?)));
    let servers: Vec<(&str, Rc<Server>)> = components.iter().map(serve).collect::<Result<_>>()?;
    let mut subjects = Vec::new();
    for (bytes, connections) in setting.pick(cases, &cases[..1]) {
        for (name, server) in &servers {
            subjects.push(subject(setting, name, server, *bytes, *connections));
        }
    }
    let metrics = vec![
        Metric::related("requests/s", Kind::Rate),
        Metric::related("server's CPU µs", Kind::Time),
        Metric::plain("p50 µs", Kind::Time),
        Metric::plain("p99 µs", Kind::Time),
    ];
    Ok(Table {
        title,
        about,
        case: "body, connections",
        metrics,
        rounds: setting.pick(9, 1),
        subjects,
        chart: Chart::Bars,
    })
}

/// Posts bodies to a server, and gives requests/s, the server's CPU time, and two latencies.
pub fn subject(setting: &Setting, name: &str, server: &Rc<Server>, bytes: usize, connections: usize) -> Subject {
    let server = Rc::clone(server);
    let mut load = setting.bench("load");
    let milliseconds = setting.pick(ROUND, 20);
    load.arg(server.address.to_string()).args([connections, bytes].map(|number| number.to_string()));
    load.arg(milliseconds.to_string());
    let size = match bytes {
        SMALL => "64 B",
        MIDDLE => "64 KiB",
        _ => "1 MiB",
    };
    Subject::new(format!("{size}, {connections}"), name, move || {
        let before = server.process.cpu()?;
        let mut latencies = numbers(&mut load)?;
        let used = server.process.cpu()? - before;
        let requests = f64::from(u32::try_from(latencies.len() - 1)?);
        let seconds = latencies.remove(0);
        let ordered = sorted(latencies.iter().copied());
        let values = vec![requests / seconds, used / requests, quantile(&ordered, 0.5), quantile(&ordered, 0.99)];
        Ok(Sample { values, latencies })
    })
}
