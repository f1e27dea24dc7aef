//! A request and its reply, 64 bytes each, between guests in Rust: linked; to a component that serves messaging itself,
//! which is a direct call of the same shape; and over a NATS server on this machine. Whole programs that request many
//! times, less what they take to request once.

use crate::{cache, tools};
use anyhow::{Context, Result, ensure};
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs of each program; the median counts.
const RUNS: usize = 5;

/// Bytes of a message.
const BYTES: &str = "64";

/// Builds what is to be compared, and compares.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let prebuilt = |name: &str| root.join("fixtures/prebuilt").join(name).with_extension("wasm");
    let echo = prebuilt("echo").display().to_string();
    let direct = prebuilt("direct").display().to_string();
    let linked = make(msgcompose, "link", &prebuilt("pacer"), &["--handler", &format!("echo={echo}")])?;
    let direct = make(msgcompose, "plug", &prebuilt("pacer"), &["--adapter", &direct])?;
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let asking = make(msgcompose, "plug", &prebuilt("pacer"), &flagship)?;
    let answering = make(msgcompose, "plug", &prebuilt("echo"), &flagship)?;
    let host = build_host(root)?;

    let wasmtime = tools::WASMTIME.get()?;
    let on_wasmtime = |component: &Path| {
        let component = component.to_owned();
        let wasmtime = wasmtime.clone();
        move |times: u32| {
            let mut command = Command::new(&wasmtime);
            command.arg("run").arg(&component).args(["echo", &times.to_string(), BYTES]);
            command
        }
    };
    let reference = each(&on_wasmtime(&direct), 1_000_000)?;
    let linked = each(&on_wasmtime(&linked), 1_000_000)?;
    let nats = Nats::start()?;
    let _answering = Answering::start(&host, &answering, &nats.url)?;
    let over_nats = each(
        &|times| {
            let mut command = Command::new(&host);
            command.arg(format!("{}=replies", asking.display())).args(["--broker", &nats.url, "--idle-ms", "1"]);
            command.args(["--arg", "echo", "--arg", &times.to_string(), "--arg", BYTES, "--quiet"]);
            command
        },
        1_000,
    )?;
    println!("\nmedian of {RUNS} runs; a request and its reply of {BYTES} bytes, guests in Rust");
    println!("{:<34} {:>10} {:>10}", "between", "\u{b5}s", "of direct");
    for (name, each) in [("a component and one it calls", reference), ("linked", linked), ("over NATS", over_nats)] {
        println!("{name:<34} {:>10.2} {:>10.2}", each * 1e6, each / reference);
    }
    println!("over NATS it takes {:.0} times as long as linked", over_nats / linked);
    Ok(())
}

/// Seconds of one request.
fn each(program: &dyn Fn(u32) -> Command, times: u32) -> Result<f64> {
    let mut took = Vec::new();
    for _ in 0..RUNS {
        let [once, many] = [time(&mut program(1))?, time(&mut program(times + 1))?];
        took.push(many.saturating_sub(once).as_secs_f64() / f64::from(times));
    }
    took.sort_by(f64::total_cmp);
    Ok(took[RUNS / 2])
}

fn time(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    let output = command.output().with_context(|| format!("failed to run `{}`", command.get_program().display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(start.elapsed())
}

fn make(msgcompose: &Path, verb: &str, guest: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let name = format!("bench-{verb}-{}-{}.wasm", guest.file_stem().unwrap_or_default().display(), arguments.len());
    let out = cache::folder()?.join(name);
    let mut command = Command::new(msgcompose);
    time(command.arg(verb).arg(guest).args(arguments).arg("-o").arg(&out))?;
    Ok(out)
}

fn build_host(root: &Path) -> Result<PathBuf> {
    let build = ["build", "--release", "--locked", "--package", "msgcompose-host"];
    let status = Command::new("cargo").args(build).current_dir(root).status()?;
    ensure!(status.success(), "the host does not build");
    Ok(root.join("target/release/msgcompose-host"))
}

/// A process that ends with this.
struct Answering(Child);

impl Drop for Answering {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Answering {
    fn start(host: &Path, component: &Path, url: &str) -> Result<Self> {
        let mut command = Command::new(host);
        command.arg(format!("{}=echo", component.display())).args(["--broker", url, "--quiet"]);
        let started = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        // Its subscription is open by then; a request that comes before would wait for nothing.
        thread::sleep(Duration::from_secs(3));
        Ok(started)
    }
}

/// A server on a free port.
struct Nats {
    url: String,
    _process: Answering,
}

impl Nats {
    fn start() -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(tools::NATS_SERVER.get()?);
        command.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]);
        let process = Answering(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(start.elapsed() < Duration::from_mins(1), "the NATS server does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { url: format!("nats://{address}"), _process: process })
    }
}
