//! An HTTP client that sends any bytes, valid or not.

use crate::http::{
    PATIENCE,
    server::{Headers, line, rest},
};
use std::{
    io::{self, BufReader, ErrorKind, Write},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::Duration,
};

/// A request as bytes: a name or a value need not be text.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
    framing: Framing,
}

/// How the request states the end of its body.
#[derive(Debug, Clone, Copy)]
enum Framing {
    Length,
    /// A length, which may be wrong.
    Claimed(usize),
    Chunks,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: vec![], body: None, framing: Framing::Length }
    }

    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..Self::new("POST", target) }
    }

    pub fn with(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Claims that the body has this length, whatever its real one.
    pub fn claiming(mut self, length: usize) -> Self {
        self.framing = Framing::Claimed(length);
        self
    }

    /// Sends the body in chunks, without a length.
    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunks;
        self
    }

    /// Sends the request on a connection of its own.
    pub fn send(&self, port: u16) -> Response {
        Connection::open(port).exchange(self).unwrap_or_else(|| panic!("no answer to {} {}", self.method, self.target))
    }

    /// Sends the request. Returns `None` if the connection ends before the response is complete.
    pub fn try_send(&self, port: u16) -> Option<Response> {
        Connection::open(port).exchange(self)
    }

    fn head(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_slice(), b": ", value, b"\r\n"].concat());
        }
        let framing = match (self.framing, &self.body) {
            (_, None) => String::new(),
            (Framing::Length, Some(body)) => format!("content-length: {}\r\n", body.len()),
            (Framing::Claimed(length), Some(_)) => format!("content-length: {length}\r\n"),
            (Framing::Chunks, Some(_)) => "transfer-encoding: chunked\r\n".into(),
        };
        head.extend(framing.into_bytes());
        head.extend(b"\r\n");
        head
    }

    fn body(&self) -> Vec<u8> {
        let body = self.body.clone().unwrap_or_default();
        if !matches!(self.framing, Framing::Chunks) {
            return body;
        }
        let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
        body.chunks(4096).map(chunk).chain([chunk(&[])]).collect::<Vec<_>>().concat()
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The names are in lower case.
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Returns status and body, for comparing.
    pub fn summary(&self) -> (u16, String) {
        (self.status, self.text())
    }
}

/// A connection for several requests. Everything on it has a deadline.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    pub fn exchange(&mut self, request: &Request) -> Option<Response> {
        self.write(&request.head());
        self.write(&request.body());
        self.read()
    }

    /// Sends the request and closes the connection.
    pub fn send_only(mut self, request: &Request) {
        self.write(&request.head());
        self.write(&request.body());
    }

    /// Sends the body in pieces, with a pause before each.
    pub fn exchange_slowly(&mut self, request: &Request, pieces: usize, pause: Duration) -> Option<Response> {
        self.write(&request.head());
        let body = request.body();
        for piece in body.chunks(body.len().div_ceil(pieces).max(1)) {
            thread::sleep(pause);
            self.write(piece);
        }
        self.read()
    }

    /// Ignores errors: a server may respond and close before it has read everything.
    fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes);
    }

    /// Reads the next response. Returns `None` if the connection ends before the response is complete, and fails if it
    /// hangs.
    pub fn read(&mut self) -> Option<Response> {
        let read = self.try_read();
        if let Err(error) = &read {
            let late = matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock);
            assert!(!late, "no answer in {PATIENCE:?}");
        }
        read.ok()
    }

    fn try_read(&mut self) -> io::Result<Response> {
        let first = line(&mut self.0)?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(ErrorKind::InvalidData)?;
        let (headers, body) = rest(&mut self.0, status != 204)?;
        Ok(Response { status, headers, body })
    }
}
