//! Which dialect runs where. The tables of `docs/dialects.md` are made here: a cell says "runs" if the guest was composed
//! and started, and answered. `BLESS=1` writes them.

use crate::{
    engine::{Mailbox, Variant, World, text},
    http::{
        client::Request,
        hosts::Host,
        server::{Answer, Server},
    },
    link::guest as guest_of_link,
    shapes,
    support::{FLAGSHIP, OVER_HTTP, fixture, golden, root},
};
use msgcompose::{
    Composition, Error, Remedied, adapters, hosts, hosts::check, inspect, link::Unrouted, types::Dialect,
};
use msgcompose_host::Message;
use std::{collections::BTreeSet, fs};

const OVER_MESSAGING: &str = "wasmcloud-over-messaging";

/// A guest of the fixtures: the topic and data of a message to it, and its answer.
struct Guest {
    file: &'static str,
    language: &'static str,
    topic: &'static str,
    data: &'static str,
    answer: &'static str,
}

const fn guest(file: &'static str, language: &'static str, exchange: [&'static str; 3]) -> Guest {
    let [topic, data, answer] = exchange;
    Guest { file, language, topic, data, answer }
}

/// Guests of each shape that composes. Others run the large ones, in JavaScript and Python.
const GUESTS: [Guest; 7] = [
    guest("courier", "Rust", ["echo", "a", "a"]),
    guest("courier-c", "C", ["echo", "a", "a"]),
    guest("subscriber", "Rust", ["orders", "ACME", "32.58"]),
    guest("crowd", "Rust", ["crowd", "prices 1", "0.48"]),
    guest("wasmcloud-echo", "Rust", ["echo", "a", "a"]),
    guest("wasmcloud-prices", "C", ["prices", "ACME", "32.58"]),
    guest("wasmcloud-streams", "Rust", ["echo", "a", "a"]),
];

/// What `inspect` says of a component's messaging.
struct Spoken {
    package: String,
    shape: String,
    functions: String,
    origin: String,
}

impl Spoken {
    fn of(component: &[u8]) -> Self {
        let spoken = serde_json::to_value(&inspect("guest.wasm", component).unwrap().dialects[0]).unwrap();
        let text = |key: &str| spoken[key].as_str().unwrap_or_default().to_owned();
        let functions = match (spoken["async"].as_bool(), &*text("form")) {
            (Some(true), "mixed") => "some async",
            (Some(true), _) => "async",
            _ => "sync",
        };
        Self { package: text("package"), shape: text("shape"), functions: functions.into(), origin: text("origin") }
    }

    fn cells(&self) -> String {
        format!("`{}` | {} | {}", self.package, self.functions, self.origin)
    }
}

impl Guest {
    fn is_of_wasmcloud(&self) -> bool {
        self.file.starts_with("wasmcloud")
    }

    fn composition(&self) -> Composition {
        let composition = Composition::new(format!("{}.wasm", self.file), fixture(self.file));
        if !self.is_of_wasmcloud() {
            return composition;
        }
        composition.adapter(adapters::get(OVER_MESSAGING).unwrap())
    }

    /// Whether the version of HTTP does not follow from the guest: it is async, and of another package.
    fn needs_http_0_3(&self) -> bool {
        self.is_of_wasmcloud() && Spoken::of(&fixture(self.file)).functions == "async"
    }

    fn runs_over_http(&self) -> Result<(), Error> {
        let peer = Server::start(|_| Answer::ok("text/plain", "32.58"));
        let mut composition = self.composition().adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", peer.url());
        if self.needs_http_0_3() {
            composition = composition.set("http", "0.3.0");
        }
        let serving = Host::Wasmtime.serve(&composition.compose()?.component.to_bytes());
        let response = Request::post(&format!("/{}", self.topic), self.data).send(serving.port);
        if self.answers() == "answers" {
            assert_eq!(response.summary(), (200, self.answer.into()), "{}", self.file);
        } else {
            assert_eq!(response.status, 204, "{}", self.file);
            assert!(peer.only(&format!("/{}", self.answers())).text().contains("32.58"), "{}", self.file);
        }
        Ok(())
    }

    /// A host for the guest's dialect.
    fn world(&self) -> World {
        let is_sync = Spoken::of(&fixture(self.file)).functions == "sync";
        let mailbox = if is_sync { Mailbox::KeyValue("0.2.0-draft") } else { Mailbox::Memory(Dialect::Mixed) };
        World::new(Variant { mailbox, concurrency_support: true }).with_instances(1)
    }

    /// The topic of its answer. `crowd` sends what it has got, and does not reply.
    fn answers(&self) -> &'static str {
        if self.file == "crowd" { "crowd.outcome" } else { "answers" }
    }

    async fn runs_over_pubsub(&self) -> Result<(), Error> {
        let world = self.world();
        let composed = world.variant.around(self.composition()).set("reply-topic", "replies").compose()?;
        world.start_component(self.file, &composed.component.to_bytes(), &[self.topic, "replies"], &[]).await;
        world.start("pricer", &["prices"], &[]).await;
        let mut answers = world.listen(self.answers()).await;
        world.publish(self.topic, Message::new(self.data).with("reply-to", "answers")).await;
        let answer = text(&answers.next().await);
        assert!(answer.contains(self.answer), "{}: {answer}", self.file);
        Ok(())
    }

    /// A courier is the application. It requests from the guest what it is asked for.
    async fn runs_linked(&self) -> Result<(), Error> {
        let app = if self.file == "courier" { "courier-c" } else { "courier" };
        let link = Composition::new(format!("{app}.wasm"), fixture(app));
        let mut link = link.handler([self.topic], format!("{}.wasm", self.file), fixture(self.file));
        if self.topic != "prices" {
            link = link.handler(["prices"], "pricer.wasm", fixture("pricer"));
        }
        let world = self.world();
        let link = link.with(|all| all.unrouted = (self.file == "crowd").then_some(Unrouted::Host));
        let composed = world.variant.around(link).set("reply-topic", "replies").compose()?;
        world.start_component("linked", &composed.component.to_bytes(), &["ask"], &[]).await;
        let mut answers = world.listen(self.answers()).await;
        let message = Message::new(self.data).with("reply-to", "answers").with("x-to", self.topic);
        world.publish("ask", message).await;
        let answer = text(&answers.next().await);
        assert!(answer.contains(self.answer), "{}: {answer}", self.file);
        Ok(())
    }
}

