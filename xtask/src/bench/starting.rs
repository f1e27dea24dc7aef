//! The section `starting`: what it costs to make an instance.

use super::{
    cold,
    composed::{Composed, HTTP_ECHO, made},
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Sample, Subject, Table},
    worker::Worker,
};
use anyhow::Result;

/// The section.
pub const SECTION: Section = Section {
    title: "Starting",
    text: "A composition is instantiated and dropped, and so is its guest, which is the reference. Memory is what stays \
           resident of an instance that nobody has called yet, the mean of 32. Counts are those of the engine, with the \
           adapters that it makes between components.",
    why: "Each part is a component of its own, with a memory and two core instances. The host makes all of them for each \
          instance, and pays for each page that one of them touches.",
    tables: &[in_a_pool, on_demand, cold::wasmtime, cold::jco],
};

/// The duration of a round in milliseconds.
const ROUND: u64 = 30;

/// By case: the reference first.
const CASES: [(&str, &[Composed]); 4] = [
    ("HTTP echo", HTTP_ECHO),
    (
        "requests and replies",
        &[
            ("guest in Rust", "courier", &[]),
            ("`reqreply-over-pubsub`, key-value", "courier", &FLAGSHIP),
            (
                "…, in memory, mixed",
                "courier",
                &["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies", "--set", "mailbox=memory"],
            ),
        ],
    ),
    (
        "replies",
        &[("guest in Rust", "echo", &[]), ("`reqreply-over-pubsub`", "echo", &["--adapter", "reqreply-over-pubsub"])],
    ),
    (
        "wasmCloud's",
        &[
            ("guest in Rust", "wasmcloud-courier", &[]),
            ("`wasmcloud-over-messaging`", "wasmcloud-courier", &["--adapter", "wasmcloud-over-messaging"]),
            ("… and `reqreply-over-pubsub`", "wasmcloud-courier", &BOTH),
        ],
    ),
];

const BOTH: [&str; 6] =
    ["--adapter", "wasmcloud-over-messaging", "--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
const FLAGSHIP: [&str; 4] = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];

fn in_a_pool(setting: &Setting) -> Result<Table> {
    let metrics = vec![
        Metric::related("ns", Kind::Time),
        Metric::related("resident bytes", Kind::Size),
        Metric::plain("core instances", Kind::Count),
        Metric::plain("memories", Kind::Count),
        Metric::plain("tables", Kind::Count),
    ];
    instances(setting, "In a pool", "The engine has a pooling allocator, as `wasmtime serve` does.", "pool", metrics)
}

fn on_demand(setting: &Setting) -> Result<Table> {
    let metrics = vec![Metric::related("ns", Kind::Time), Metric::related("resident bytes", Kind::Size)];
    instances(setting, "On demand", "The engine maps each memory when it makes the instance.", "demand", metrics)
}

fn instances(
    setting: &Setting,
    title: &'static str,
    about: &'static str,
    allocator: &'static str,
    metrics: Vec<Metric>,
) -> Result<Table> {
    let worker = Worker::start(setting)?;
    let milliseconds = setting.pick(ROUND, 1).to_string();
    let mut subjects = Vec::new();
    for (case, all) in CASES {
        for composed in all {
            let (worker, path) = (worker.clone(), made(setting, *composed)?.display().to_string());
            let (milliseconds, wanted) = (milliseconds.clone(), metrics.len());
            subjects.push(Subject::new(case, composed.0, move || {
                let mut values = worker.measure(&["starting", &path, allocator, &milliseconds])?;
                values.truncate(wanted);
                Ok(Sample { values, latencies: Vec::new() })
            }));
        }
    }
    Ok(Table { title, about, case: "component", metrics, rounds: setting.pick(15, 1), subjects, chart: Chart::Bars })
}
