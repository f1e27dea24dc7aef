//! NATS servers with the configuration that a test needs.

use crate::{
    http::{client::Request, hosts::tool, server::free_port},
    nats::wait_until,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// A server on a free local port. Dropping it kills it.
pub struct NatsServer {
    pub port: u16,
    host: &'static str,
    monitor: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl NatsServer {
    /// Starts a server that lets everybody in.
    pub fn start() -> Self {
        Self::with("")
    }

    /// Starts a server with more lines of configuration.
    pub fn with(configuration: &str) -> Self {
        Self::on("127.0.0.1", free_port(), configuration)
    }

    /// Starts a server that listens on the IPv6 loopback.
    pub fn on_ipv6() -> Self {
        Self::on("[::1]", free_port(), "")
    }

    /// Starts a cluster, and waits until each server knows all others.
    pub fn cluster(size: usize) -> Vec<Self> {
        let ports: Vec<_> = (0..size).map(|_| free_port()).collect();
        let routes: Vec<_> = ports.iter().map(|port| format!("nats-route://127.0.0.1:{port}")).collect();
        let servers: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(number, port)| {
                let cluster = format!("{{ name: c, listen: \"127.0.0.1:{port}\", routes: {routes:?} }}");
                Self::with(&format!("server_name: s{number}\ncluster {cluster}"))
            })
            .collect();
        for server in &servers {
            let knows_all = || server.info()["connect_urls"].as_array().is_some_and(|urls| urls.len() == size);
            wait_until("the cluster is complete", knows_all);
        }
        servers
    }

    fn on(host: &'static str, port: u16, configuration: &str) -> Self {
        let (monitor, folder) = (free_port(), tempfile::tempdir().unwrap());
        let log = folder.path().join("log");
        let listen = format!("listen: \"{host}:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\nlog_file: {log:?}");
        fs::write(folder.path().join("configuration"), format!("{listen}\n{configuration}\n")).unwrap();
        let mut server = Self { port, host, monitor, folder, process: None };
        server.run();
        server
    }

    /// Starts the process, and waits until it listens.
    pub fn run(&mut self) {
        let mut command = Command::new(tool("MSGCOMPOSE_NATS_SERVER"));
        command.arg("--config").arg(self.folder.path().join("configuration"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(command.spawn().expect("`MSGCOMPOSE_NATS_SERVER` is a program"));
        wait_until("a NATS server listens", || match self.try_info() {
            Some(_) => true,
            None => {
                assert!(!self.log().contains("[FTL]"), "{}", self.log());
                false
            }
        });
    }

    /// Kills the process. The port and the configuration stay.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Kills the process, and starts another one on the same port.
    pub fn restart(&mut self) {
        self.kill();
        self.run();
    }

    /// Asks the server to send its clients away, as before an upgrade.
    pub fn lame_duck(&self) {
        self.signal("USR2");
    }

    /// Sends a signal, `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("the server runs").id();
        assert!(Command::new("kill").args([&format!("-{name}"), &*process.to_string()]).status().unwrap().success());
    }

    /// The URL for `servers`.
    pub fn url(&self) -> String {
        format!("nats://{}:{}", self.host, self.port)
    }

    /// The log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What the server says about itself when a client connects.
    pub fn info(&self) -> Value {
        self.try_info().expect("a server that listens says INFO")
    }

    fn try_info(&self) -> Option<Value> {
        let stream = TcpStream::connect((self.host.trim_matches(['[', ']']), self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        serde_json::from_str(line.strip_prefix("INFO ")?).ok()
    }

    /// The clients that are connected, as the server describes them.
    pub fn connections(&self) -> Vec<Value> {
        let said = Request::new("GET", "/connz?subs=true&auth=true").send(self.monitor).json();
        said["connections"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until so many clients are subscribed to a topic.
    pub fn wait_for_subscribers(&self, topic: &str, number: usize) {
        let is_subscribed = |client: &Value| {
            let all = client["subscriptions_list"].as_array();
            all.is_some_and(|all| all.iter().any(|subscription| subscription == topic))
        };
        let all = || self.connections().iter().filter(|client| is_subscribed(client)).count() >= number;
        wait_until(&format!("{number} subscribers of `{topic}`"), all);
    }

    /// The number of clients that the server closed because they read too slowly.
    pub fn slow_consumers(&self) -> u64 {
        Request::new("GET", "/varz").send(self.monitor).json()["slow_consumers"].as_u64().unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
