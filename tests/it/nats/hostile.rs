//! Servers that say what no server should: each time there is an error in time, or a clear end, and never a trap.

use crate::nats::{
    courier,
    fake::{Fake, INFO, Peer, headed, message},
    worker::{Host, Worker},
};
use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Long enough for whatever has a timeout of its own, and shorter than a test would take that hangs.
const DEADLINE: Duration = Duration::from_secs(60);
/// The time between two bytes of a slow server.
const PAUSE: Duration = Duration::from_millis(3);

type Script = fn(&mut Peer) -> Option<()>;

/// What happens at the beginning. None of it lets the client in.
const BEGINNINGS: &[(&str, Script)] = &[
    ("closes at once", |_| None),
    ("says nothing", Peer::wait_for_the_end),
    ("HTTP", |peer| peer.say("HTTP/1.1 400 Bad Request\r\n\r\n").and_then(|()| peer.wait_for_the_end())),
    ("zeros", |peer| peer.say(vec![0; 100_000])),
    ("all bytes", |peer| peer.say((0..=255).collect::<Vec<u8>>()).and_then(|()| peer.wait_for_the_end())),
    ("a line without an end", |peer| {
        (0..1000).try_for_each(|_| peer.say(vec![b'x'; 100_000]))?;
        peer.wait_for_the_end()
    }),
    ("INFO that is no JSON", |peer| peer.say("INFO {\"a\r\n").and_then(|()| peer.wait_for_the_end())),
    ("INFO without an object", |peer| peer.say("INFO 7\r\n").and_then(|()| peer.wait_for_the_end())),
    ("INFO that nests deeply", |peer| {
        peer.say(format!("INFO {{\"a\":{}\r\n", "[".repeat(3_000)))?;
        peer.wait_for_the_end()
    }),
    ("half of INFO", |peer| peer.say(&INFO[..60])),
    ("INFO, and then nothing", |peer| peer.say(format!("{INFO}\r\n")).and_then(|()| peer.silent())),
    ("INFO that comes too slowly", |peer| peer.say_slowly(format!("{INFO}\r\n"), Duration::from_millis(40))),
    ("closes after CONNECT", |peer| {
        peer.say(format!("{INFO}\r\n"))?;
        peer.next().and(None)
    }),
    ("an error after CONNECT", |peer| {
        peer.say(format!("{INFO}\r\n"))?;
        peer.next()?;
        peer.say("-ERR 'Authorization Violation'\r\n")
    }),
    ("an error in place of INFO", |peer| peer.say("-ERR 'maximum connections exceeded'\r\n")),
    ("a message before PONG", |peer| {
        peer.say(format!("{INFO}\r\nMSG echo 1 back 2\r\nhi\r\nMSG"))?;
        peer.wait_for_the_end()
    }),
];

/// What happens once the client is subscribed to `echo` by the number in the second parameter.
type Deed = fn(&mut Peer, &str) -> Option<()>;

