//! What composing is compared with: `copy IN OUT` reads a file, hashes it and writes it, which composing cannot do
//! without. `plug PLUG SOCKET OUT` does what `wac plug` does, with its library. `compose DEFINITION ROOT OUT` does what
//! `wasm-tools compose --definitions DEFINITION ROOT` does, with its library.
//!
//! `measure PROGRAM ARGUMENT…` runs a program and prints what it used: seconds of CPU, seconds on the clock, and the peak
//! of its memory in bytes. A program's peak is never less than that of the one that starts it, so this one is small.

use anyhow::{Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::{
    env, fs, path,
    process::{Command, Stdio},
    time::Instant,
};
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};
use wait4::Wait4;
use wasm_compose::{composer::ComponentComposer, config::Config};
use wasmparser::{Validator, WasmFeatures};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["copy", from, to] => {
            let bytes = fs::read(from)?;
            let hash = Sha256::digest(&bytes);
            fs::write(to, bytes)?;
            println!("{hash:x?}");
            Ok(())
        }
        ["plug", one, socket, to] => {
            let mut graph = CompositionGraph::new();
            let mut register = |name: &str, path: &str| {
                let package = Package::from_file(name, None, path, graph.types_mut())?;
                anyhow::Ok(graph.register_package(package)?)
            };
            let [socket, one] = [register("socket", socket)?, register("plug", one)?];
            plug(&mut graph, vec![one], socket)?;
            Ok(fs::write(to, graph.encode(EncodeOptions::default())?)?)
        }
        ["compose", definition, root, to] => {
            let config = Config { definitions: vec![path::absolute(definition)?], ..Config::default() };
            let composed = ComponentComposer::new(root.as_ref(), &config).compose()?;
            Validator::new_with_features(WasmFeatures::all()).validate_all(&composed)?;
            Ok(fs::write(to, composed)?)
        }
        ["measure", program, ref arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let start = Instant::now();
            let used = command.spawn()?.wait4()?;
            let wall = start.elapsed();
            ensure!(used.status.success(), "it failed");
            let cpu = used.rusage.utime + used.rusage.stime;
            println!("{} {} {}", cpu.as_secs_f64(), wall.as_secs_f64(), used.rusage.maxrss);
            Ok(())
        }
        _ => bail!("copy IN OUT | plug PLUG SOCKET OUT | compose DEFINITION ROOT OUT | measure PROGRAM ARGUMENT…"),
    }
}
