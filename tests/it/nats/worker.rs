//! Composed components as processes of `wasmtime run` and `jco run`.

use crate::{
    http::hosts::tool,
    nats::{PATIENCE, wait_until},
};
use std::{
    fmt, fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A host that runs programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    Wasmtime,
    Jco,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Wasmtime => "wasmtime run",
            Self::Jco => "jco run",
        })
    }
}

/// A process. Dropping it kills it.
pub struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    _folder: TempDir,
}

/// What a process left behind.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; minus the signal if one ended it.
    pub code: i32,
    /// All lines on standard error.
    pub said: Vec<String>,
}

impl Ended {
    /// Returns whether a line has this text.
    pub fn says(&self, text: &str) -> bool {
        self.said.iter().any(|line| line.contains(text))
    }

    /// Fails unless it ended with this code, without a trap.
    #[track_caller]
    pub fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{:#?}", self.said);
        assert!(!self.has_trapped(), "{:#?}", self.said);
        self
    }

    /// Returns whether it ended by a trap of the component.
    pub fn has_trapped(&self) -> bool {
        has_trapped(&self.said)
    }
}

fn has_trapped(said: &[String]) -> bool {
    said.iter().any(|line| line.contains("wasm trap") || line.contains("RuntimeError"))
}

impl Worker {
    /// Runs a component on wasmtime.
    pub fn start(component: &[u8]) -> Self {
        Self::on(Host::Wasmtime, component, &[])
    }

    /// Runs a component with arguments.
    pub fn on(host: Host, component: &[u8], arguments: &[&str]) -> Self {
        let flags: &[_] = if host == Host::Wasmtime { &["-S", "inherit-network"] } else { &[] };
        Self::with_flags(host, component, flags, arguments)
    }

    /// Runs a component with flags for the host, and arguments for itself.
    pub fn with_flags(host: Host, component: &[u8], flags: &[&str], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("component.wasm");
        fs::write(&file, component).unwrap();
        let mut command;
        match host {
            Host::Wasmtime => {
                command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
                command.arg("run").args(flags).arg(file).args(arguments);
            }
            Host::Jco => {
                command = Command::new(tool("MSGCOMPOSE_NODE"));
                command.arg(tool("MSGCOMPOSE_JCO")).arg("run").arg("--jco-dir").arg(folder.path().join("js"));
                command.args(flags).arg(file).args(arguments);
            }
        }
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{host}: {error}"));
        let said = Arc::<Mutex<Vec<_>>>::default();
        let (stderr, log) = (BufReader::new(child.stderr.take().unwrap()), said.clone());
        let reader = thread::spawn(move || {
            stderr.lines().map_while(Result::ok).for_each(|line| log.lock().unwrap().push(line));
        });
        Self { stdin: child.stdin.take(), child, said, reader: Some(reader), _folder: folder }
    }

    /// All lines on standard error so far.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Waits for a line with this text on standard error.
    pub fn wait_to_say(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // It may say it and end.
            let has_ended = self.child.try_wait().unwrap().is_some();
            let said = self.said();
            if said.iter().any(|line| line.contains(text)) {
                return;
            }
            assert!(
                !has_ended && Instant::now() < deadline,
                "it does not say `{text}` (ended: {has_ended}): {said:#?}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns whether the process runs, and has not trapped.
    pub fn is_well(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none() && !has_trapped(&self.said())
    }

    /// Writes to its standard input.
    pub fn write_stdin(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().expect("it is open").write_all(bytes).unwrap();
    }

    /// Ends its standard input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Sends a signal, `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &*process]).status().unwrap().success());
    }

    /// Waits until the process ends by itself.
    pub fn ended(mut self) -> Ended {
        let mut status = None;
        wait_until("the worker ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        self.reader.take().unwrap().join().unwrap();
        let code = |status: ExitStatus| status.code().unwrap_or_else(|| -status.signal().unwrap_or_default());
        Ended { code: status.map(code).unwrap_or_default(), said: self.said() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // `jco run` is two processes in one group.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