/// These end the connection, from one side or the other, or do no harm. The worker goes on either way.
const DEEDS: &[(&str, Deed)] = &[
    ("closes", |_, _| None),
    ("garbage", |peer, _| peer.say("\u{0}\u{1} what is this\r\n\r\n").and_then(|()| peer.wait_for_the_end())),
    ("an unknown verb", |peer, _| peer.say("HELLO 1 2 3\r\n").and_then(|()| peer.wait_for_the_end())),
    ("a word without a line", |peer, _| {
        (0..100).try_for_each(|_| peer.say(vec![b'x'; 100_000]))?;
        peer.wait_for_the_end()
    }),
    ("half a message", |peer, sid| peer.say(format!("MSG echo {sid} back 5\r\nhel"))),
    ("half a line", |peer, sid| peer.say(format!("MSG echo {sid} ba"))),
    ("a length too short", |peer, sid| bad(peer, &format!("MSG echo {sid} back 2\r\nhello\r\n"))),
    ("a length too long", |peer, sid| bad(peer, &format!("MSG echo {sid} back 50\r\nhello\r\n"))),
    ("a length over all limits", |peer, sid| bad(peer, &format!("MSG echo {sid} back 99999999999999999999\r\nhi\r\n"))),
    ("a length of 4 GB", |peer, sid| bad(peer, &format!("MSG echo {sid} back 4294967295\r\nhi\r\n"))),
    ("a length that is negative", |peer, sid| bad(peer, &format!("MSG echo {sid} back -1\r\nhi\r\n"))),
    ("a length that is none", |peer, sid| bad(peer, &format!("MSG echo {sid} back x\r\nhi\r\n"))),
    ("no length", |peer, _| bad(peer, "MSG echo\r\nhi\r\n")),
    ("too many words", |peer, sid| bad(peer, &format!("MSG echo {sid} a b c 2\r\nhi\r\n"))),
    ("headers longer than all", |peer, sid| bad(peer, &format!("HMSG echo {sid} back 99 12\r\nNATS/1.0\r\n\r\n\r\n"))),
    ("headers of no length", |peer, sid| bad(peer, &format!("HMSG echo {sid} back 0 2\r\nhi\r\n"))),
    ("headers of no version", |peer, sid| peer.say(headed("echo", sid, Some("x.y"), "what", b"hi"))),
    ("headers without a colon", |peer, sid| {
        peer.say(headed("echo", sid, Some("x.y"), "NATS/1.0\r\nno colon", b"hi"))?;
        peer.say(headed("echo", sid, Some("x.y"), "NATS/1.0\r\n: no name", b"hi"))
    }),
    ("headers that are no text", |peer, sid| {
        let head = b"NATS/1.0\r\nx-a: \xff\xfe\r\n\r\n";
        peer.say(format!("HMSG echo {sid} x.y {} {}\r\n", head.len(), head.len()))?;
        peer.say([head, &b"\r\n"[..]].concat())
    }),
    ("a status where none belongs", |peer, sid| peer.say(headed("echo", sid, None, "NATS/1.0 503", b""))),
    ("a topic that is no text", |peer, sid| {
        peer.say([b"MSG \xff\xfe ", sid.as_bytes(), b" 2\r\nhi\r\n"].concat())?;
        peer.say("PING\r\n")
    }),
    ("a subscription that is none", |peer, _| peer.say(message("echo", "98765", Some("x.y"), b"hi"))),
    ("a subscription that is no number", |peer, _| bad(peer, "MSG echo one back 2\r\nhi\r\n")),
    ("replies to wildcards", |peer, sid| {
        for reply in ["*", "a.>", "a..b", ".", "$SYS.REQ.SERVER.PING", "$JS.API.STREAM.DELETE.x"] {
            peer.say(message("echo", sid, Some(reply), b"hi"))?;
        }
        peer.echo(sid)
    }),
    ("a message over the limit", |peer, sid| {
        peer.say(format!("MSG echo {sid} back 20000000\r\n"))?;
        (0..20).try_for_each(|_| peer.say(vec![b'x'; 1_000_000]))?;
        peer.say("\r\n")
    }),
    ("an error that is none of ours", |peer, _| peer.say("-ERR 'Something New'\r\n")),
    ("an error without an end", |peer, _| peer.say("-ERR 'Stale Conn").and(None)),
    ("a stale connection", |peer, _| peer.say("-ERR 'Stale Connection'\r\n").and(None)),
    ("INFO of another kind", |peer, sid| {
        peer.say("INFO {}\r\nINFO {\"max_payload\":-5,\"connect_urls\":[7,\"\",\"x y\",\"[::\"]}\r\n+OK\r\n")?;
        peer.echo(sid)
    }),
    ("pings and pongs", |peer, sid| {
        peer.say("PING\r\nPONG\r\nping\r\npong\r\nPONG\r\n".repeat(1000))?;
        peer.echo(sid)
    }),
    ("a byte at a time", |peer, sid| {
        peer.say_slowly(headed("echo", sid, Some("back"), "NATS/1.0\r\nx-a: b", b"hello"), PAUSE)?;
        peer.wait_for("back").map(drop)
    }),
];

/// Says something that cannot be understood.
fn bad(peer: &mut Peer, text: &str) -> Option<()> {
    peer.say(text)?;
    peer.wait_for_the_end()
}

impl Peer {
    /// Reads, and says nothing, not even to pings.
    fn silent(&mut self) -> Option<()> {
        self.wait_for_the_end()
    }
}

