//! What these tests share: composed fixtures, the program, a NATS server.

use msgcompose::{Composition, catalogue};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use tempfile::TempDir;

/// Longer than anything takes that is not stuck.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Writes a composed fixture into a folder, and gives its path.
pub fn compose(guest: &str, options: &[(&str, &str)], folder: &Path) -> PathBuf {
    compose_in("sync", guest, options, folder)
}

/// The same in a dialect of messaging.
pub fn compose_in(dialect: &str, guest: &str, options: &[(&str, &str)], folder: &Path) -> PathBuf {
    let bytes = fs::read(root().join(format!("fixtures/prebuilt/{guest}.wasm"))).unwrap();
    let mut composition =
        Composition::new(format!("{guest}.wasm"), bytes).adapter(catalogue::get("reqreply-over-pubsub").unwrap());
    for (option, value) in options {
        composition = composition.set(*option, *value);
    }
    let composition = composition.with(|all| all.dialect = Some(dialect.parse().unwrap()));
    let path = folder.join(format!("{guest}.composed.wasm"));
    fs::write(&path, composition.compose().unwrap().component.to_bytes()).unwrap();
    path
}

/// The program.
pub fn host() -> Command {
    Command::new(env!("CARGO_BIN_EXE_msgcompose-host"))
}

/// A process that is killed when it is no longer wanted.
pub struct Process {
    child: Child,
    /// What it said before it was ready.
    pub said: Vec<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts the program, and waits until it is ready.
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
        // It goes on to be read, so that the process never waits for a reader.
        std::thread::spawn(move || lines.iter().for_each(drop));
        process
    }

    /// As ctrl-c does, and waits for the end. Gives the exit code.
    pub fn interrupt(mut self) -> Option<i32> {
        let status = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
        self.child.wait().unwrap().code()
    }
}

/// A NATS server with JetStream on a free port.
pub struct NatsServer {
    pub url: String,
    _process: Process,
    _data: TempDir,
}

impl NatsServer {
    pub async fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let data = tempfile::tempdir().unwrap();
        let server = nats_server();
        let mut command = Command::new(&server);
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]).arg(data.path());
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = started.unwrap_or_else(|error| {
            panic!("no NATS server at `{}` ({error}): `cargo xtask test` fetches one", server.display())
        });
        let process = Process { child, said: Vec::new() };
        let url = format!("nats://127.0.0.1:{port}");
        let options = || async_nats::ConnectOptions::new().retry_on_initial_connect();
        let client = tokio::time::timeout(PATIENCE, options().connect(&url)).await.unwrap().unwrap();
        tokio::time::timeout(PATIENCE, client.flush()).await.expect("the NATS server answers").unwrap();
        Self { url, _process: process, _data: data }
    }
}

/// `cargo xtask test` says where the server is.
fn nats_server() -> PathBuf {
    std::env::var_os("MSGCOMPOSE_NATS_SERVER").map_or_else(|| "nats-server".into(), PathBuf::from)
}
