//! Requests a second of `wasmtime serve`: the `echo` of a guest behind `messaging-over-http`, against a component that
//! echoes by `wasi:http` itself. The whole path is measured: sockets, the host, a fresh instance a request.

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

/// Connections that ask at once, each one request after another.
const CONNECTIONS: usize = 4;

/// Rounds of each component, in turn; the median counts.
const ROUNDS: usize = 5;

/// How long a round takes.
const ROUND: Duration = Duration::from_secs(2);

/// Sizes of bodies, in bytes.
const BODIES: [usize; 2] = [64, 1 << 20];

/// Ways to serve: what they are called, and the options of `wasmtime serve`.
const WAYS: [(&str, &[&str]); 3] = [
    ("as it is", &[]),
    ("memory kept resident", &["-O", "pooling-memory-keep-resident=65536", "-O", "pooling-table-keep-resident=65536"]),
    ("instances used again", &["--max-instance-reuse-count", "1000"]),
];

/// Serves all components in every way, and asks them in turn.
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

/// A component that is served.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose.
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

    /// Requests a second with bodies of this size.
    fn rate(&self, body: usize) -> Result<f64> {
        let body = vec![b'x'; body];
        let until = Instant::now() + ROUND;
        let counts: Result<Vec<u32>> = thread::scope(|scope| {
            let askers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| self.ask(&body, until))).collect();
            askers.into_iter().map(|asker| asker.join().expect("no asker panics")).collect()
        });
        Ok(f64::from(counts?.into_iter().sum::<u32>()) / ROUND.as_secs_f64())
    }

    /// Asks again and again over one connection, and checks what comes.
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

/// Reads an answer; gives the length of its body.
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
