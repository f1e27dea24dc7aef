//! A NATS server and hosts for benches.

use crate::{cache, tools};
use anyhow::{Context, Result, ensure};
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The number of runs of each program; the median counts.
pub const RUNS: usize = 5;

/// The size of a message in bytes.
pub const BYTES: &str = "64";

/// Returns how long a program takes.
pub fn time(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    let output = command.output().with_context(|| format!("failed to run `{}`", command.get_program().display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(start.elapsed())
}

/// Composes a guest into the cache, and returns the path.
pub fn make(msgcompose: &Path, verb: &str, guest: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let name = format!("bench-{verb}-{}-{}.wasm", guest.file_stem().unwrap_or_default().display(), arguments.len());
    let out = cache::folder()?.join(name);
    let mut command = Command::new(msgcompose);
    time(command.arg(verb).arg(guest).args(arguments).arg("-o").arg(&out))?;
    Ok(out)
}

/// A process that is killed when this is dropped.
pub struct Answering(Child);

impl Drop for Answering {
    fn drop(&mut self) {
        // It has no state to save.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Answering {
    /// Starts the process.
    pub fn start(command: &mut Command) -> Result<Self> {
        let started = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        // Wait until its subscription is open: an earlier request would never be answered.
        thread::sleep(Duration::from_secs(3));
        Ok(started)
    }
}

/// A NATS server on a free port.
pub struct Nats {
    /// The server's URL.
    pub url: String,
    _process: Answering,
}

impl Nats {
    /// Starts a server with these arguments.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(tools::NATS_SERVER.get()?);
        command.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]).args(arguments);
        let process = Answering(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(start.elapsed() < Duration::from_mins(1), "the NATS server does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { url: format!("nats://{address}"), _process: process })
    }
}
