//! An HTTP/1.1 server on a free local port that does whatever a script says, valid or not.

use crate::http::{PATIENCE, wait_until};
use socket2::SockRef;
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// A request as received.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    pub target: String,
    /// In their order, with names in lower case.
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// Names and values. The readers turn names to lower case.
pub type Headers = Vec<(String, String)>;

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// An answer to a request. Every connection carries one.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A status, headers and a body.
    Reply(u16, Headers, Vec<u8>),
    /// Bytes, sent one by one with a pause.
    Slowly(Vec<u8>, Duration),
    /// A body of this many bytes.
    Huge(usize),
    /// Half of the announced body, and then a reset.
    ResetMidBody,
    /// Half of the announced body, and then a normal end.
    EndMidBody,
    /// A reset without an answer.
    Reset,
    /// A normal end without an answer.
    Close,
    /// Bytes that are not HTTP.
    Garbage,
    /// No answer, as long as the other side waits.
    Never,
    /// The same. The number is one less when the other side has gone.
    Until(Arc<AtomicUsize>),
}

impl Answer {
    pub fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, content_type, body)
    }

    pub fn status(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Reply(status, vec![], body.into()).with("content-type", content_type)
    }

    /// Returns an answer with a status and nothing else.
    pub fn empty(status: u16) -> Self {
        Self::Reply(status, vec![], vec![])
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Reply(_, headers, _) = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }
}

/// The server. It runs until the process ends.
pub struct Server {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts a server that calls `script` for the answer to each request.
    pub fn start(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::<Mutex<Vec<_>>>::default();
        let (script, log) = (Arc::new(script), received.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, log) = (script.clone(), log.clone());
                thread::spawn(move || serve(stream, &*script, &log));
            }
        });
        Self { port, received }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Takes the requests for a path, which must be exactly one.
    pub fn only(&self, path: &str) -> Received {
        let mut found = self.take(path);
        assert_eq!(found.len(), 1, "requests for `{path}`: {found:?}");
        found.remove(0)
    }

    /// Takes all requests for a path.
    pub fn take(&self, path: &str) -> Vec<Received> {
        self.received.lock().unwrap().extract_if(.., |request| request.target == path).collect()
    }

    /// Waits for a request for a path, and takes it.
    pub fn wait(&self, path: &str) -> Received {
        let is = |request: &Received| request.target == path;
        wait_until(&format!("a message for `{path}`"), || self.received.lock().unwrap().iter().any(is));
        let mut received = self.received.lock().unwrap();
        let first = received.iter().position(is).unwrap();
        received.remove(first)
    }
}

/// Returns a port that nobody listens on, another one at each call.
///
/// It lies below those that systems give to whoever asks for any (from 32,768 on Linux), so that no test that runs beside
/// has it before the program does for which it was asked.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    // Test programs that run at once start at different ports.
    let start = std::process::id().wrapping_mul(127);
    let ports = (0..COUNT).map(|_| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT + FIRST);
    ports.map(|port| u16::try_from(port).unwrap()).find(free).expect("a port is free")
}

/// Serves one connection. Its errors are left for the other side to notice.
fn serve(stream: TcpStream, script: &dyn Fn(&Received) -> Answer, log: &Mutex<Vec<Received>>) {
    stream.set_nodelay(true).unwrap();
    let Ok(request) = read(&stream) else { return };
    let answer = script(&request);
    log.lock().unwrap().push(request);
    let _ = act(&stream, answer);
}

fn act(mut stream: &TcpStream, answer: Answer) -> io::Result<()> {
    match answer {
        Answer::Reply(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
            // These have neither a body nor a length.
            if status != 204 && status != 304 {
                head.push_str(&format!("content-length: {}\r\n", body.len()));
            }
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat())
        }
        Answer::Slowly(body, pause) => {
            stream.write_all(promise(body.len()).as_bytes())?;
            body.iter().try_for_each(|byte| {
                thread::sleep(pause);
                stream.write_all(&[*byte])
            })
        }
        Answer::Huge(size) => {
            stream.write_all(promise(size).as_bytes())?;
            let chunk = vec![b'x'; 1 << 20];
            (0..size.div_ceil(chunk.len()))
                .try_for_each(|done| stream.write_all(&chunk[..chunk.len().min(size - done * chunk.len())]))
        }
        Answer::ResetMidBody | Answer::EndMidBody => {
            stream.write_all(format!("{}half", promise(8)).as_bytes())?;
            // A reset discards data in transit, so let the head arrive first.
            thread::sleep(Duration::from_millis(100));
            if matches!(answer, Answer::ResetMidBody) { reset(stream) } else { Ok(()) }
        }
        Answer::Reset => reset(stream),
        Answer::Close => Ok(()),
        Answer::Garbage => stream.write_all(b"\x00\x01 this is not HTTP\r\n\r\n"),
        Answer::Never => wait_for_the_end(stream),
        Answer::Until(waiting) => {
            let ended = wait_for_the_end(stream);
            waiting.fetch_sub(1, Ordering::SeqCst);
            ended
        }
    }
}

fn promise(length: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n")
}

/// Makes closing the stream send a reset.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

fn wait_for_the_end(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.read(&mut [0]).map(drop)
}

/// Reads a complete request, with its body by length or in chunks.
fn read(stream: &TcpStream) -> io::Result<Received> {
    let mut reader = BufReader::new(stream);
    let first = line(&mut reader)?;
    let words: Vec<&str> = first.split(' ').collect();
    let [method, target, _] = words[..] else { return Err(bad(&first)) };
    let (headers, body) = rest(&mut reader, false)?;
    Ok(Received { method: method.into(), target: target.into(), headers, body })
}

/// Reads headers and body. Without a length, the body may continue to the end of the connection. Names are in lower
/// case.
pub fn rest(reader: &mut impl BufRead, to_the_end: bool) -> io::Result<(Headers, Vec<u8>)> {
    let (mut headers, mut body) = (Vec::new(), Vec::new());
    while let Some((name, value)) = line(reader)?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    if header("transfer-encoding").is_some() {
        while let size @ 1.. = usize::from_str_radix(&line(reader)?, 16).map_err(|_| bad("a chunk"))? {
            exactly(reader, size, &mut body)?;
            line(reader)?;
        }
        line(reader)?;
    } else if let Some(length) = header("content-length") {
        exactly(reader, length.parse().map_err(|_| bad(length))?, &mut body)?;
    } else if to_the_end {
        reader.read_to_end(&mut body)?;
    }
    Ok((headers, body))
}

/// Reads one line, without its end.
pub fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    match reader.read_until(b'\n', &mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
    }
}

fn exactly(reader: &mut impl BufRead, size: usize, body: &mut Vec<u8>) -> io::Result<()> {
    let start = body.len();
    body.resize(start + size, 0);
    reader.read_exact(&mut body[start..])
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {what}"))
}
