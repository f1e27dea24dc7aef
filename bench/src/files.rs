//! What composing is compared with: `copy IN OUT` reads a file, hashes it and writes it, which composing cannot do
//! without. `plug PLUG SOCKET OUT` does what `wac plug` does, with its library.

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};
use std::{env, fs};
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};

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
        _ => bail!("copy IN OUT | plug PLUG SOCKET OUT"),
    }
}
