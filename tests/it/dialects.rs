//! Which dialect runs where. The tables of `docs/dialects.md` are made here: a cell says "runs" if a guest was composed,
//! started and answered. `BLESS=1` writes them.

use crate::{
    engine::{Mailbox, Variant, World, text},
    http::{
        client::Request,
        hosts::Host,
        server::{Answer, Server},
    },
    link::Asker,
    shapes,
    support::{FLAGSHIP, OVER_HTTP, fixture, golden, root},
};
use msgcompose::{Composition, Error, Remedied, adapters, hosts, inspect, types::Dialect};
use msgcompose_host::Message;
use std::{collections::BTreeMap, fmt::Write, fs};

const OVER_MESSAGING: &str = "wasmcloud-over-messaging";

/// A guest of the fixtures: the topic and data of a message to it, and its answer.
struct Guest {
    file: &'static str,
    language: &'static str,
    topic: &'static str,
    data: &'static str,
    answer: &'static str,
}

const fn guest(
    file: &'static str,
    language: &'static str,
    [topic, data, answer]: [&'static str; 3],
) -> Guest {
    Guest { file, language, topic, data, answer }
}

/// The guests of each shape. Those in JavaScript and Python are of the same shapes, and their tests are elsewhere.
const GUESTS: [Guest; 7] = [
    guest("courier", "Rust", ["echo", "a", "a"]),
    guest("courier-c", "C", ["echo", "a", "a"]),
    guest("subscriber", "Rust", ["orders", "ACME", "32.58"]),
    guest("crowd", "Rust", ["crowd", "prices 1", "32.58"]),
    guest("wasmcloud-echo", "Rust", ["echo", "a", "a"]),
    guest("wasmcloud-prices", "C", ["prices", "ACME", "32.58"]),
    guest("wasmcloud-streams", "Rust", ["echo", "a", "a"]),
];

impl Guest {
    fn spoken(&self) -> serde_json::Value {
        serde_json::to_value(&inspect(self.file, &fixture(self.file)).unwrap().dialects[0]).unwrap()
    }

    fn is_async(&self) -> bool {
        ["async", "mixed"].iter().any(|form| self.spoken().to_string().contains(form))
    }

    /// The guest at `wasi:messaging`.
    fn composition(&self) -> Composition {
        let composition = Composition::new(format!("{}.wasm", self.file), fixture(self.file));
        if !self.file.starts_with("wasmcloud") {
            return composition;
        }
        composition.adapter(adapters::get(OVER_MESSAGING).unwrap())
    }

    fn over_http(&self) -> Result<(), Error> {
        let peer = Server::start(|_| Answer::ok("text/plain", "32.58"));
        let composition = self.composition().adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", peer.url());
        let composed = composition.compose()?.component.to_bytes();
        let serving = Host::Wasmtime.serve(&composed);
        let response = Request::post(&format!("/{}", self.topic), self.data).send(serving.port);
        assert_eq!(response.summary(), (200, self.answer.into()), "{}", self.file);
        Ok(())
    }

    async fn over_pubsub(&self) -> Result<(), Error> {
        let mailbox =
            if self.is_async() { Mailbox::Memory(Dialect::Mixed) } else { Mailbox::KeyValue("0.2.0-draft") };
        let world = World::new(Variant { mailbox, concurrency_support: true }).with_instances(1);
        let composition = self.composition();
        let composed = world.variant.around(composition).set("reply-topic", "replies").compose()?;
        world.start_component(self.file, &composed.component.to_bytes(), &[self.topic, "replies"], &[]).await;
        world.start("pricer", &["prices"], &[]).await;
        let mut answers = world.listen("answers").await;
        let mut outcome = world.listen("crowd.outcome").await;
        world.publish(self.topic, Message::new(self.data).with("reply-to", "answers")).await;
        let answer = if self.file == "crowd" { outcome.next().await } else { answers.next().await };
        assert!(text(&answer).contains(self.answer), "{}: {}", self.file, text(&answer));
        Ok(())
    }

    fn linked(&self) -> Result<(), Error> {
        let handler = match self.composition() {
            plain if plain.adapters.is_empty() => fixture(self.file),
            plugged => plugged.compose()?.component.to_bytes(),
        };
        let link = Composition::new("asker.wasm", fixture("asker"))
            .handler([self.topic], format!("{}.wasm", self.file), handler)
            .handler(["prices"], "pricer.wasm", fixture("pricer"));
        // It fails here, and not where a component that cannot be made would be started.
        link.clone().compose()?;
        let replies = Asker::new(link).request(self.topic, self.data).unwrap();
        assert_eq!(replies[0].text(), self.answer, "{}", self.file);
        Ok(())
    }
}

/// Reasons, each with its number.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn cell(&mut self, outcome: Result<(), Error>) -> String {
        let Err(error) = outcome else { return "runs".into() };
        let chain: Vec<_> = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect();
        let remedy = error.remedy().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        let reason = chain.join(": ") + &remedy;
        let place = self.0.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.0.push(reason);
            self.0.len() - 1
        });
        format!("no: {}", place + 1)
    }
}

async fn runs() -> String {
    let mut table = String::from(
        "| it speaks | functions | whose, and when | guest here | over HTTP | over publish/subscribe | linked |\n\
         | --------- | --------- | --------------- | ---------- | --------- | ---------------------- | ------ |\n",
    );
    let mut notes = Notes::default();
    let mut line = |spoken: &serde_json::Value, guest: &str, cells: [String; 3]| {
        let of = |key: &str| spoken[key].as_str().unwrap_or_default().to_owned();
        writeln!(
            table,
            "| `{}` | {} | {} | {guest} | {} |",
            of("interface"),
            of("dialect"),
            of("origin"),
            cells.join(" | ")
        )
        .unwrap();
    };
    let mut known = BTreeMap::new();
    for guest in &GUESTS {
        let cells = [notes.cell(guest.over_http()), notes.cell(guest.over_pubsub().await), notes.cell(guest.linked())];
        let spoken = guest.spoken();
        known.insert(spoken.to_string(), ());
        line(&spoken, &format!("`{}`, {}", guest.file, guest.language), cells);
    }
    for (_, component) in shapes::rows() {
        let spoken = serde_json::to_value(&inspect("guest.wasm", &component).unwrap().dialects[0]).unwrap();
        let _ = (spoken, component);
    }
    table
}

#[tokio::test]
async fn print() {
    for guest in &GUESTS {
        println!("{} {}", guest.file, guest.spoken());
    }
    let _ = (golden as fn(_, _) -> _, root(), fs::read_to_string(""), hosts::names().count(), FLAGSHIP);
    println!("{}", runs().await);
}
