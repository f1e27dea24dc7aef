//! The section `calls`: what a call costs in one instance, without a network.

use super::{
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Sample, Subject, Table},
    worker::Worker,
};
use crate::guests::COURIER_PYTHON;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The section.
pub const SECTION: Section = Section {
    title: "Calls",
    text: "The guest `courier` is called again and again in one instance. It does nothing else (`handle`), replies (`reply`), \
           sends (`send`), or requests and replies (`request`): each figure is of a whole call of `handle`. The reference is \
           the bare guest on a host that has request/reply. `empty filter` is an interceptor that passes each message on \
           and does nothing else, the floor for interceptors. Host calls are counted by the host; dropping a resource does \
           not count as one. The host keeps messages in memory and answers each request at once.",
    why: "An adapter adds calls between components, and each call that passes a resource makes a task in the engine. Those \
          that wait also make a timer. Of a large message each part that reads it makes a copy. A request through the \
          key-value mailbox calls the store twelve times; *mailboxes* has what that means over a network.",
    tables: &[by_adapter, allocations, without_support, dialects, languages, wasmcloud, over_http],
};

/// What the guest does: a name, the topic that makes `courier` do it, and what precedes the data for wasmCloud's.
const OPERATIONS: [(&str, &str, &str); 4] =
    [("handle", "nothing", ""), ("reply", "echo", ""), ("send", "forward", "there "), ("request", "ask", "there ")];

/// The sizes of messages.
const SIZES: [(&str, usize); 3] = [("64 B", 64), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)];

/// The duration of a round in milliseconds.
const ROUND: u64 = 30;

