//! What the parts say on `wasmtime serve`, in their debug builds.

use crate::{
    http::{hosts::tool, server::rest},
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, catalogue};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

/// Standard error of `wasmtime serve` for one message, from the line behind that which says that it serves.
fn said(debug: bool) -> String {
    let composition = Composition::new("pricer.wasm", fixture("pricer")).adapter(catalogue::get(OVER_HTTP).unwrap());
    let composed = composition.with(|all| all.debug = debug).compose().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    fs::write(&file, composed.component.to_bytes()).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    command.args(["serve", "--addr", "127.0.0.1:0"]).arg(file);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let serving = lines.find(|line| line.starts_with("Serving HTTP on")).expect("it serves");
    let address = serving.rsplit("http://").next().unwrap().trim_end_matches('/');

    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        "POST /prices?token=hidden HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: 4\r\n\r\nACME";
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).unwrap();
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    assert!(!rest(&mut reader, true).unwrap().1.is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_debug_composition_is_followed_on_wasmtime_serve_and_no_other_says_anything() {
    let lines = said(true);
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
    assert_eq!(said(false), "");
}
