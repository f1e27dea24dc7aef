//! Messages of HTTP/1.1 as bytes, right or wrong, and a strict reader of responses.

use tokio::io::{AsyncRead, AsyncReadExt};

/// How a message says where its body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By a length, which may be wrong.
    Length(usize),
    /// In chunks of this size.
    Chunks(usize),
    /// By the end of the connection.
    End,
}

/// Returns the header that a framing needs.
pub fn header(framing: Framing) -> String {
    match framing {
        Framing::Length(length) => format!("content-length: {length}\r\n"),
        Framing::Chunks(_) => "transfer-encoding: chunked\r\n".to_owned(),
        Framing::End => "connection: close\r\n".to_owned(),
    }
}

/// Returns a body as it is sent.
pub fn encoded(body: &[u8], framing: Framing) -> Vec<u8> {
    let Framing::Chunks(size) = framing else { return body.to_vec() };
    let chunks = body.chunks(size.max(1)).map(chunk);
    chunks.chain([b"0\r\n\r\n".to_vec()]).collect::<Vec<_>>().concat()
}

/// Returns a chunk.
pub fn chunk(data: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

/// A message as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// The first line and the headers, in lower case.
    pub head: String,
    /// The body, as far as it came.
    pub body: Vec<u8>,
    /// Whether all of it came.
    pub complete: bool,
}

impl Read {
    /// Returns the status of a response.
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// Returns the value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Returns a response for a message, cut short.
pub fn shown(read: Option<&Read>) -> String {
    let Some(Read { head, body, complete }) = read else { return "nothing".to_owned() };
    let text = String::from_utf8_lossy(&body[..body.len().min(200)]);
    format!("{}, {} bytes, complete: {complete}, {text:?}", head.lines().next().unwrap_or_default(), body.len())
}

/// Reads one message. Returns nothing if the connection ends before its head does.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Read> {
    let mut read = Read::default();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(byte(stream).await?);
    }
    read.head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let has_none = matches!(read.status(), 100..=199 | 204 | 304);
    read.complete = if read.value("transfer-encoding").is_some() {
        chunks(stream, &mut read.body).await.is_some()
    } else {
        let length = read.value("content-length").and_then(|length| length.parse().ok());
        let length = if has_none { 0 } else { length.unwrap_or(0) };
        exactly(stream, length, &mut read.body).await.is_some()
    };
    Some(read)
}

async fn chunks(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>) -> Option<()> {
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(byte(stream).await?);
        }
        let size = usize::from_str_radix(str::from_utf8(&line).ok()?.trim_end(), 16).ok()?;
        exactly(stream, size, body).await?;
        exactly(stream, 2, &mut Vec::new()).await?;
        if size == 0 {
            return Some(());
        }
    }
}

async fn exactly(stream: &mut (impl AsyncRead + Unpin), length: usize, to: &mut Vec<u8>) -> Option<()> {
    for _ in 0..length {
        to.push(byte(stream).await?);
    }
    Some(())
}

async fn byte(stream: &mut (impl AsyncRead + Unpin)) -> Option<u8> {
    stream.read_u8().await.ok()
}