/// A component: its name, its path, and whether its engine supports async.
type Component = (&'static str, PathBuf, bool);

const FLAGSHIP: [&str; 4] = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
const HTTP: [&str; 4] = ["--adapter", "messaging-over-http", "--set", "base-url=http://127.0.0.1:9"];
const WASMCLOUD: [&str; 2] = ["--adapter", "wasmcloud-over-messaging"];
const MEMORY: [&str; 2] = ["--set", "mailbox=memory"];
const ASYNC: [&str; 2] = ["--dialect", "async"];

fn bare(setting: &Setting) -> Component {
    ("bare", setting.fixture("courier"), true)
}

fn filtered(setting: &Setting) -> Result<Component> {
    let filter = setting.instruments.root.join("bench/filter.wat");
    let arguments = ["--adapter".into(), filter.into_os_string()];
    Ok(("empty filter", setting.compose("courier-filtered", "plug", &setting.fixture("courier"), &arguments)?, true))
}

fn key_value(setting: &Setting) -> Result<Component> {
    let composed = setting.compose("courier-keyvalue", "plug", &setting.fixture("courier"), &FLAGSHIP)?;
    Ok(("`reqreply-over-pubsub`, key-value", composed, true))
}

fn in_memory(setting: &Setting) -> Result<[Component; 2]> {
    let courier = setting.fixture("courier");
    let mixed = setting.compose("courier-mixed", "plug", &courier, &[&FLAGSHIP[..], &MEMORY].concat())?;
    let all_async = setting.compose("courier-async", "plug", &courier, &[&FLAGSHIP[..], &MEMORY, &ASYNC].concat())?;
    Ok([("…, in memory, mixed", mixed, true), ("…, in memory, async", all_async, true)])
}

fn by_adapter(setting: &Setting) -> Result<Table> {
    let mut components = vec![bare(setting), filtered(setting)?, key_value(setting)?];
    components.extend(in_memory(setting)?);
    let over_http = setting.compose("courier-over-http", "plug", &setting.fixture("courier"), &HTTP)?;
    components.push(("`messaging-over-http`", over_http, true));
    let mut calls = Calls::new(setting)?;
    for operation in OPERATIONS {
        for size in setting.pick(&SIZES[..], &SIZES[..1]) {
            calls.add(&format!("{}, {}", operation.0, size.0), &components, operation, *size);
        }
    }
    let about = "The guest is in Rust. With `messaging-over-http` it is called by an HTTP request, and what it sends are \
                 requests too, all without a socket.";
    Ok(calls.table("By adapter", about))
}

/// Allocations do not vary, but only several rounds show that.
fn allocations(setting: &Setting) -> Result<Table> {
    let courier = setting.fixture("courier");
    let composed = |name: &str, guest: &Path, arguments: &[&str]| {
        setting.compose(&format!("counted-{name}"), "plug", guest, arguments)
    };
    let in_memory = [&FLAGSHIP[..], &MEMORY].concat();
    let wasmcloud = setting.fixture("wasmcloud-courier");
    let components = [
        ("`reqreply-over-pubsub`, key-value", composed("keyvalue", &courier, &FLAGSHIP)?, ""),
        ("…, in memory, mixed", composed("mixed", &courier, &in_memory)?, ""),
        ("…, in memory, async", composed("async", &courier, &[&in_memory[..], &ASYNC].concat())?, ""),
        ("`messaging-over-http`", composed("http", &courier, &HTTP)?, ""),
        ("`wasmcloud-over-messaging`", composed("wasmcloud", &wasmcloud, &WASMCLOUD)?, "there "),
    ];
    let worker = Worker::start(setting)?;
    let mut subjects = Vec::new();
    for (operation, topic, _) in OPERATIONS {
        for (size, bytes) in &SIZES[..setting.pick(2, 1)] {
            for &(name, ref path, prefix) in &components {
                let (worker, path, bytes) = (worker.clone(), path.display().to_string(), bytes.to_string());
                subjects.push(Subject::new(format!("{operation}, {size}"), name, move || {
                    let values = worker.measure(&["allocations", &path, topic, prefix, &bytes])?;
                    Ok(Sample { values, latencies: Vec::new() })
                }));
            }
        }
    }
    Ok(Table {
        title: "Allocations",
        about: "Allocations of the adapter's parts in a call. The guest's own do not count.",
        case: "the guest does",
        metrics: vec![Metric::plain("allocations", Kind::Count)],
        rounds: setting.pick(5, 1),
        subjects,
        chart: Chart::None,
    })
}

fn without_support(setting: &Setting) -> Result<Table> {
    let components = [bare(setting), filtered(setting)?, key_value(setting)?];
    let components = components.map(|(name, path, _)| (name, path, false));
    let mut calls = Calls::new(setting)?;
    calls.add_all(&components);
    Ok(calls.table(
        "Without the engine's support of async",
        "The same at 64 B, on an engine with `concurrency_support(false)`, which makes no tasks.",
    ))
}

fn dialects(setting: &Setting) -> Result<Table> {
    let lifted = setting.compose("courier-lifted", "uplift", &setting.fixture("courier"), &ASYNC)?;
    let mut components = vec![bare(setting), ("lifted to `async`", lifted, true)];
    components.extend(in_memory(setting)?);
    let mut calls = Calls::new(setting)?;
    calls.add_all(&components);
    Ok(calls.table(
        "Sync, lifted, async",
        "What it costs at 64 B that functions are `async func`, by `msgcompose uplift` alone and with adapters.",
    ))
}

fn languages(setting: &Setting) -> Result<Table> {
    let mut guests = vec![("C", setting.fixture("courier-c"))];
    if !setting.is_small() {
        guests.push(("JavaScript", setting.large("courier-js.wasm")?));
        guests.push(("Python", setting.large(COURIER_PYTHON)?));
    }
    let mut calls = Calls::new(setting)?;
    for (language, guest) in guests {
        let composed = setting.compose(&format!("courier-{language}"), "plug", &guest, &FLAGSHIP)?;
        let components = [("bare", guest, true), ("`reqreply-over-pubsub`, key-value", composed, true)];
        for operation in OPERATIONS {
            calls.add(&format!("{language}: {}", operation.0), &components, operation, SIZES[0]);
        }
    }
    Ok(calls.table("By language", "The same guest in other languages, at 64 B."))
}

fn wasmcloud(setting: &Setting) -> Result<Table> {
    let guest = setting.fixture("wasmcloud-courier");
    let composed = setting.compose("wasmcloud", "plug", &guest, &WASMCLOUD)?;
    let components = [("bare", guest, true), ("`wasmcloud-over-messaging`", composed, true)];
    let mut calls = Calls::new(setting)?;
    for operation in OPERATIONS {
        for size in setting.pick(&SIZES[..], &SIZES[..1]) {
            calls.add(&format!("{}, {}", operation.0, size.0), &components, operation, *size);
        }
    }
    Ok(calls.table(
        "wasmCloud's messaging",
        "A guest of `wasmcloud:messaging@0.2.0`. The reference is the bare guest on a host that has that interface.",
    ))
}

fn over_http(setting: &Setting) -> Result<Table> {
    let rust = setting.compose("echo-http", "plug", &setting.fixture("echo"), &HTTP)?;
    let c = setting.compose("courier-c-http", "plug", &setting.fixture("courier-c"), &HTTP)?;
    let components =
        [("bare `wasi:http`, Rust", setting.fixture("bare-echo"), true), ("Rust", rust, true), ("C", c, true)];
    let mut calls = Calls::new(setting)?;
    for size in setting.pick(&SIZES[..], &SIZES[..1]) {
        calls.add(&format!("reply, {}", size.0), &components, OPERATIONS[1], *size);
    }
    Ok(calls.table(
        "`messaging-over-http`",
        "A request to a component that serves HTTP, in one instance and without a socket. The reference echoes over `wasi:http` itself.",
    ))
}

/// The subjects of a table.
struct Calls {
    worker: Worker,
    milliseconds: String,
    rounds: usize,
    subjects: Vec<Subject>,
}

impl Calls {
    fn new(setting: &Setting) -> Result<Self> {
        let milliseconds = setting.pick(ROUND, 1).to_string();
        Ok(Self { worker: Worker::start(setting)?, milliseconds, rounds: setting.pick(15, 1), subjects: Vec::new() })
    }

    /// Adds a case.
    fn add(&mut self, case: &str, components: &[Component], operation: (&str, &str, &str), size: (&str, usize)) {
        for (name, path, support) in components {
            let (_, topic, prefix) = operation;
            let support = if *support { "on" } else { "off" };
            let (path, bytes) = (path.display().to_string(), size.1.to_string());
            let words = ["calls", &path, support, topic, prefix, &bytes, &self.milliseconds].map(str::to_owned);
            let worker = self.worker.clone();
            self.subjects.push(Subject::new(case, *name, move || {
                let values = worker.measure(&words.each_ref().map(String::as_str))?;
                Ok(Sample { values, latencies: Vec::new() })
            }));
        }
    }

    /// Adds a case for each operation, with the smallest message.
    fn add_all(&mut self, components: &[Component]) {
        for operation in OPERATIONS {
            self.add(operation.0, components, operation, SIZES[0]);
        }
    }

    fn table(self, title: &'static str, about: &'static str) -> Table {
        let metrics = vec![Metric::related("ns", Kind::Time), Metric::plain("host calls", Kind::Count)];
        let Self { rounds, subjects, .. } = self;
        Table { title, about, case: "the guest does", metrics, rounds, subjects, chart: Chart::Bars }
    }
}
