//! Hostile servers, which the component sends messages to.

use super::{
    client,
    network::{Fault, Script, State},
    peer::{LIMIT, Pace, send},
    wire::{Framing, Read, encoded, header, read, shown},
    world::{BUFFERS, Exchange, IN_TIME, World, patiently},
};
use crate::dice::Dice;
use tokio::{io::split, time::Instant};

const FAULTS: [Fault; 20] = [
    Fault::Whole,
    Fault::Interim,
    Fault::Refused,
    Fault::Closed,
    Fault::CutHead,
    Fault::CutBody,
    Fault::CutBody,
    Fault::SilentHead,
    Fault::SilentBody,
    Fault::Slow,
    Fault::More,
    Fault::Early,
    Fault::Garbage,
    Fault::ManyHeaders,
    Fault::Endless,
    Fault::Status(202),
    Fault::Status(403),
    Fault::Status(408),
    Fault::Status(304),
    Fault::Status(503),
];

/// Draws a server, and lets the guest send it a message.
pub async fn exchange(world: &mut World) -> Exchange {
    let fault = world.dice.pick(&FAULTS);
    let waits = world.dice.chance(600_000);
    let mut body = world.body(if matches!(fault, Fault::Whole | Fault::Interim) { 2 * LIMIT as u64 } else { 4_000 });
    body.push(b'.');
    let message = world.body(4_000);
    let mut dice = Dice::new(world.dice.bits());
    let chunks = Framing::Chunks(usize::try_from(dice.between(50, 3_000)).unwrap_or(50));
    let framing = match fault {
        Fault::More => Framing::Length(dice.index(body.len())),
        Fault::Whole | Fault::Interim if dice.chance(300_000) => Framing::End,
        _ if dice.chance(500_000) => chunks,
        _ => Framing::Length(body.len()),
    };
    let buffer = dice.pick(&[64, 1_000, 4_096, 65_536]);
    let bytes = bytes(fault, framing, &body, &mut dice);
    *world.servers.state() =
        State { script: Some(Script { fault, bytes, message: message.clone(), buffer, dice }), ..State::default() };

    let start = Instant::now();
    let topic = if waits { "ask" } else { "forward" };
    let request = client::request(topic, &header(Framing::Length(message.len())), &message);
    let (mut reading, mut writing) = split(world.open());
    send(&mut writing, &request, Pace::AtOnce, world.dice.clone()).await;
    let outcome = patiently(read(&mut reading)).await.flatten();
    let sent = world.servers.state().sent;
    let is_late = start.elapsed() > IN_TIME;
    let broken = broken(fault, framing, waits, &body, outcome.as_ref(), sent);
    let outcome =
        outcome.map_or("no response".to_owned(), |read| format!("{}, {} bytes", read.status(), read.body.len()));
    Exchange {
        fault: format!("{topic} {fault:?} {framing:?} of {}", body.len()),
        outcome,
        broken: broken.or(is_late.then(|| "it is late".to_owned())),
    }
}

/// Returns what the server sends.
fn bytes(fault: Fault, framing: Framing, body: &[u8], dice: &mut Dice) -> Vec<u8> {
    let response = |status: u16, header: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status} Simulated\r\ncontent-type: text/plain\r\n{header}\r\n");
        [head.as_bytes(), body].concat()
    };
    let encoded = encoded(body, framing);
    let whole = response(200, &header(framing), &encoded);
    let head = whole.len() - encoded.len();
    match fault {
        Fault::CutHead | Fault::SilentHead => whole[..dice.index(head)].to_vec(),
        Fault::CutBody | Fault::SilentBody => whole[..head + dice.index(encoded.len())].to_vec(),
        Fault::Interim => {
            let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1 + dice.index(4));
            [interim.as_bytes(), &whole].concat()
        }
        Fault::Garbage => {
            let length = dice.between(1, 400);
            (0..length).map(|_| (dice.bits() & 0xff) as u8).collect()
        }
        Fault::ManyHeaders => response(200, &("x-many: 1\r\n".repeat(5_000) + &header(framing)), &encoded),
        Fault::Endless => response(200, &header(Framing::Chunks(1)), b""),
        Fault::Status(status @ (204 | 304)) => response(status, "", b""),
        Fault::Status(status) => response(status, &header(framing), &encoded),
        _ => whole,
    }
}

/// Says which rule an outcome breaks. `waits` is whether the guest wants a reply.
fn broken(
    fault: Fault,
    framing: Framing,
    waits: bool,
    body: &[u8],
    read: Option<&Read>,
    sent: usize,
) -> Option<String> {
    let status = read.filter(|read| read.complete).map_or(0, Read::status);
    let replied = read.filter(|read| read.complete && read.status() == 200).map(|read| read.body.as_slice());
    let announced = match framing {
        Framing::Length(length) => body.get(..length),
        _ => Some(body),
    };
    // The guest has what it wants: a reply, or the knowledge that the message was taken.
    let is_taken = if waits { replied.is_some() && replied == announced } else { status == 204 };
    let is_right = match fault {
        Fault::Whole | Fault::Interim if waits && body.len() > LIMIT => status == 500,
        Fault::Whole | Fault::Interim => is_taken,
        Fault::Refused | Fault::Closed | Fault::CutHead | Fault::Garbage => status == 502,
        Fault::ManyHeaders => matches!(status, 500 | 502),
        // A message is taken by the head of the response. All of a body may be there if only the end of its last chunk
        // is missing. As on wasmtime, bytes that come at once with a response and do not belong to it break the connection.
        Fault::CutBody | Fault::More => status == 502 || is_taken,
        Fault::SilentHead | Fault::Status(408 | 504) => status == 504,
        Fault::SilentBody | Fault::Slow => status == 504 || is_taken,
        Fault::Early => matches!(status, 502 | 504) || is_taken,
        Fault::Endless => sent <= LIMIT + BUFFERS && if waits { status == 500 } else { status == 204 },
        Fault::Status(202 | 204) => status == if waits { 504 } else { 204 },
        Fault::Status(401 | 403) => status == 403,
        Fault::Status(_) => status == 500,
    };
    (!is_right).then(|| format!("{sent} bytes were sent, and came back: {}", shown(read)))
}
