//! The section `brokers`: guests that speak to a broker themselves.

use super::{
    mailbox::{Requesters, metrics, sample},
    process::{Background, Server, output},
    section::Section,
    setting::Setting,
    table::{Chart, Subject, Table},
};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

/// The section.
pub const SECTION: Section = Section {
    title: "Brokers",
    text: "A guest with `messaging-over-nats` on `wasmtime run`, and a local NATS server. The reference does the same natively: \
           `async-nats` on one thread. Messages have 64 bytes. All share the machine's cores.",
    why: "Half of a request's CPU is the kernel's, and most of the rest is the engine's: a request is five calls of the host, \
          each with handles that the engine looks up. A worker takes one message after another, and answers each with a \
          write of its own, where a native program collects answers and writes them together. More programs in a queue \
          group share the messages.",
    tables: &[requests, answers],
};

/// The size of a message in bytes.
const BYTES: &str = "64";

/// The number of requests of a round.
const TIMES: u32 = 20_000;

fn requests(setting: &Setting) -> Result<Table> {
    let nats = Rc::new(Server::nats(&[])?);
    let guest = compose(setting, "rounds", &nats)?;
    let mut requesters = Requesters { setting, nats, at_once: 1, subjects: Vec::new() };
    requesters.native(TIMES);
    requesters.add("`messaging-over-nats`", program(setting, &guest), TIMES);
    Ok(Table {
        title: "Requests, one at a time",
        about: "A native program answers.",
        case: "at once",
        metrics: metrics("requester's CPU µs", "requester's peak MB"),
        rounds: setting.pick(9, 1),
        subjects: requesters.subjects,
        chart: Chart::Bars,
    })
}

fn answers(setting: &Setting) -> Result<Table> {
    let nats = Rc::new(Server::nats(&[])?);
    let guest = compose(setting, "echo", &nats)?;
    let mut subjects = Vec::new();
    for at_once in [1, 64] {
        let mut native = setting.bench("responder");
        native.arg(nats.url("nats"));
        subjects.push(responder(setting, &nats, "native", native, at_once));
        let worker = program(setting, &guest);
        subjects.push(responder(setting, &nats, "`messaging-over-nats`", worker, at_once));
    }
    Ok(Table {
        title: "Answers",
        about: "A native program makes the requests, so many at once.",
        case: "at once",
        metrics: metrics("responder's CPU µs", "responder's peak MB"),
        rounds: setting.pick(9, 1),
        subjects,
        chart: Chart::Bars,
    })
}

/// Adds who answers requests. It runs only in its own rounds, since all take the same topic.
fn responder(setting: &Setting, nats: &Rc<Server>, name: &str, mut command: Command, at_once: u32) -> Subject {
    let (nats, url, times) = (Rc::clone(nats), nats.url("nats"), setting.pick(TIMES, 2));
    let flood = |at_once: u32, times: u32| {
        let mut flood = setting.bench("flood");
        flood.args([&url, &at_once.to_string(), &times.to_string(), BYTES]);
        flood
    };
    let (mut ready, mut flood) = (flood(1, 1), flood(at_once, times));
    Subject::new(at_once.to_string(), name, move || {
        let process = Background::start(&mut command)?;
        output(&mut ready)?;
        sample(&process, &nats, &mut flood, f64::from(times))
    })
}

/// Composes a guest that serves the topic of its own name.
fn compose(setting: &Setting, guest: &str, nats: &Server) -> Result<PathBuf> {
    let (servers, subscribe) = (format!("servers={}", nats.url("nats")), format!("subscribe={guest}"));
    let options = ["--adapter", "messaging-over-nats", "--set", &servers, "--set", &subscribe];
    setting.compose(&format!("{guest}-over-nats"), "plug", &setting.fixture(guest), &options)
}

fn program(setting: &Setting, component: &Path) -> Command {
    let mut command = Command::new(&setting.instruments.wasmtime);
    command.args(["run", "-S", "inherit-network"]).arg(component);
    command
}
