//! The section `link`: a request and its reply between linked guests.

use super::{
    process::{Background, Server, Usage, output},
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Subject, Table},
};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

/// The section.
pub const SECTION: Section = Section {
    title: "Linked guests",
    text: "A request and its reply of 64 bytes between guests in Rust. The reference is a direct call of the same shape: the \
           requester calls a component that serves messaging itself and answers at once. Whole programs run with many \
           requests and with one; the difference counts.",
    why: "A linked request passes the bus, which holds the messages, and the dispatcher before the handler. Most of the time \
          is in the engine: each call that passes a resource makes a task there, and a linked request has more of these.",
    tables: &[with_support, without_support, over_nats],
};

/// The size of a message in bytes.
const BYTES: &str = "64";

/// The requests of a run.
const TIMES: u32 = 200_000;

/// The requests of a run over NATS.
const OVER_NATS: u32 = 1_000;

fn with_support(setting: &Setting) -> Result<Table> {
    table(setting, "On `wasmtime run`", "The engine as it is.", &[])
}

fn without_support(setting: &Setting) -> Result<Table> {
    // Async WASI needs it.
    let off = &["-W", "concurrency-support=n", "-S", "p3=n"];
    table(
        setting,
        "Without the engine's support of async",
        "`-W concurrency-support=n -S p3=n`: the engine makes no tasks.",
        off,
    )
}

/// A requester that calls a component directly, and one that is linked with its handler.
pub fn components(setting: &Setting) -> Result<[(&'static str, PathBuf); 2]> {
    let [pacer, echo, direct] = ["pacer", "echo", "direct"].map(|name| setting.fixture(name));
    let handler = format!("echo={}", echo.display());
    let direct = setting.compose("pacer-direct", "plug", &pacer, &["--adapter".into(), direct.into_os_string()])?;
    let linked = setting.compose("pacer-linked", "link", &pacer, &["--handler", &handler])?;
    Ok([("direct call", direct), ("linked", linked)])
}

fn on_wasmtime(
    setting: &Setting,
    component: PathBuf,
    options: &'static [&'static str],
) -> impl Fn(u32) -> Command + use<> {
    let wasmtime = setting.instruments.wasmtime.clone();
    move |times| {
        let mut command = Command::new(&wasmtime);
        command.arg("run").args(options).arg(&component).args(["echo", &times.to_string(), BYTES]);
        command
    }
}

fn table(
    setting: &Setting,
    title: &'static str,
    about: &'static str,
    options: &'static [&'static str],
) -> Result<Table> {
    let times = setting.pick(TIMES, 100);
    let subjects = components(setting)?.map(|(name, component)| {
        let program = on_wasmtime(setting, component, options);
        let files = setting.instruments.files.clone();
        Subject::new("64 B", name, move || Ok([each(&files, &program, times)?].into()))
    });
    let metrics = vec![Metric::related("µs", Kind::Time)];
    let (rounds, subjects) = (setting.pick(11, 1), subjects.into());
    Ok(Table { title, about, case: "message", metrics, rounds, subjects, chart: Chart::Bars })
}

/// Linked guests against guests that meet over a NATS server.
fn over_nats(setting: &Setting) -> Result<Table> {
    let [_, (_, linked)] = components(setting)?;
    let nats = Rc::new(Server::nats(&["-js"])?);
    let url = nats.url("nats");
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let asking = setting.compose("pacer-nats", "plug", &setting.fixture("pacer"), &flagship)?;
    let answering = setting.compose("echo-nats", "plug", &setting.fixture("echo"), &flagship)?;
    let mut answers = Command::new(&setting.host);
    answers.arg(format!("{}=echo", answering.display())).args(["--broker", &url, "--quiet"]);
    let mut ask = Command::new(&setting.host);
    ask.arg(format!("{}=replies", asking.display())).args(["--broker", &url, "--idle-ms", "1", "--quiet"]);
    ask.args(["--arg", "echo", "--arg", "1", "--arg", BYTES]);
    let answering = Rc::new((Background::start(&mut answers)?, nats));
    // A request that comes before the subscription is never answered, and ends with an error.
    let mut attempts = (0..20).map(|_| output(&mut ask));
    attempts.find(Result::is_ok).unwrap_or_else(|| output(&mut ask))?;
    let (host, times) = (setting.host.clone(), setting.pick(OVER_NATS, 2));
    let over_nats = move |times: u32| {
        let mut command = Command::new(&host);
        command.arg(format!("{}=replies", asking.display())).args(["--broker", &url, "--idle-ms", "1", "--quiet"]);
        command.args(["--arg", "echo", "--arg", &times.to_string(), "--arg", BYTES]);
        command
    };
    let (on_wasmtime, many) = (on_wasmtime(setting, linked, &[]), setting.pick(TIMES, 100));
    let files = setting.instruments.files.clone();
    let other = files.clone();
    let subjects = vec![
        Subject::new("64 B", "linked", move || Ok([each(&files, &on_wasmtime, many)?].into())),
        Subject::new("64 B", "over NATS, bucket in the host's memory", move || {
            let _answering = &answering;
            Ok([each(&other, &over_nats, times)?].into())
        }),
    ];
    Ok(Table {
        title: "Against a broker",
        about: "The same guests with `reqreply-over-pubsub`, in two processes of the development host, with a local NATS server between them.",
        case: "message",
        metrics: vec![Metric::related("µs", Kind::Time)],
        rounds: setting.pick(7, 1),
        subjects,
        chart: Chart::None,
    })
}

/// Returns the microseconds of one request.
fn each(files: &Path, program: &dyn Fn(u32) -> Command, times: u32) -> Result<f64> {
    let once = Usage::of(files, &program(1))?.wall;
    let many = Usage::of(files, &program(times + 1))?.wall;
    Ok(many.saturating_sub(once).as_secs_f64() * 1e6 / f64::from(times))
}