#[test]
fn a_beginning_that_goes_wrong_ends_the_program_with_a_reason() {
    let mut failures = Vec::new();
    // All at once: most of them wait for a timeout.
    let started: Vec<_> = BEGINNINGS
        .iter()
        .map(|(what, script)| {
            let fake = Fake::start(*script);
            let options = [("connect-timeout-ms", "1500"), ("max-reconnects", "1")];
            (what, Worker::start(&courier(&fake.url(), &options)), fake)
        })
        .collect();
    for (what, worker, fake) in started {
        let start = Instant::now();
        let ended = worker.ended();
        let has_reason = ended.said.iter().any(|line| !line.trim().is_empty());
        if ended.code != 1 || ended.has_trapped() || !has_reason || start.elapsed() > DEADLINE {
            failures.push(format!("{what}, {} connections: {ended:#?}", fake.connections()));
        }
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

/// One worker meets them one after another: on each connection something goes wrong, and on the next one it answers.
#[test]
fn whatever_comes_the_worker_goes_on() {
    goes_on(Host::Wasmtime);
    goes_on(Host::Jco);
}

fn goes_on(host: Host) {
    let (sender, answered) = mpsc::channel();
    let fake = Fake::start(move |peer| {
        let sid = peer.welcome("echo")?;
        // Every message is answered, on a connection that has seen nothing bad yet.
        peer.echo(&sid)?;
        let _ = sender.send(peer.number);
        let Some((_, deed)) = DEEDS.get(peer.number) else { return peer.wait_for_the_end() };
        deed(peer, &sid)?;
        // What did no harm does not stop it from answering.
        peer.echo(&sid)
    });
    let options = [("max-reconnects", "0"), ("keep-alive-ms", "500"), ("subscribe", "echo")];
    let mut worker = Worker::on(host, &courier(&fake.url(), &options), &[]);
    let mut seen = 0;
    while seen <= DEEDS.len() {
        match answered.recv_timeout(DEADLINE) {
            Ok(number) => seen = number + 1,
            Err(_) => {
                let last = if seen == 0 { "the beginning" } else { DEEDS[seen - 1].0 };
                panic!("{host}: after `{last}` it does not go on (runs: {}): {:#?}", worker.is_well(), worker.said());
            }
        }
    }
    thread::sleep(PAUSE);
    assert!(worker.is_well(), "{:#?}", worker.said());
}

/// What a request to `prices` meets. The third parameter is its reply subject; the results may be any of these.
type Answer = fn(&mut Peer, &str, &str) -> Option<()>;
const ANSWERS: &[(&str, Answer, &[&str])] = &[
    ("nothing", |_, _, _| Some(()), &["timeout"]),
    ("closes", |_, _, _| None, LOST),
    ("garbage", |peer, _, _| bad(peer, "what?\r\n"), &["the server does not speak the protocol of NATS: `what?`"]),
    ("half a reply", |peer, sid, to| peer.say(format!("MSG {to} {sid} 5\r\nhe")).and(None), LOST),
    ("a reply", |peer, sid, to| peer.say(message(to, sid, None, b"hello")), &["ok"]),
    ("a reply in pieces", |peer, sid, to| peer.say_slowly(message(to, sid, None, b"hi"), PAUSE), &["ok"]),
    (
        "no responders",
        |peer, sid, to| peer.say(headed(to, sid, None, "NATS/1.0 503", b"")),
        &["no responders for `prices`"],
    ),
    ("another status", |peer, sid, to| peer.say(headed(to, sid, None, "NATS/1.0 408 Late", b"")), &["timeout"]),
    (
        "a status and a word",
        |peer, sid, to| peer.say(headed(to, sid, None, "NATS/1.0 999999", b"")),
        &["timeout", "ok"],
    ),
    ("a reply to another", |peer, sid, to| peer.say(message(&format!("{to}9"), sid, None, b"hi")), &["timeout"]),
    ("a reply to nothing", to_nothing, &["timeout"]),
    ("a huge reply", huge, &["the answer of `prices` has more bytes than a message may have"]),
    (
        "an error",
        |peer, _, _| peer.say("-ERR 'Permissions Violation for Publish to \"prices\"'\r\n"),
        &["permission denied: the server says: "],
    ),
    (
        "expired",
        |peer, _, _| peer.say("-ERR 'User Authentication Expired'\r\n").and(None),
        &["permission denied: the server says: "],
    ),
];

const LOST: &[&str] = &["the connection was lost"];

fn to_nothing(peer: &mut Peer, sid: &str, to: &str) -> Option<()> {
    let inbox = to.rsplit_once('.')?.0;
    let topics = [format!("{inbox}."), inbox.to_owned(), format!("{inbox}.{}", "9".repeat(40)), "else".to_owned()];
    topics.iter().try_for_each(|topic| peer.say(message(topic, sid, None, b"hi")))
}

fn huge(peer: &mut Peer, sid: &str, to: &str) -> Option<()> {
    peer.say(format!("MSG {to} {sid} 20000000\r\n"))?;
    (0..20).try_for_each(|_| peer.say(vec![b'x'; 1_000_000]))?;
    peer.say("\r\n")
}

#[test]
fn whatever_answers_a_request_it_ends_in_time() {
    let mut failures = Vec::new();
    let started: Vec<_> = ANSWERS
        .iter()
        .map(|(what, answer, expected)| {
            let (sender, result) = mpsc::channel();
            let fake = Fake::start(move |peer| {
                let sid = peer.welcome("ask")?;
                if peer.number == 0 {
                    let head = "NATS/1.0\r\nx-to: prices\r\nx-timeout-ms: 1500";
                    peer.say(headed("ask", &sid, Some("result"), head, b"?"))?;
                    let asked = peer.wait_for("prices")?;
                    let inbox = peer.subscriptions.last()?.1.clone();
                    answer(peer, &inbox, asked.reply()?)?;
                }
                let _ = sender.send(peer.wait_for("result")?);
                None
            });
            let options = [("subscribe", "ask"), ("max-reconnects", "0"), ("connect-timeout-ms", "5000")];
            (what, expected, Worker::start(&courier(&fake.url(), &options)), fake, result)
        })
        .collect();
    for (what, expected, mut worker, _fake, result) in started {
        let start = Instant::now();
        // The guest replies with each reply that it got, or fails with the error.
        let failed = "the handler failed on `ask`: ";
        let found = loop {
            let line = worker.said().into_iter().find_map(|line| Some(line.split_once(failed)?.1.to_owned()));
            match line.or_else(|| result.try_recv().ok().map(|_| "ok".to_owned())) {
                Some(found) => break found,
                None if start.elapsed() > DEADLINE => break "nothing".to_owned(),
                None => thread::sleep(PAUSE),
            }
        };
        if !expected.iter().any(|expected| found.starts_with(expected)) || !worker.is_well() {
            failures.push(format!("{what}: `{found}`, not {expected:?}: {:#?}", worker.said()));
        }
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}
