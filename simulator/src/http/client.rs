//! Hostile clients, which send messages to the component.

use super::{
    peer::{LIMIT, Pace, send},
    wire::{Framing, Read, chunk, encoded, header, read, shown},
    world::{BUFFERS, Exchange, World, patiently},
};
use crate::dice::Dice;
use std::{cell::Cell, convert::Infallible, future::pending, time::Duration};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, WriteHalf, split},
    time::sleep,
};

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nothing wrong.
    Whole,
    /// Sends too slowly.
    Slow,
    /// Stops within the body, and stays.
    Silent,
    /// Stops within the head, and goes.
    CutHead,
    /// Stops within the body, and goes.
    CutBody,
    /// Sends more than it said.
    More,
    /// Says two lengths.
    TwoLengths,
    /// Says a length that is no number.
    BadLength,
    /// Sends a chunk without a size.
    BadChunk,
    /// Goes before there is a response.
    Gone,
    /// Reads too late.
    SlowReader,
    /// Sends what is not HTTP.
    Garbage,
    /// Sends a body without an end.
    Endless,
}

const FAULTS: [Fault; 13] = [
    Fault::Whole,
    Fault::Slow,
    Fault::Silent,
    Fault::CutHead,
    Fault::CutBody,
    Fault::More,
    Fault::TwoLengths,
    Fault::BadLength,
    Fault::BadChunk,
    Fault::Gone,
    Fault::SlowReader,
    Fault::Garbage,
    Fault::Endless,
];

/// Sends a message without any fault, and says what is wrong if it is not answered.
pub async fn fine(world: &mut World) -> Result<(), String> {
    let body = world.body(300);
    let bytes = request("echo", &header(Framing::Length(body.len())), &body);
    let (mut reading, mut writing) = split(world.open());
    send(&mut writing, &bytes, Pace::AtOnce, world.dice.clone()).await;
    match patiently(read(&mut reading)).await {
        Some(Some(read)) if read.status() == 200 && read.complete && read.body == body => Ok(()),
        other => Err(shown(other.flatten().as_ref())),
    }
}

/// Returns a request, whose body is encoded already.
pub fn request(topic: &str, header: &str, body: &[u8]) -> Vec<u8> {
    [format!("POST /{topic} HTTP/1.1\r\nhost: simulated\r\nx-to: to\r\n{header}\r\n").as_bytes(), body].concat()
}

/// Draws a client, and lets it send a message.
pub async fn exchange(world: &mut World) -> Exchange {
    let fault = world.dice.pick(&FAULTS);
    let mut body = world.body(if fault == Fault::Whole { 2 * LIMIT as u64 } else { 4_000 });
    body.push(b'.');
    let mut dice = Dice::new(world.dice.bits());
    let chunks = Framing::Chunks(usize::try_from(dice.between(50, 3_000)).unwrap_or(50));
    let framing = match fault {
        Fault::BadChunk => chunks,
        Fault::More => Framing::Length(dice.index(body.len())),
        _ if dice.chance(500_000) => chunks,
        _ => Framing::Length(body.len()),
    };
    let bytes = bytes(fault, framing, &body, &mut dice);
    let stream = world.open();
    let sent = Cell::new(0);
    let outcome = if fault == Fault::Gone {
        let mut stream = stream;
        sent.set(send(&mut stream, &bytes, Pace::draw(&mut dice), dice.clone()).await);
        None
    } else {
        let (mut reading, writing) = split(stream);
        let late = if fault == Fault::SlowReader { Duration::from_millis(2_500) } else { Duration::ZERO };
        let response = async {
            sleep(late).await;
            read(&mut reading).await
        };
        tokio::select! {
            biased;
            response = patiently(response) => match response {
                Some(response) => response,
                None => return hanging(fault, framing),
            },
            never = act(fault, writing, &bytes, &mut dice, &sent) => match never {},
        }
    };
    let broken = broken(fault, framing, &body, outcome.as_ref(), sent.get());
    let outcome = outcome.map_or("no response".to_owned(), |read| {
        format!("{}, {} bytes, complete: {}", read.status(), read.body.len(), read.complete)
    });
    Exchange { fault: format!("{fault:?} {framing:?} of {}", body.len()), outcome, broken }
}

fn hanging(fault: Fault, framing: Framing) -> Exchange {
    let broken = Some("it waits for ever".to_owned());
    Exchange { fault: format!("{fault:?} {framing:?}"), outcome: "nothing".to_owned(), broken }
}

