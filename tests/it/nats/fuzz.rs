//! Servers that say almost the right thing: operations with bytes changed, left out or doubled, in pieces of any length.

use crate::nats::{
    courier,
    fake::{Fake, INFO, Peer, headed, message},
    proxy::Random,
    wait_until,
    worker::Worker,
};
use std::sync::mpsc;

/// So many connections go wrong before one is honest.
const ROUNDS: usize = 60;

/// So many operations are said on each.
const OPERATIONS: usize = 100;

/// Returns an operation that a server may say.
fn operation(random: &mut Random, sid: &str) -> Vec<u8> {
    let data = vec![b'x'; random.below(60)];
    let reply = [None, Some("back"), Some("a.b.c")][random.below(3)];
    let heads =
        ["NATS/1.0", "NATS/1.0\r\nx-a: b\r\nContent-Type: text/plain", "NATS/1.0 503", "NATS/1.0 100 Idle\r\nx: y"];
    match random.below(8) {
        0 | 1 => message("echo", sid, reply, &data),
        2 | 3 => headed("echo", sid, reply, heads[random.below(heads.len())], &data),
        4 => b"PING\r\n".to_vec(),
        5 => b"PONG\r\n+OK\r\n".to_vec(),
        6 => format!("{INFO}\r\n").into_bytes(),
        _ => b"-ERR 'Invalid Subject'\r\n".to_vec(),
    }
}

/// Changes an operation in one place, or in none.
fn changed(random: &mut Random, mut bytes: Vec<u8>) -> Vec<u8> {
    let place = random.below(bytes.len());
    match random.below(12) {
        0 => bytes[place] ^= 1 << random.below(8),
        1 => drop(bytes.remove(place)),
        2 => bytes.insert(place, b" \r\n\0\t0-9{}\"\\:\xff"[random.below(14)]),
        3 => bytes.truncate(place),
        4 => bytes.extend(bytes.clone()),
        5 => bytes.insert(place, b'0' + u8::try_from(random.below(10)).unwrap()),
        _ => {}
    }
    bytes
}

fn talk(peer: &mut Peer, sid: &str) -> Option<()> {
    let mut random = Random::new(peer.number as u64 + 1);
    let mut all = Vec::new();
    for _ in 0..OPERATIONS {
        let operation = operation(&mut random, sid);
        all.extend(changed(&mut random, operation));
    }
    let mut rest = &all[..];
    while !rest.is_empty() {
        let (piece, others) = rest.split_at(1 + random.below(rest.len().min(200)));
        peer.say(piece)?;
        rest = others;
    }
    Some(())
}

#[test]
fn almost_nats_never_traps() {
    let (sender, finished) = mpsc::channel();
    let fake = Fake::start(move |peer| {
        let sid = peer.welcome("echo")?;
        // The first is honest until the worker is in: it would end if it could not begin.
        if peer.number == 0 || peer.number >= ROUNDS {
            peer.echo(&sid)?;
        }
        if peer.number < ROUNDS {
            return talk(peer, &sid);
        }
        let _ = sender.send(());
        peer.wait_for_the_end()
    });
    let options = [("subscribe", "echo"), ("max-reconnects", "0"), ("connect-timeout-ms", "2000")];
    let mut worker = Worker::start(&courier(&fake.url(), &options));
    wait_until("the honest connection", || {
        assert!(worker.is_well(), "{} connections: {:#?}", fake.connections(), worker.said());
        finished.try_recv().is_ok()
    });
}
