//! Helpers for these tests: composed fixtures, the host's program, and a NATS server.

use msgcompose::{Composition, adapters};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use tempfile::TempDir;

/// Longer than any step takes unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Returns the project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Composes a fixture into a folder and returns its path.
pub fn compose(guest: &str, options: &[(&str, &str)], folder: &Path) -> PathBuf {
    compose_in("sync", guest, options, folder)
}

/// Composes a fixture in a dialect into a folder and returns its path.
pub fn compose_in(dialect: &str, guest: &str, options: &[(&str, &str)], folder: &Path) -> PathBuf {
    let bytes = fs::read(root().join(format!("fixtures/prebuilt/{guest}.wasm"))).unwrap();
    let mut composition =
        Composition::new(format!("{guest}.wasm"), bytes).adapter(adapters::get("reqreply-over-pubsub").unwrap());
    for (option, value) in options {
        composition = composition.set(*option, *value);
    }
    let composition = composition.with(|all| all.dialect = Some(dialect.parse().unwrap()));
    let path = folder.join(format!("{guest}.composed.wasm"));
    fs::write(&path, composition.compose().unwrap().component.to_bytes()).unwrap();
    path
}

/// Returns a command that runs the host.
pub fn host() -> Command {
    Command::new(env!("CARGO_BIN_EXE_msgcompose-host"))
}

/// A process that is killed when it is dropped.
pub struct Process {
    child: Child,
    /// The lines that it printed before it was ready.
    pub said: Vec<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts the host and waits until it is ready.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut process = Self { child, said: Vec::new() };
        loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) if line == "ready" => break,
                Ok(line) => process.said.push(line),
                Err(_) => panic!("the host is not ready: {:?}", process.said),
            }
        }
        // Keep reading, so that the process never blocks on a full pipe.
        std::thread::spawn(move || lines.iter().for_each(drop));
        process
    }

    /// Interrupts the process like ctrl-c, waits until it ends, and returns the exit code.
    pub fn interrupt(mut self) -> Option<i32> {
        let status = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
        self.child.wait().unwrap().code()
    }
}

/// A NATS server with JetStream, on a free port.
pub struct NatsServer {
    pub url: String,
    _process: Process,
    _data: TempDir,
}

impl NatsServer {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = nats_server();
        let mut command = Command::new(&server);
        // It takes a port itself, and writes to a file which: one that we had chosen could be taken meanwhile.
        command.args(["-a", "127.0.0.1", "-p", "-1", "-js", "-sd"]).arg(data.path());
        command.arg("--ports_file_dir").arg(data.path());
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = started.unwrap_or_else(|error| {
            panic!("no NATS server at `{}` ({error}): `cargo xtask test` fetches one", server.display())
        });
        let ports = data.path().join(format!("{}_{}.ports", server.file_name().unwrap().display(), child.id()));
        let process = Process { child, said: Vec::new() };
        let url = tokio::time::timeout(PATIENCE, url(&ports)).await.expect("the NATS server says its port");
        let options = || async_nats::ConnectOptions::new().retry_on_initial_connect();
        let client = tokio::time::timeout(PATIENCE, options().connect(&url)).await.unwrap().unwrap();
        tokio::time::timeout(PATIENCE, client.flush()).await.expect("the NATS server answers").unwrap();
        Self { url, _process: process, _data: data }
    }
}

/// Returns the server's URL, once it stands in this file.
async fn url(ports: &Path) -> String {
    loop {
        let said = fs::read_to_string(ports).unwrap_or_default();
        if let Some(url) = said.split('"').find(|word| word.starts_with("nats://")) {
            return url.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Returns the server's path. `cargo xtask test` sets the variable.
fn nats_server() -> PathBuf {
    std::env::var_os("MSGCOMPOSE_NATS_SERVER").map_or_else(|| "nats-server".into(), PathBuf::from)
}
