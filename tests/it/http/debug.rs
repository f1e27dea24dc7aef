//! What debug builds of the parts print on `wasmtime serve`.

use crate::{
    http::{
        hosts::tool,
        server::{Answer, Server, rest},
    },
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, ConfigFrom, adapters};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

/// Returns a guest with the adapter, to be composed.
fn composition(guest: &str) -> Composition {
    Composition::new(format!("{guest}.wasm"), fixture(guest)).adapter(adapters::get(OVER_HTTP).unwrap())
}

/// Returns standard error of `wasmtime serve` for one message, without the line that says that it serves.
fn said(composition: Composition, variables: &[&str], head: &str, status: u16) -> String {
    let composed = composition.compose().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    fs::write(&file, composed.component.to_bytes()).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    command.args(["serve", "-Scli", "--addr", "127.0.0.1:0"]);
    command.args(variables.iter().flat_map(|variable| ["--env", variable])).arg(file);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let serving = lines.find(|line| line.starts_with("Serving HTTP on")).expect("it serves");
    let address = serving.rsplit("http://").next().unwrap().trim_end_matches('/');

    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("POST {head}\r\nhost: here\r\nconnection: close\r\ncontent-length: 4\r\n\r\nACME");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    assert!(first.starts_with(&format!("HTTP/1.1 {status}")), "{first}");
    rest(&mut reader, status != 204).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_debug_composition_is_followed_on_wasmtime_serve_and_no_other_says_anything() {
    let priced = |debug| {
        let composition = composition("pricer").with(|all| all.debug = debug);
        said(composition, &[], "/prices?token=hidden HTTP/1.1", 200)
    };
    let lines = priced(true);
    for line in [
        "[messaging-over-http/receiver] in, path=/prices",
        "[messaging-over-http/receiver] messages=1 topic=prices",
        "[messaging-over-http/interceptor] message to the guest's handler",
        "[messaging-over-http/receiver] reply kept, bytes=5",
        "[messaging-over-http/receiver] the guest's handler: ok",
        "[messaging-over-http/receiver] out, status=200 bytes=5",
    ] {
        assert!(lines.contains(line), "`{line}` in {lines}");
    }
    assert!(!lines.contains("hidden") && !lines.contains("ACME") && !lines.contains("32.58"), "{lines}");
    assert_eq!(priced(false), "");
}

/// The client learns nothing of it.
#[test]
fn why_a_configuration_is_refused_is_said_without_the_value() {
    let lines = |debug| {
        let composition = composition("pricer").with(|all| (all.debug, all.config_from) = (debug, ConfigFrom::Env));
        said(composition, &["MSGCOMPOSE_MAX_BODY_BYTES=hidden"], "/prices HTTP/1.1", 500)
    };
    let reason = "refused: MSGCOMPOSE_MAX_BODY_BYTES: the value is not a number from 0 to 1073741824";
    let found = lines(true);
    assert!(found.contains(&format!("[config-layers/env] {reason}")) && !found.contains("hidden"), "{found}");
    assert_eq!(lines(false), "");
}

#[test]
fn metadata_that_gives_way_to_a_configured_header_is_named() {
    let server = Server::start(|_| Answer::empty(204));
    let composition = composition("courier")
        .set("base-url", server.url())
        .set("header.x-api-key", "hidden")
        .with(|all| (all.debug, all.bake_secrets) = (true, true));
    let head = "/forward HTTP/1.1\r\nx-to: there\r\nx-api-key: stranger's";
    let lines = said(composition, &[], head, 204);
    for line in [
        "[messaging-over-http/provider] POST client=default topic=there bytes=4",
        "[messaging-over-http/provider] metadata dropped, because an option sets this header: x-api-key",
    ] {
        assert!(lines.contains(line), "`{line}` in {lines}");
    }
    assert!(!lines.contains("hidden") && !lines.contains("stranger"), "{lines}");
    assert_eq!(server.only("/there").header("x-api-key"), Some("hidden"));
}
