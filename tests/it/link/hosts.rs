//! Linked components on hosts that others made.

use super::link;
use crate::{
    http::{
        client::Request,
        hosts::{HOSTS, tool},
    },
    link::guest,
    support::fixture,
};
use msgcompose::{Adapter, Composed, Composition};
use std::{fs, path::Path, process::Command};

/// Links the shop of `examples/shop`.
fn shop() -> Composed<'static> {
    Composition::new("shop-front.wasm", fixture("shop-front"))
        .handler(["prices"], "shop-prices.wasm", fixture("shop-prices"))
        .handler(["stock"], "shop-stock.wasm", guest("shop-stock-js"))
        .handler(["audit.>"], "shop-audit.wasm", fixture("shop-audit"))
        .compose()
        .unwrap_or_else(|error| panic!("{error:?}"))
}

/// Request after request, also on a single instance.
#[test]
fn the_shop_is_served() {
    let shop = shop().component.to_bytes();
    for host in HOSTS {
        let serving = host.serve(&shop);
        for article in ["teapot", "cup", "teapot", "saucer", "cup"] {
            let price = article.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % 10_000);
            let offer = format!("{article}: {}.{:02} EUR, {} in stock", price / 100, price % 100, article.len());
            let response = Request::new("GET", &format!("/{article}")).send(serving.port);
            assert_eq!(response.summary(), (200, offer), "{host}");
        }
    }
}

/// jco sometimes passes a message's number in place of a handle, once the component has used that number itself. The
/// dispatchers accept both: see `docs/link.md`.
#[test]
fn on_jco_messages_are_used_again_and_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let linked = link(&[("nest.*,by-hand", "nester"), ("echo,nest.0", "echo"), ("many", "courier-c")]);
    let out = run(folder.path(), linked, SCRIPT);
    assert_eq!(out, "x | 1:x | deep | hand\n");
}

const SCRIPT: &str = r#"
import { asker } from "./js/linked.js";
const bytes = (text) => new TextEncoder().encode(text);
const said = (text) => ({ contentType: undefined, metadata: [], data: bytes(text) });
const text = ([reply]) => new TextDecoder().decode(reply.data);
// Use the same numbers again and again, in both directions.
for (let turn = 0; turn < 500; turn++) {
  asker.rounds("echo", bytes("twelve bytes"), 2);
  asker.send("many", said("x"));
  asker.relay("echo", "many", bytes("x"));
}
const hand = asker.request("by-hand", said("x"), undefined, undefined);
console.log([
  text(asker.request("echo", said("x"), 1000, 1)),
  text(asker.relay("echo", "many", bytes("x"))),
  text(asker.request("nest.1", said("deep"), undefined, undefined)),
  hand[0].metadata.find(([key]) => key === "by")[1],
].join(" | "));
"#;

/// Transpiles a linked component, and runs a script that calls it.
fn run(folder: &Path, link: Composition, script: &str) -> String {
    let component = folder.join("linked.wasm");
    fs::write(&component, link.compose().unwrap().component.to_bytes()).unwrap();
    fs::write(folder.join("script.mjs"), script).unwrap();
    fs::write(folder.join("package.json"), r#"{"type": "module"}"#).unwrap();
    let node = |arguments: &[&Path]| {
        let output = Command::new(tool("MSGCOMPOSE_NODE")).args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let words = ["transpile", "linked.wasm", "-o", "js"].map(Path::new);
    node(&[&[&*tool("MSGCOMPOSE_JCO")], &words[..]].concat());
    node(&[Path::new("script.mjs")])
}

/// `wasmtime run` runs the linked program with arguments only, and also the component that linking is measured against.
#[test]
fn a_program_is_run() {
    let pacer = || fixture("pacer");
    let linked = Composition::new("pacer.wasm", pacer()).handler(["echo"], "echo.wasm", fixture("echo"));
    let direct = Adapter::from_component("direct.wasm", fixture("direct"));
    let direct = Composition::new("pacer.wasm", pacer()).adapter(direct);
    for composed in [linked.compose().unwrap(), direct.compose().unwrap()] {
        assert_eq!(composed.report.imports.iter().collect::<Vec<_>>(), ["wasi:cli/environment@0.2.0"]);
        let folder = tempfile::tempdir().unwrap();
        let component = folder.path().join("pacer.wasm");
        fs::write(&component, composed.component.to_bytes()).unwrap();
        let run = |topic: &str| {
            let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
            command.arg("run").arg(&component).args([topic, "1000", "64"]).output().unwrap().status.success()
        };
        assert!(run("echo"));
        assert_eq!(run("other"), composed.report.routes.is_empty(), "no handler is linked for it");
    }
}

/// `wasmtime run` runs an async program whose handlers are lifted. One of them fails at every message.
#[test]
fn an_async_program_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("linked.wasm");
    for (outcome, succeeds) in [("echo", true), ("stubborn", false)] {
        let linked = Composition::new("crowd-program.wasm", fixture("crowd-program"))
            .handler(["prices"], "pricer.wasm", fixture("pricer"))
            .handler(["crowd.outcome"], format!("{outcome}.wasm"), fixture(outcome));
        fs::write(&component, linked.compose().unwrap().component.to_bytes()).unwrap();
        let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
        command.args(["run", "-W", "component-model-async=y", "-S", "p3=y"]).arg(&component).args(["prices", "12"]);
        assert_eq!(command.output().unwrap().status.success(), succeeds, "{outcome}");
    }
}