/// Why cells are empty, each reason once.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn cell(&mut self, outcome: Result<(), Error>) -> String {
        let Err(error) = outcome else { return "runs".into() };
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        // The lines behind the first show both sides in WIT.
        let chain: Vec<_> = chain.map(|error| error.to_string().lines().next().unwrap().to_owned()).collect();
        self.number(chain.join(": "))
    }

    fn number(&mut self, reason: String) -> String {
        let known = self.0.iter().position(|known| *known == reason);
        let place = known.unwrap_or_else(|| {
            self.0.push(reason);
            self.0.len() - 1
        });
        format!("[{}]", place + 1)
    }

    fn list(&self) -> String {
        let line = |(place, reason): (usize, &String)| format!("{}. {reason}\n", place + 1);
        self.0.iter().enumerate().map(line).collect()
    }
}

/// Composes each guest in three ways, and runs it.
async fn runs() -> String {
    let mut table = String::from(
        "| it speaks | functions | whose, and when | guest | over HTTP | over publish/subscribe | linked |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut notes = Notes::default();
    for guest in &GUESTS {
        let (pubsub, link) = (guest.runs_over_pubsub().await, guest.runs_linked().await);
        let mut cells = [guest.runs_over_http(), pubsub, link].map(|outcome| notes.cell(outcome));
        if guest.needs_http_0_3() {
            cells[0] += " with `http=0.3.0`";
        }
        let (spoken, name) = (Spoken::of(&fixture(guest.file)), format!("`{}`, {}", guest.file, guest.language));
        table += &format!("| {} | {name} | {} |\n", spoken.cells(), cells.join(" | "));
    }
    format!("{table}\n{}", notes.list())
}

/// Returns what is said of the shapes that nothing in the catalogue takes.
fn refused() -> String {
    let mut table =
        String::from("| it speaks | functions | whose, and when | what `plug` says |\n| --- | --- | --- | --- |\n");
    let mut known: BTreeSet<_> = GUESTS.iter().map(|guest| Spoken::of(&fixture(guest.file)).shape).collect();
    for (shape, component) in shapes::rows() {
        if known.insert(shape.to_owned()) {
            let composition = Composition::new("guest.wasm", &component[..]).set("reply-topic", "replies");
            let error = composition.adapter(adapters::get(FLAGSHIP).unwrap()).compose().unwrap_err();
            let remedy = error.remedy().unwrap().to_string();
            // The row has said already what the guest speaks.
            let (_, rest) = remedy.rsplit_once(')').unwrap_or(("", &remedy));
            table +=
                &format!("| {} | {} |\n", Spoken::of(&component).cells(), rest.trim_start_matches([':', ';', ' ']));
        }
    }
    table
}

/// Returns what `plug --host` makes of a guest on each host that handles messages or serves HTTP.
fn hosts_of_guests() -> String {
    let hosts: Vec<_> = hosts::names().filter(|name| !name.ends_with("-run")).collect();
    let mut table = format!("| guest | {} |\n|{}\n", hosts.join(" | "), " --- |".repeat(hosts.len() + 1));
    for guest in
        ["pricer", "quote-desk", "subscriber", "crowd", "wasmcloud-echo", "wasmcloud-courier", "wasmcloud-streams"]
    {
        let cell = |host: &&str| {
            let host = hosts::get(host).unwrap();
            if check(guest, &fixture(guest), &host).unwrap().runs {
                return "as it is".to_owned();
            }
            let composition = Composition::new(guest, fixture(guest)).with(|all| all.host = Some(host));
            let Some(way) = composition.way().unwrap() else { return "-".to_owned() };
            let options = way.options.iter().map(|(key, value)| format!("`{key}={value}`"));
            let dialect = way.dialect.map(|dialect| format!("lifted to `{dialect}`"));
            let all: Vec<_> =
                way.adapters.iter().map(|name| format!("`{name}`")).chain(options).chain(dialect).collect();
            all.join(", ")
        };
        let cells: Vec<_> = hosts.iter().map(cell).collect();
        table += &format!("| `{guest}` | {} |\n", cells.join(" | "));
    }
    table
}

/// Puts a text between two lines of a page, in place of what is there.
fn put(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->\n"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no `{begin}`"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no `{end}`"));
    format!("{before}{begin}\n{text}\n{end}{after}")
}

#[tokio::test]
async fn the_page_says_what_runs_where() {
    let path = root().join("docs/dialects.md");
    let page = fs::read_to_string(&path).unwrap();
    let page = put(&page, "what runs", &runs().await);
    let page = put(&page, "refused", &refused());
    let page = put(&page, "hosts", &hosts_of_guests());
    if let Err(difference) = golden(&path, &page) {
        panic!("{difference}");
    }
}

/// A guest in JavaScript that says by `configure` what it takes, through each command, and over HTTP.
#[test]
fn a_guest_in_javascript_has_configure() {
    let bytes = guest_of_link("subscriber-js");
    let guest = || Composition::new("subscriber-js.wasm", &bytes[..]);
    assert_eq!(Spoken::of(&bytes).shape, "wasi-2024-12-configure");
    // Its engine imports all of its world, `request` as well, so it gets an interceptor.
    let plugged = guest().adapter(adapters::get(FLAGSHIP).unwrap()).set("reply-topic", "replies");
    let linked = guest().handler(["prices"], "pricer.wasm", fixture("pricer"));
    for composition in [plugged, linked] {
        let composed = composition.compose().unwrap().component.to_bytes();
        assert_eq!(Spoken::of(&composed).shape, "wasi-2024-12-configure");
    }
    let lifted = msgcompose::uplift::uplift("subscriber-js.wasm", &bytes, Dialect::Async).unwrap();
    assert_eq!(Spoken::of(&lifted.bytes).functions, "async");
    let http = guest().adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", "http://127.0.0.1:9");
    let serving = Host::Wasmtime.serve(&http.compose().unwrap().component.to_bytes());
    assert_eq!(Request::post("/orders", "a").send(serving.port).summary(), (200, "a".into()));
}
