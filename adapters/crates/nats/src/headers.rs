//! The headers of a message: `NATS/1.0`, lines of `NAME: VALUE`, and an empty line.

use crate::text::{about, after};
use alloc::vec::Vec;
use broker::Error;
use message::{
    Content,
    metadata::{self, Repeated},
    parse_decimal,
};

const VERSION: &str = "NATS/1.0";

const CONTENT_TYPE: &str = "Content-Type";

/// What an entry of metadata takes in memory besides its text. Without it, many short headers would take a multiple of
/// the bytes that a message may have.
pub const ENTRY: usize = 64;

const MALFORMED: &str = "has malformed headers";

/// Reads headers into `content`. One space after the colon belongs to the syntax, all others to the value. Values of the
/// same name are joined. Returns the status, such as 503 if nobody took a request; messages of applications have none.
/// Fails if the entries would take more than `most` bytes.
pub fn read(block: &[u8], most: usize, content: &mut Content) -> Result<Option<u64>, &'static str> {
    let text = core::str::from_utf8(block).map_err(|_| MALFORMED)?;
    let entries = text.bytes().filter(|byte| *byte == b'\n').count().saturating_sub(2);
    if entries.saturating_mul(ENTRY).saturating_add(block.len()) > most {
        return Err("has more bytes than a message may have");
    }
    entry_lines(text, content).ok_or(MALFORMED)
}

fn entry_lines(text: &str, content: &mut Content) -> Option<Option<u64>> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let code = lines.next()?.strip_suffix('\r')?.strip_prefix(VERSION)?;
    let status = match code.strip_prefix(' ') {
        Some(code) => Some(parse_decimal(code.trim_ascii_start().split(' ').next()?)?),
        None if code.is_empty() => None,
        None => return None,
    };
    let mut is_at_end = false;
    for line in lines {
        let line = line.strip_suffix('\r').filter(|_| !is_at_end)?;
        if line.is_empty() {
            is_at_end = true;
            continue;
        }
        let (name, value) = line.split_once(':')?;
        if !is_name(name) || !is_value(value) {
            return None;
        }
        let value = value.strip_prefix(' ').unwrap_or(value);
        if !name.eq_ignore_ascii_case(CONTENT_TYPE) {
            content.metadata.push((name.into(), value.into()));
        } else if content.content_type.is_none() {
            content.content_type = Some(value.into());
        }
    }
    metadata::unite(&mut content.metadata, Repeated::Joined);
    is_at_end.then_some(status)
}

/// Returns whether a message is sent with headers.
pub fn needed(content: &Content) -> bool {
    content.content_type.is_some() || !content.metadata.is_empty()
}

/// Returns all headers of a message in order.
fn all(content: &Content) -> impl Iterator<Item = (&str, &str)> {
    let content_type = content.content_type.iter().map(|value| (CONTENT_TYPE, value.as_str()));
    content_type.chain(content.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Checks that content type and metadata can be headers.
pub fn check(content: &Content) -> Result<(), Error> {
    if content.content_type.as_deref().is_some_and(|value| !is_value(value)) {
        return Err(Error::Other("the content type has a line break or a NUL".into()));
    }
    for (name, value) in &content.metadata {
        let fault = if !is_name(name) {
            "` cannot be the name of a NATS header: these are printable ASCII without spaces and colons"
        } else if after(name, "Nats-").is_some() {
            "` is reserved by NATS"
        } else if name.eq_ignore_ascii_case(CONTENT_TYPE) {
            "` is the content type of the message, and not metadata"
        } else if !is_value(value) {
            "` has a value with a line break or a NUL"
        } else {
            continue;
        };
        return Err(Error::Other(about("metadata `", name, fault)));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

fn is_value(value: &str) -> bool {
    !value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Returns how many bytes [`write`] appends.
pub fn size(content: &Content) -> usize {
    VERSION.len() + 4 + all(content).map(|(name, value)| name.len() + value.len() + 4).sum::<usize>()
}

/// Appends the headers of a message.
pub fn write(content: &Content, out: &mut Vec<u8>) {
    let mut push = |pieces: [&str; 4]| pieces.iter().for_each(|piece| out.extend_from_slice(piece.as_bytes()));
    push([VERSION, "\r\n", "", ""]);
    for (name, value) in all(content) {
        push([name, ": ", value, "\r\n"]);
    }
    push(["\r\n", "", "", ""]);
}
