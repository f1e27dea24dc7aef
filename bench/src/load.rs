//! Posts bodies to an HTTP server over some connections. Each sends one request after another, from a thread of its own.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write, copy, sink},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// Sends requests for so long. Prints the seconds that it took, and then the latency of each request in microseconds, a
/// line each.
pub fn run(address: &str, connections: usize, bytes: usize, milliseconds: u64) -> Result<()> {
    let address: SocketAddr = address.parse()?;
    let body = vec![b'x'; bytes];
    let start = Instant::now();
    let until = start + Duration::from_millis(milliseconds);
    let latencies: Result<Vec<Vec<f64>>> = thread::scope(|scope| {
        let askers: Vec<_> = (0..connections).map(|_| scope.spawn(|| ask(address, &body, until))).collect();
        askers.into_iter().map(|asker| asker.join().expect("no asker panics")).collect()
    });
    let latencies = latencies?;
    let mut text = format!("{}\n", start.elapsed().as_secs_f64());
    for latency in latencies.into_iter().flatten() {
        writeln!(text, "{latency}")?;
    }
    print!("{text}");
    Ok(())
}

/// Sends at least one request over one connection, until the time is up, and checks the responses. Returns how long each
/// took.
fn ask(address: SocketAddr, body: &[u8], until: Instant) -> Result<Vec<f64>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut to, mut from) = (&stream, BufReader::with_capacity(1 << 16, &stream));
    let head = "POST /echo HTTP/1.1\r\nhost: bench\r\ncontent-type: text/plain\r\ncontent-length: ";
    let request = [format!("{head}{}\r\n\r\n", body.len()).as_bytes(), body].concat();
    let mut latencies = Vec::new();
    loop {
        let start = Instant::now();
        to.write_all(&request)?;
        let length = answer(&mut from).context("the answer cannot be read")?;
        ensure!(length == body.len(), "the answer has {length} bytes and not {}", body.len());
        let end = Instant::now();
        latencies.push((end - start).as_secs_f64() * 1e6);
        if end >= until {
            return Ok(latencies);
        }
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
    let skipped = copy(&mut from.take(length as u64), &mut sink())?;
    if skipped < length as u64 {
        bail!("it breaks off");
    }
    Ok(())
}
