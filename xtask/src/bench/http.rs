//! Measures requests per second of `wasmtime serve`: a guest's `echo` behind `messaging-over-http`, against a component
//! that echoes with `wasi:http` directly. It covers the whole path: sockets, the host, and a fresh instance for each
//! request.

use crate::{cache, workspace};
use anyhow::{Context, Result, bail, ensure};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Concurrent connections. Each sends one request after another.
const CONNECTIONS: usize = 4;

/// The number of rounds of each component, in alternation; the median counts.
const ROUNDS: usize = 5;

/// The duration of a round.
const ROUND: Duration = Duration::from_secs(2);

/// The sizes of bodies in bytes.
const BODIES: [usize; 2] = [64, 1 << 20];

/// Ways to serve: a name, and the options of `wasmtime serve`.
const WAYS: [(&str, &[&str]); 3] = [
    ("as it is", &[]),
    ("memory kept resident", &["-O", "pooling-memory-keep-resident=65536", "-O", "pooling-table-keep-resident=65536"]),
    ("instances used again", &["--max-instance-reuse-count", "1000"]),
];

/// Serves all components in every way, and measures them in alternation.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let wasmtime = workspace::release(root, "wasmtime-command", "wasmtime")?;
    let prebuilt = root.join("fixtures/prebuilt");
    let components = [
        ("bare wasi:http, Rust", prebuilt.join("bare-echo.wasm")),
        ("composed, Rust", compose(msgcompose, &prebuilt.join("echo.wasm"))?),
        ("composed, C", compose(msgcompose, &prebuilt.join("courier-c.wasm"))?),
    ];
    println!("\nmedian of {ROUNDS} rounds of {ROUND:?}, {CONNECTIONS} connections, `wasmtime serve`");
    println!("{:<22} {:<22} {:>9} {:>12} {:>8}", "served", "component", "body", "requests/s", "of bare");
    for (way, options) in WAYS {
        let start = |(_, path): &(_, PathBuf)| Server::start(&wasmtime, options, path);
        let servers: Vec<Server> = components.iter().map(start).collect::<Result<_>>()?;
        for body in BODIES {
            measure(way, body, &components.each_ref().map(|(name, _)| *name), &servers)?;
        }
    }
    Ok(())
}

fn measure(way: &str, body: usize, names: &[&str], servers: &[Server]) -> Result<()> {
    let mut rates = vec![Vec::new(); servers.len()];
    for _ in 0..ROUNDS {
        for (server, rates) in servers.iter().zip(&mut rates) {
            rates.push(server.rate(body)?);
        }
    }
    let medians: Vec<f64> = rates.into_iter().map(median).collect();
    for (name, rate) in names.iter().zip(&medians) {
        println!("{way:<22} {name:<22} {body:>9} {rate:>12.0} {:>8.2}", rate / medians[0]);
    }
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn compose(msgcompose: &Path, guest: &Path) -> Result<PathBuf> {
    let name = guest.file_stem().unwrap_or_default().display().to_string();
    let out = cache::folder()?.join(format!("bench-{name}.wasm"));
    let mut plug = Command::new(msgcompose);
    plug.arg("plug").arg(guest).args(["--adapter", "messaging-over-http", "--set", "base-url=http://127.0.0.1:9"]);
    let output = plug.arg("-o").arg(&out).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(out)
}

/// A component that is being served.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has no state to save.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(wasmtime: &Path, options: &[&str], component: &Path) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut serve = Command::new(wasmtime);
        serve.args(["serve", "--addr", &address.to_string()]).args(options).arg(component);
        let process = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Self { process, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(start.elapsed() < Duration::from_mins(1), "`{}` is not served", component.display());
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Returns the requests per second with bodies of this size.
    fn rate(&self, body: usize) -> Result<f64> {
        let body = vec![b'x'; body];
        let until = Instant::now() + ROUND;
        let counts: Result<Vec<u32>> = thread::scope(|scope| {
            let askers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| self.ask(&body, until))).collect();
            askers.into_iter().map(|asker| asker.join().expect("no asker panics")).collect()
        });
        Ok(f64::from(counts?.into_iter().sum::<u32>()) / ROUND.as_secs_f64())
    }

    /// Sends requests over one connection until the time is up, and checks the responses.
    fn ask(&self, body: &[u8], until: Instant) -> Result<u32> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let (mut to, mut from) = (&stream, BufReader::new(&stream));
        let head = format!(
            "POST /echo HTTP/1.1\r\nhost: bench\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        let mut count = 0;
        while Instant::now() < until {
            to.write_all(&request)?;
            let length = answer(&mut from).context("the answer cannot be read")?;
            ensure!(length == body.len(), "the answer has {length} bytes and not {}", body.len());
            count += 1;
        }
        Ok(count)
    }
}

/// Reads a response and returns the length of its body.
fn answer(from: &mut impl BufRead) -> Result<usize> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    ensure!(line.starts_with("HTTP/1.1 200"), "{line}");
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        from.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            None => break,
            Some(("content-length", value)) => length = value.parse()?,
            Some(("transfer-encoding", "chunked")) => chunked = true,
            Some(_) => {}
        }
    }
    if !chunked {
        skip(from, length)?;
        return Ok(length);
    }
    let mut total = 0;
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim_end(), 16)?;
        skip(from, length + 2)?;
        if length == 0 {
            return Ok(total);
        }
        total += length;
    }
}

fn skip(from: &mut impl BufRead, length: usize) -> Result<()> {
    let skipped = std::io::copy(&mut from.take(length as u64), &mut std::io::sink())?;
    if skipped < length as u64 {
        bail!("it breaks off");
    }
    Ok(())
}
