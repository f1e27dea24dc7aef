//! Hosts that others made: `wasmtime serve`, and `jco serve` on Node.

use crate::http::{PATIENCE, compose, server::free_port, wait_until};
use std::{
    env, fmt, fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A host. Hosts differ in whether they use an instance again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// `wasmtime serve`: a fresh instance for each request.
    Wasmtime,
    /// `wasmtime serve` with a component on WASI 0.3: an instance for many requests, and many at once.
    WasmtimeAsync,
    /// `jco serve`: one instance for all requests.
    Jco,
    /// The HTTP server of jco's shim for WASI 0.3, which `jco serve` does not use: one instance for all requests.
    JcoAsync,
    /// `jco serve --isolate-requests worker`: a fresh instance for each request, in a thread of its own.
    JcoIsolated,
}

/// The hosts of WASI 0.2.
pub const HOSTS: [Host; 3] = [Host::Wasmtime, Host::Jco, Host::JcoIsolated];

/// All hosts that serve HTTP by a command. The mapping is the same on each.
pub const ALL: [Host; 4] = [Host::Wasmtime, Host::WasmtimeAsync, Host::Jco, Host::JcoIsolated];

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Wasmtime => "wasmtime serve",
            Self::WasmtimeAsync => "wasmtime serve, 0.3",
            Self::Jco => "jco serve",
            Self::JcoAsync => "jco's shim, 0.3",
            Self::JcoIsolated => "jco serve, isolated",
        })
    }
}

impl Host {
    /// Composes a guest with the adapter for the host's version of HTTP. The result imports only `wasi:http` and what
    /// that needs.
    pub fn compose(self, guest: Vec<u8>, options: &[(&str, &str)]) -> Vec<u8> {
        compose(guest, &[self.options(), options].concat())
    }

    /// Returns the options that choose the host's version of HTTP.
    pub fn options(self) -> &'static [(&'static str, &'static str)] {
        if matches!(self, Self::WasmtimeAsync | Self::JcoAsync) { &[("http", "0.3.0")] } else { &[] }
    }

    /// Serves a component, and waits until it is ready.
    pub fn serve(self, component: &[u8]) -> Serving {
        self.serve_with(component, &[])
    }

    /// Serves a component with these environment variables, and waits until it is ready.
    pub fn serve_with(self, component: &[u8], variables: &[(&str, &str)]) -> Serving {
        match self {
            Self::Wasmtime | Self::WasmtimeAsync => {
                let variables: Vec<_> = variables.iter().map(|(name, value)| format!("--env={name}={value}")).collect();
                wasmtime(component, &variables)
            }
            Self::Jco => jco(component, &[], variables),
            Self::JcoAsync => jco_async(component, variables),
            // Each waiting worker is an instance, so have no more of them than concurrent requests.
            Self::JcoIsolated => {
                jco(component, &["--isolate-requests", "worker", "--isolate-worker-pool-size", "2"], variables)
            }
        }
    }
}

/// A host that serves a component. Dropping it stops all its processes.
pub struct Serving {
    pub port: u16,
    child: Child,
    _folder: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // `jco serve` is two processes in one group.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts a process, and returns the first line of its standard error that contains `mark`.
    fn start(command: &mut Command, mark: &str) -> (Child, String) {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let program = command.get_program().to_owned();
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // Keep reading, so that the process never blocks on a full pipe.
        thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let (mut said, deadline) = (Vec::new(), Instant::now() + PATIENCE);
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(mark) => return (child, line),
                Ok(line) => said.push(line),
                Err(_) => panic!("`{}` is not ready: {said:#?}", program.display()),
            }
        }
    }

    /// Returns the id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the process ends by itself.
    pub fn wait(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the host goes on");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns the path in an environment variable. `cargo xtask test` sets them.
pub fn tool(variable: &str) -> PathBuf {
    let path = env::var_os(variable).map(PathBuf::from);
    path.unwrap_or_else(|| {
        panic!("`{variable}` is not set: `cargo xtask test` fetches what the tests need, and sets it")
    })
}

/// Serves a component with `wasmtime serve` and more arguments.
pub fn wasmtime(component: &[u8], arguments: &[String]) -> Serving {
    let folder = written(component);
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    // `-S cli`: guests in Python and C import all of WASI.
    command.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli"]).args(arguments).arg(folder.path().join(FILE));
    let (child, line) = Serving::start(&mut command, "Serving HTTP on");
    let port = line.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    Serving { port, child, _folder: folder }
}

fn jco(component: &[u8], arguments: &[&str], variables: &[(&str, &str)]) -> Serving {
    let folder = written(component);
    let port = free_port();
    let mut command = Command::new(tool("MSGCOMPOSE_NODE"));
    command.arg(tool("MSGCOMPOSE_JCO")).arg("serve").arg(folder.path().join(FILE)).args(["--host", "127.0.0.1"]);
    command.args(["--port", &port.to_string(), "--jco-dir"]).arg(folder.path().join("js")).args(arguments);
    command.envs(variables.iter().copied());
    let (child, _) = Serving::start(&mut command, "Server listening");
    // It prints this before it listens.
    wait_until("`jco serve` listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    Serving { port, child, _folder: folder }
}

/// Passes requests to the component's handler.
const SERVE: &str = "import { handler } from './component.js';
import { HttpServer } from '@bytecodealliance/preview3-shim/http';
const server = new HttpServer({
  async handle(request) {
    try {
      return { tag: 'ok', val: await handler.handle(request) };
    } catch (error) {
      if (error.payload === undefined) throw error;
      return { tag: 'err', val: error.payload };
    }
  },
});
server.on('error', (error) => console.error(error));
await server.listen(Number(process.argv[2]), '127.0.0.1');
console.error('listening');
";

fn jco_async(component: &[u8], variables: &[(&str, &str)]) -> Serving {
    let folder = written(component);
    let (jco, js) = (tool("MSGCOMPOSE_JCO"), folder.path().join("js"));
    // Where jco is installed its shims are, too.
    let packages = jco.ancestors().find(|path| path.ends_with("node_modules")).unwrap();
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
    let mut transpile = Command::new(tool("MSGCOMPOSE_NODE"));
    transpile.arg(&jco).arg("transpile").arg(folder.path().join(FILE)).args(["--async-mode", "jspi", "-o"]).arg(&js);
    let made = transpile.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::write(js.join("serve.mjs"), SERVE).unwrap();
    let port = free_port();
    let mut command = Command::new(tool("MSGCOMPOSE_NODE"));
    command.arg("--preserve-symlinks").arg(js.join("serve.mjs")).arg(port.to_string()).envs(variables.iter().copied());
    let (child, _) = Serving::start(&mut command, "listening");
    Serving { port, child, _folder: folder }
}

const FILE: &str = "component.wasm";

fn written(component: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), component).unwrap();
    folder
}
