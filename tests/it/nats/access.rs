//! Who may connect, by every kind of identity, and what one may do there.

use crate::{
    nats::{
        compose, courier,
        fake::{Fake, INFO},
        keys::{Key, Operator, Role},
        native::{Message, Native},
        server::NatsServer,
        worker::{Ended, Host, Worker},
    },
    support::fixture,
};
use async_nats::ConnectOptions;
use std::time::{SystemTime, UNIX_EPOCH};

/// A server with users of all kinds, and a native client of it.
fn server_with_users() -> (NatsServer, Native, Key) {
    let key = Key::new(Role::User, 7);
    let users = format!(
        "{{ user: native, password: n }}, {{ user: plain, password: \"p'a ss\\\"w\\\\ord\" }}, {{ nkey: {} }},
         {{ user: narrow, password: x, permissions: {{
            publish: {{ allow: [\"_INBOX.>\", \"open.>\"], deny: \"open.not.>\" }},
            subscribe: {{ allow: [\"echo\", \"ask\", \"outcome\", \"_INBOX.>\"] }} }} }},
         {{ user: mute, password: x, permissions: {{
            publish: {{ allow: [\"_INBOX.>\", \"open.>\"] }}, subscribe: {{ allow: \"outcome\" }} }} }}",
        key.public()
    );
    let server = NatsServer::with(&format!("authorization {{ users: [{users}] }}"));
    let options = ConnectOptions::with_user_and_password("native".into(), "n".into());
    let native = Native::connect_with(&server.url(), options);
    (server, native, key)
}

fn answers(server: &NatsServer, native: &Native, options: &[(&str, &str)]) {
    let worker = Worker::start(&courier(&server.url(), options));
    server.wait_for_subscribers("echo", 1);
    assert_eq!(native.ask(&Message::new("echo", "in")).text(), "in", "{:?}", worker.said());
}

fn is_refused(servers: &str, options: &[(&str, &str)]) -> Ended {
    let ended = Worker::start(&courier(servers, options)).ended();
    ended.expect(1);
    ended
}

#[test]
fn user_and_password_and_keys_open_the_door() {
    let (server, native, key) = server_with_users();
    answers(&server, &native, &[("user", "plain"), ("password", "p'a ss\"w\\ord")]);
    answers(&server, &native, &[("nkey-seed", &key.seed())]);
}

#[test]
fn a_token_opens_the_door() {
    let server = NatsServer::with("authorization { token: \"a token\" }");
    let native = Native::connect_with(&server.url(), ConnectOptions::with_token("a token".into()));
    answers(&server, &native, &[("token", "a token")]);
    for options in [&[("token", "another")][..], &[]] {
        let ended = is_refused(&server.url(), options);
        assert!(ended.says("Authorization Violation"), "{ended:#?}");
    }
}

#[test]
fn what_is_wrong_is_refused_with_a_reason() {
    let (server, _, _) = server_with_users();
    let seed = Key::new(Role::User, 8).seed();
    for options in
        [&[("user", "plain"), ("password", "wrong")][..], &[("nkey-seed", &seed)], &[("user", "nobody")], &[]]
    {
        let ended = is_refused(&server.url(), options);
        assert!(ended.says("Authorization Violation"), "{options:?}: {ended:#?}");
        let secrets = ["wrong", &*seed];
        assert!(!secrets.iter().any(|secret| ended.says(secret)), "a secret is said: {ended:#?}");
    }
}

/// Whoever has such credentials cannot be asked by a native client without them, so another guest asks.
#[test]
fn credentials_open_the_door() {
    let operator = Operator::new();
    let server = NatsServer::with(&operator.configuration());
    let right = operator.credentials(&Key::new(Role::User, 9), None);
    let worker = Worker::start(&courier(&server.url(), &[("credentials", &right)]));
    server.wait_for_subscribers("echo", 1);
    let pacer = compose(fixture("pacer"), &[("servers", &server.url()), ("credentials", &right)]);
    Worker::on(Host::Wasmtime, &pacer, &["echo", "10", "64"]).ended().expect(0);
    drop(worker);

    let expired = operator.credentials(&Key::new(Role::User, 10), Some(1_700_000_000));
    let ended = is_refused(&server.url(), &[("credentials", &expired)]);
    assert!(ended.says("Authorization Violation") || ended.says("Expired"), "{ended:#?}");
    let own = right.replace(&Key::new(Role::User, 9).seed(), &Key::new(Role::User, 11).seed());
    let ended = is_refused(&server.url(), &[("credentials", &own)]);
    assert!(ended.says("Authorization Violation"), "{ended:#?}");
}

/// Credentials that end in mid-life end the worker: it would not be let in again.
#[test]
fn credentials_that_expire_end_the_worker() {
    let operator = Operator::new();
    let server = NatsServer::with(&operator.configuration());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let short = operator.credentials(&Key::new(Role::User, 9), Some(now + 4));
    let mut worker = Worker::start(&courier(&server.url(), &[("credentials", &short)]));
    server.wait_for_subscribers("echo", 1);
    assert!(worker.is_well());
    let ended = worker.ended();
    assert!(ended.expect(1).says("permission denied: the server says: User Authentication Expired"), "{ended:#?}");
    assert!(ended.says("handled 0"), "{ended:#?}");
}

/// The connection of a client by name is another one, with another identity.
#[test]
fn each_client_has_its_own_identity() {
    let (server, native, key) = server_with_users();
    let seed = key.seed();
    let options = [
        ("user", "plain"),
        ("password", "p'a ss\"w\\ord"),
        ("client.other.servers", &*server.url()),
        ("client.other.nkey-seed", &seed),
        ("client.wrong.servers", &server.url()),
        ("client.wrong.user", "plain"),
        ("client.wrong.password", "wrong"),
        ("client.nobody.servers", "nats://127.0.0.1:1"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let options: Vec<_> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut worker = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("outcome", 1);
    native.respond("prices", |asked| vec![Message::new("", asked.data.clone())]);
    for (client, expected) in [
        ("default", "ok 1"),
        ("other", "ok 1"),
        ("unnamed", "ok 1"),
        ("wrong", "permission-denied: "),
        ("nobody", "connection: "),
        ("other", "ok 1"),
    ] {
        for how in ["request", "send"] {
            let message = Message::new("outcome", "?").with("x-client", client).with("x-how", how);
            let outcome = native.ask(&message).text();
            let expected = if how == "send" { expected.replace('1', "0") } else { expected.to_owned() };
            assert!(outcome.starts_with(&expected), "{how} by {client}: {outcome}");
        }
    }
    let users = server.connections();
    let by = |user: &str| users.iter().filter(|client| client["authorized_user"] == user).count();
    // Who has no servers of its own shares the connection.
    assert_eq!((by("plain"), by(&key.public())), (1, 1), "{users:#?}");
    assert!(worker.is_well(), "{:#?}", worker.said());
}

#[test]
fn what_a_user_must_not_do_is_permission_denied() {
    let (server, native, _) = server_with_users();
    let options = [("user", "narrow"), ("password", "x"), ("subscribe", "outcome,echo")];
    let mut worker = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("outcome", 1);
    native.respond("open.>", |_| vec![Message::new("", "yes")]);
    native.respond("closed", |_| vec![Message::new("", "yes")]);
    let ask =
        |to: &str, how: &str| native.ask(&Message::new("outcome", "?").with("x-to", to).with("x-how", how)).text();
    assert_eq!(ask("open.door", "request"), "ok 1");
    for to in ["closed", "open.not.this"] {
        let outcome = ask(to, "request");
        assert!(outcome.starts_with("permission-denied: ") && outcome.contains(to), "{outcome}");
        // The server says it later, to nobody in particular.
        assert_eq!(ask(to, "send"), "ok 0");
    }
    worker.wait_to_say("Permissions Violation");
    assert_eq!(ask("open.door", "request"), "ok 1");
    assert!(worker.is_well());
}

#[test]
fn without_the_right_to_an_inbox_there_are_no_requests() {
    let (server, native, _) = server_with_users();
    let options = [("user", "mute"), ("password", "x"), ("subscribe", "outcome"), ("default-timeout-ms", "10000")];
    let _worker = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("outcome", 1);
    native.respond("open.door", |_| vec![Message::new("", "yes")]);
    for _ in 0..2 {
        let outcome = native.ask(&Message::new("outcome", "?").with("x-to", "open.door")).text();
        assert!(outcome.starts_with("permission-denied: "), "{outcome}");
    }
    let outcome = native.ask(&Message::new("outcome", "?").with("x-to", "open.door").with("x-how", "send")).text();
    assert_eq!(outcome, "ok 0");
}

#[test]
fn a_topic_that_the_worker_must_not_have_ends_it() {
    let (server, _, _) = server_with_users();
    let ended = is_refused(&server.url(), &[("user", "narrow"), ("password", "x"), ("subscribe", "echo,secret")]);
    assert!(ended.says("Permissions Violation") && ended.says("secret"), "{ended:#?}");
}

#[test]
fn a_server_that_requires_tls_is_refused_with_the_way_out() {
    let fake = Fake::start(|peer| {
        peer.say(format!("{} \r\n", INFO.replace("\"headers\"", "\"tls_required\":true,\"headers\"")))?;
        peer.wait_for_the_end()
    });
    let ended = is_refused(&fake.url(), &[("connect-timeout-ms", "2000")]);
    assert!(ended.says("the server requires TLS, which this adapter does not speak"), "{ended:#?}");
}
