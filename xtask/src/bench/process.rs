//! Whole processes: what one that ends used, and ones that run while something else is measured.

use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longer than any program takes to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a program that is starting is asked.
const PAUSE: Duration = Duration::from_millis(2);

/// The resources that a process used.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// The time on the clock.
    pub wall: Duration,
    /// The peak of resident memory in megabytes.
    pub peak: f64,
}

impl Usage {
    /// Has `files`, which is `msgcompose-bench-files`, run a command. Returns what the command used.
    pub fn of(files: &Path, command: &Command) -> Result<Self> {
        let mut measure = Command::new(files);
        measure.arg("measure").arg(command.get_program()).args(command.get_args());
        let printed = output(&mut measure)?;
        let numbers: Vec<f64> = printed.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [cpu, wall, peak] = numbers[..] else { bail!("three numbers, not `{printed}`") };
        Ok(Self { cpu: Duration::from_secs_f64(cpu), wall: Duration::from_secs_f64(wall), peak: peak / 1e6 })
    }

    /// Returns the CPU time in milliseconds.
    pub fn milliseconds(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3
    }

    /// Returns the resources of this command followed by another one.
    pub fn then(self, next: Self) -> Self {
        Self { cpu: self.cpu + next.cpu, wall: self.wall + next.wall, peak: self.peak.max(next.peak) }
    }
}

/// Returns a number of bytes in megabytes.
#[allow(clippy::cast_precision_loss, reason = "for reading")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Makes a command print nothing. It does not get `RUST_BACKTRACE`: with that, errors that are handled on the way walk
/// the stack.
pub fn quiet(command: &mut Command) -> &mut Command {
    command.env_remove("RUST_BACKTRACE").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Runs a command, and returns what it prints.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.env_remove("RUST_BACKTRACE").output();
    let output = output.with_context(|| format!("failed to run `{}`", command.get_program().display()))?;
    ensure!(output.status.success(), "`{command:?}` failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the numbers that a command prints, a line each.
pub fn numbers(command: &mut Command) -> Result<Vec<f64>> {
    output(command)?.lines().map(|line| line.parse().with_context(|| format!("`{line}` is no number"))).collect()
}

/// A process that is killed when this is dropped.
pub struct Background {
    child: Child,
    /// Whether it leads a group of processes.
    group: bool,
}

impl Drop for Background {
    fn drop(&mut self) {
        // It has no state to save.
        if self.group {
            let group = format!("-{}", self.child.id());
            let _ = quiet(Command::new("kill").args(["-KILL", "--", &group])).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Background {
    /// Starts the process.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = quiet(command).spawn().with_context(|| format!("failed to start `{command:?}`"))?;
        Ok(Self { child, group: false })
    }

    /// Starts a process that starts others. They end with it.
    pub fn start_group(command: &mut Command) -> Result<Self> {
        let mut started = Self::start(command.process_group(0))?;
        started.group = true;
        Ok(started)
    }

    /// Returns the CPU time that the threads of the process have used, in microseconds.
    pub fn cpu(&self) -> Result<f64> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id())).context("this bench needs Linux")? {
            let path = thread?.path().join("schedstat");
            // A thread may end meanwhile.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let used = text.split(' ').next().unwrap_or_default();
            nanoseconds += used.parse::<u64>().with_context(|| format!("`{}` holds `{text}`", path.display()))?;
        }
        Ok(Duration::from_nanos(nanoseconds).as_secs_f64() * 1e6)
    }

    /// Returns the peak of its resident memory so far, in megabytes.
    pub fn peak(&self) -> Result<f64> {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("this bench needs Linux")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("there is no peak")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }
}

/// Returns an address that nobody uses.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Waits until somebody listens.
pub fn wait_for(address: SocketAddr) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if start.elapsed() > PATIENCE {
            bail!("nobody listens on {address}");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Posts a message of 64 bytes until somebody answers it, and checks the answer. Returns when that came.
pub fn first_answer(address: SocketAddr) -> Result<Instant> {
    wait_for(address)?;
    let body = "x".repeat(64);
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "POST /echo HTTP/1.1\r\nhost: bench\r\ncontent-type: text/plain\r\n")?;
    write!(stream, "connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // A host may reset a connection that it was asked to close.
        Err(error) if error.kind() != ErrorKind::ConnectionReset => return Err(error.into()),
        _ => {}
    }
    let answered = Instant::now();
    let answer = String::from_utf8_lossy(&answer);
    ensure!(answer.starts_with("HTTP/1.1 200") && answer.contains(&body), "the answer is `{answer}`");
    Ok(answered)
}

/// A server on a port of its own.
pub struct Server {
    /// Its process.
    pub process: Background,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Serves a component on `wasmtime serve`.
    pub fn wasmtime(wasmtime: &Path, options: &[&str], component: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut serve = Command::new(wasmtime);
        serve.args(["serve", "--addr", &address.to_string()]).args(options).arg(component);
        Self::start(&mut serve, address)
    }

    /// Starts a NATS server with these arguments.
    pub fn nats(arguments: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let mut server = Command::new(tools::NATS_SERVER.get()?);
        server.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]).args(arguments);
        Self::start(&mut server, address)
    }

    fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let server = Self { process: Background::start(command)?, address };
        wait_for(address)?;
        Ok(server)
    }

    /// Returns its URL.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }
}