/// Returns what the client sends first.
fn bytes(fault: Fault, framing: Framing, body: &[u8], dice: &mut Dice) -> Vec<u8> {
    // A message of which only a part comes must not be sent on.
    let is_cut = matches!(fault, Fault::CutBody | Fault::CutHead | Fault::Silent | Fault::BadChunk | Fault::Slow);
    let topic = if is_cut { dice.pick(&["echo", "forward", "ask"]) } else { "echo" };
    let encoded = encoded(body, framing);
    let whole = request(topic, &header(framing), &encoded);
    let head = whole.len() - encoded.len();
    match fault {
        Fault::CutHead => whole[..dice.index(head)].to_vec(),
        Fault::CutBody | Fault::Silent => whole[..head + dice.index(encoded.len())].to_vec(),
        Fault::TwoLengths => {
            let length = body.len();
            let lengths = format!("content-length: {length}\r\ncontent-length: {}\r\n", length - 1);
            request(topic, &lengths, body)
        }
        Fault::BadLength => {
            let length = dice.pick(&["-1", "abc", "1 2", "0x10", "99999999999999999999", "+5", "1,2", "1.0"]);
            request(topic, &format!("content-length: {length}\r\n"), body)
        }
        Fault::BadChunk => {
            let bad = dice.pick(&["zz\r\n", "\r\n", "-1\r\n", "5\n", "ffffffffffffffffff\r\n"]);
            request(topic, &header(framing), &[&chunk(body), bad.as_bytes(), body].concat())
        }
        Fault::Garbage => {
            let length = dice.between(1, 400);
            (0..length).map(|_| (dice.bits() & 0xff) as u8).collect()
        }
        Fault::Endless => request(topic, &header(Framing::Chunks(1)), b""),
        _ => whole,
    }
}

/// Does what the client does while it waits for a response. Does not return, because the response ends the exchange.
async fn act(
    fault: Fault,
    mut writing: WriteHalf<DuplexStream>,
    bytes: &[u8],
    dice: &mut Dice,
    sent: &Cell<usize>,
) -> Infallible {
    if fault == Fault::Slow {
        // The component sees the head at once, and waits for the body.
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
        send(&mut writing, &bytes[..head], Pace::AtOnce, dice.clone()).await;
        send(&mut writing, &bytes[head..], Pace::Within(Duration::from_mins(1)), dice.clone()).await;
    } else {
        send(&mut writing, bytes, Pace::draw(dice), dice.clone()).await;
    }
    match fault {
        Fault::CutHead | Fault::CutBody | Fault::Garbage | Fault::BadLength | Fault::BadChunk => {
            // If it fails, the other side is gone already.
            let _ = writing.shutdown().await;
        }
        Fault::Endless => {
            let piece = chunk(&[b'x'; 4_096]);
            while sent.get() < 100 * LIMIT && writing.write_all(&piece).await.is_ok() {
                sent.set(sent.get() + piece.len());
            }
        }
        _ => {}
    }
    pending().await
}

/// Says which rule an outcome breaks.
fn broken(fault: Fault, framing: Framing, body: &[u8], read: Option<&Read>, sent: usize) -> Option<String> {
    let status = read.map_or(0, Read::status);
    let replied = read.filter(|read| read.status() == 200 && read.complete).map(|read| read.body.as_slice());
    let announced = match framing {
        Framing::Length(length) => body.get(..length),
        _ => Some(body),
    };
    let is_right = match fault {
        Fault::Whole if body.len() > LIMIT => status == 413,
        Fault::Whole | Fault::More => replied == announced,
        Fault::Slow | Fault::Silent => status == 408,
        Fault::CutHead | Fault::Garbage | Fault::TwoLengths | Fault::BadLength | Fault::CutBody | Fault::BadChunk => {
            // All of a body may be there if only the end of its last chunk is missing.
            matches!(status, 0 | 400) || fault == Fault::CutBody && replied == Some(body)
        }
        Fault::Gone => true,
        // Too late for all of it, perhaps; but then it shows that it is a part.
        Fault::SlowReader => replied == Some(body) || read.is_some_and(|read| !read.complete),
        Fault::Endless => status == 413 && sent <= LIMIT + BUFFERS,
    };
    (!is_right).then(|| format!("{sent} bytes were sent, and came back: {}", shown(read)))
}
