//! A scripted server: it says whatever a test wants, valid or not.

use crate::nats::PATIENCE;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What an honest server says first.
pub const INFO: &str = r#"INFO {"server_id":"fake","server_name":"fake","version":"2.15.1","proto":1,"go":"none","host":"127.0.0.1","port":4222,"headers":true,"max_payload":1048576,"client_id":1}"#;

/// The server. It runs until the process ends.
pub struct Fake {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    /// Starts a server that plays a script on each connection, in a thread of its own.
    pub fn start(script: impl Fn(&mut Peer) -> Option<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (script, connections) = (Arc::new(script), Arc::<AtomicUsize>::default());
        let counter = connections.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let script = script.clone();
                thread::spawn(move || {
                    let mut peer = Peer::new(stream, number);
                    let _ = script(&mut peer);
                    peer.close();
                });
            }
        });
        Self { port, connections }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// What a client says.
#[derive(Debug, Clone)]
pub struct Said {
    /// The first line, in words.
    pub words: Vec<String>,
    /// The headers and the data of `PUB` and `HPUB`.
    pub payload: Vec<u8>,
}

impl Said {
    pub fn is(&self, verb: &str) -> bool {
        self.words.first().is_some_and(|word| word.eq_ignore_ascii_case(verb))
    }

    /// Returns whether a message is sent to this topic.
    pub fn is_to(&self, topic: &str) -> bool {
        (self.is("PUB") || self.is("HPUB")) && self.words[1] == topic
    }

    /// Returns the reply subject of a message.
    pub fn reply(&self) -> Option<&str> {
        let plain = if self.is("PUB") { 3 } else { 4 };
        (self.words.len() > plain).then(|| self.words[2].as_str())
    }
}

/// The other side of a connection. Its functions return `None` when that has gone.
pub struct Peer {
    /// How many connections came before.
    pub number: usize,
    /// The subscriptions: subject and number.
    pub subscriptions: Vec<(String, String)>,
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Peer {
    fn new(stream: TcpStream, number: usize) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { number, subscriptions: vec![], stream, reader }
    }

    /// Sends bytes.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.stream.write_all(bytes.as_ref()).ok()
    }

    /// Sends bytes one by one.
    pub fn say_slowly(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> Option<()> {
        for byte in bytes.as_ref() {
            thread::sleep(pause);
            self.say([*byte])?;
        }
        Some(())
    }

    /// Ends the connection.
    pub fn close(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Waits until the other side ends the connection.
    pub fn wait_for_the_end(&mut self) -> Option<()> {
        let mut rest = [0; 4096];
        while self.reader.read(&mut rest).ok()? > 0 {}
        None
    }

    /// Reads what the client says next. Pings are answered.
    pub fn next(&mut self) -> Option<Said> {
        loop {
            let said = self.read()?;
            if said.is("SUB") {
                self.subscriptions.push((said.words[1].clone(), said.words.last()?.clone()));
            }
            if !said.is("PING") {
                return Some(said);
            }
            self.say("PONG\r\n")?;
        }
    }

    fn read(&mut self) -> Option<Said> {
        let mut line = String::new();
        if self.reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let words: Vec<_> = line.split_ascii_whitespace().map(String::from).collect();
        let mut said = Said { words, payload: vec![] };
        if said.is("PUB") || said.is("HPUB") {
            let length: usize = said.words.last()?.parse().ok()?;
            said.payload = vec![0; length + 2];
            self.reader.read_exact(&mut said.payload).ok()?;
            assert_eq!(said.payload.split_off(length), b"\r\n", "{said:?}");
        }
        Some(said)
    }

    /// Plays an honest server until the client is subscribed to a topic, and returns the number of the subscription.
    pub fn welcome(&mut self, topic: &str) -> Option<String> {
        self.say(format!("{INFO} \r\n"))?;
        self.subscription(topic)
    }

    /// Waits until the client is subscribed to a topic, and returns the number of the subscription.
    pub fn subscription(&mut self, topic: &str) -> Option<String> {
        loop {
            if let Some((_, number)) = self.subscriptions.iter().find(|(subject, _)| subject == topic) {
                return Some(number.clone());
            }
            self.next()?;
        }
    }

    /// Waits for a message to a topic.
    pub fn wait_for(&mut self, topic: &str) -> Option<Said> {
        loop {
            let said = self.next()?;
            if said.is_to(topic) {
                return Some(said);
            }
        }
    }

    /// Delivers a message to `echo`, and waits until it is answered.
    pub fn echo(&mut self, subscription: &str) -> Option<()> {
        self.say(message("echo", subscription, Some("back"), b"hello"))?;
        // Others may have been on their way.
        while self.wait_for("back")?.payload != b"hello" {}
        Some(())
    }
}

/// A message without headers, as a server sends it.
pub fn message(topic: &str, subscription: &str, reply: Option<&str>, data: &[u8]) -> Vec<u8> {
    let reply = reply.map(|reply| format!(" {reply}")).unwrap_or_default();
    let line = format!("MSG {topic} {subscription}{reply} {}\r\n", data.len());
    [line.as_bytes(), data, b"\r\n"].concat()
}

/// A message with headers. `head` is the line with the version, perhaps a status, and each header on a line.
pub fn headed(topic: &str, subscription: &str, reply: Option<&str>, head: &str, data: &[u8]) -> Vec<u8> {
    let reply = reply.map(|reply| format!(" {reply}")).unwrap_or_default();
    let (head, all) = (format!("{head}\r\n\r\n"), head.len() + 4 + data.len());
    let line = format!("HMSG {topic} {subscription}{reply} {} {all}\r\n", head.len());
    [line.as_bytes(), head.as_bytes(), data, b"\r\n"].concat()
}
