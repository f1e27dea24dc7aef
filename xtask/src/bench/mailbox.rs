//! The section `mailbox`: requests over a local NATS server.

use super::{
    process::{Background, Server, numbers, output},
    section::Section,
    setting::Setting,
    statistics::{quantile, sorted},
    table::{Chart, Kind, Metric, Sample, Subject, Table},
};
use anyhow::Result;
use std::{path::Path, process::Command, rc::Rc};

/// The section.
pub const SECTION: Section = Section {
    title: "Mailboxes",
    text: "A request and its reply of 64 bytes over a local NATS server, by mailbox of `reqreply-over-pubsub`. The requester is \
           a guest on the development host. The reference is a native requester, `async-nats` on one thread. All are \
           answered by the same native program. A requester makes the next request when it has the reply to the last \
           one; `at once` is how many do so. Requester, server and answering program share the machine's cores.",
    why: "In memory a request makes an instance's calls, and a timer for its timeout. A guest with sync code waits in an \
          instance of its own, and every instance gets the replies of all, since only the one that asked knows them: so \
          the cost of a request grows with the instances. In a bucket each request takes several operations of the store, \
          each a round trip, and the requester looks for its reply again and again: whoever needs speed takes a transport \
          with request/reply of its own.",
    tables: &[one, sixteen, on_one_host],
};

/// The size of a message in bytes.
const BYTES: &str = "64";

/// The number of requests of a round: in memory, and through the store.
const TIMES: [u32; 2] = [12_000, 300];

fn one(setting: &Setting) -> Result<Table> {
    table(setting, "One request at a time", "", &[1], true)
}

fn sixteen(setting: &Setting) -> Result<Table> {
    table(setting, "16 requests at a time", "", &[16], true)
}

fn on_one_host(setting: &Setting) -> Result<Table> {
    let about =
        "The host has as many instances as there are requests at once, so its peak shows what one that waits takes.";
    table(setting, "From 1 to 64 requests at a time", about, setting.pick(&[1, 4, 16, 64], &[4]), false)
}

fn table(setting: &Setting, title: &'static str, about: &'static str, cases: &[u32], all: bool) -> Result<Table> {
    let nats = Rc::new(Server::nats(&["-js"])?);
    let guest = setting.fixture("rounds");
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let memory = [&flagship[..], &["--set", "mailbox=memory"]].concat();
    let in_async = [&memory[..], &["--dialect", "async"]].concat();
    let mixed = setting.compose("rounds-mixed", "plug", &guest, &memory)?;
    let in_async = setting.compose("rounds-async", "plug", &guest, &in_async)?;
    let stored = setting.compose("rounds-keyvalue", "plug", &guest, &flagship)?;
    let [in_memory, in_store] = TIMES;
    let mut subjects = Vec::new();
    for &at_once in cases {
        let shared = format!("shared:{at_once}");
        let shared = ["--instance", &shared, "--inbox", "replies.*", "--concurrency", "64"];
        let mut requesters = Requesters { setting, nats: Rc::clone(&nats), at_once, subjects };
        requesters.native(in_memory);
        requesters.guest("in memory, mixed", &mixed, "replies.*", &shared, in_memory);
        if all {
            requesters.guest("in memory, async", &in_async, "replies.*", &shared, in_memory);
            requesters.guest("in a JetStream bucket", &stored, "replies", &["--keyvalue", "nats"], in_store);
        }
        subjects = requesters.subjects;
    }
    let metrics = metrics("requester's CPU µs", "requester's peak MB");
    let rounds = setting.pick(if all { 9 } else { 5 }, 1);
    Ok(Table { title, about, case: "at once", metrics, rounds, subjects, chart: Chart::Bars })
}

/// Returns the metrics of a process that sends or answers requests, with the names of its own.
pub fn metrics(cpu: &'static str, peak: &'static str) -> Vec<Metric> {
    vec![
        Metric::related("requests/s", Kind::Rate),
        Metric::related("p50 µs", Kind::Time),
        Metric::plain("p99 µs", Kind::Time),
        Metric::related(cpu, Kind::Time),
        Metric::plain("server's CPU µs", Kind::Time),
        Metric::plain(peak, Kind::Size),
    ]
}

/// Makes subjects of processes that make requests.
pub struct Requesters<'a> {
    /// The setting.
    pub setting: &'a Setting,
    /// The server that they use.
    pub nats: Rc<Server>,
    /// How many requests each makes at once.
    pub at_once: u32,
    /// What was made.
    pub subjects: Vec<Subject>,
}

impl Requesters<'_> {
    /// Adds the native requester.
    pub fn native(&mut self, times: u32) {
        let mut command = self.setting.bench("requester");
        command.arg(self.nats.url("nats"));
        self.add("native", command, times);
    }

    fn guest(&mut self, name: &str, component: &Path, inbox: &str, arguments: &[&str], times: u32) {
        let mut command = Command::new(&self.setting.host);
        command.arg(format!("{}=rounds,{inbox}", component.display()));
        command.args(["--broker", &self.nats.url("nats"), "--quiet"]).args(arguments);
        self.add(name, command, times);
    }

    /// Adds a requester. It runs only in its own rounds, since all take the same topic.
    pub fn add(&mut self, name: &str, mut requester: Command, times: u32) {
        let (nats, url) = (Rc::clone(&self.nats), self.nats.url("nats"));
        let times = self.setting.pick(times / self.at_once, 2);
        let mut ready = self.setting.bench("ready");
        ready.arg(&url);
        let mut drive = self.setting.bench("drive");
        drive.args([&url, &self.at_once.to_string(), &times.to_string(), BYTES]);
        let requests = f64::from(times * self.at_once);
        self.subjects.push(Subject::new(self.at_once.to_string(), name, move || {
            let process = Background::start(&mut requester)?;
            output(&mut ready)?;
            sample(&process, &nats, &mut drive, requests)
        }));
    }
}

/// Runs what prints the seconds and the latencies of so many requests, and measures a process and the server meanwhile.
pub fn sample(process: &Background, nats: &Server, drive: &mut Command, requests: f64) -> Result<Sample> {
    let before = [process.cpu()?, nats.process.cpu()?];
    let mut latencies = numbers(drive)?;
    let used = [process.cpu()? - before[0], nats.process.cpu()? - before[1]];
    let seconds = latencies.remove(0);
    let ordered = sorted(latencies.iter().copied());
    let [middle, late] = [0.5, 0.99].map(|share| quantile(&ordered, share));
    let [own, servers] = used.map(|used| used / requests);
    Ok(Sample { values: vec![requests / seconds, middle, late, own, servers, process.peak()?], latencies })
}
