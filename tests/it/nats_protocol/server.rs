//! What the server says about itself and about the client.

use super::{ENTROPY, INFO, asking, complaints, connection, denied, open, open_to, options, plain, written};
use broker::{Error, Server, Session};
use nats::Nats;

#[test]
fn an_info_that_is_no_object_ends_the_connection() {
    for info in ["", "{", "[]", "1", "{\"headers\"}", "{\"connect_urls\":[1,]}", "{} {}"] {
        let mut nats = Nats::new(options()).unwrap();
        nats.begin(ENTROPY);
        let result = nats.receive(format!("INFO {info}\r\n").as_bytes());
        assert_eq!(result, Err(connection("the server's INFO is not JSON")), "{info}");
    }
}

#[test]
fn members_of_info_with_other_types_do_not_count() {
    let mut nats = asking(
        options(),
        "INFO {\"headers\":1,\"max_payload\":-1,\"nonce\":7,\"connect_urls\":null,\"ldm\":\"true\",\"tls_required\":0}\r\n",
    );
    assert_eq!(nats.others(), []);
    assert!(!nats.is_leaving() && !nats.is_open());
}

#[test]
fn a_ping_is_answered() {
    let mut nats = open();
    assert_eq!(nats.receive(b"PING\r\nPi"), Ok(()));
    assert_eq!(written(&mut nats), "PONG\r\n");
    assert_eq!(nats.receive(b"nG\r\n+OK\r\n"), Ok(()));
    assert_eq!(written(&mut nats), "PONG\r\n");
}

#[test]
fn a_sign_of_life_is_due_until_all_pings_are_answered() {
    let mut nats = open();
    nats.ping();
    nats.publish("a", &plain("x")).unwrap();
    assert_eq!(written(&mut nats), "PING\r\nPUB a 1\r\nx\r\nPING\r\n");
    assert_eq!(nats.receive(b"PONG\r\n"), Ok(()));
    assert!(nats.is_pinging());
    assert_eq!(nats.receive(b"PONG\r\nPONG\r\n"), Ok(()));
    assert!(!nats.is_pinging());
    nats.ping();
    assert!(nats.is_pinging());
}

#[test]
fn other_servers_of_the_cluster_are_named_once() {
    let info = |urls: &str| format!("INFO {{\"headers\":true,\"connect_urls\":[{urls}]}}\r\n");
    let server = |host: &str, port| Server { host: host.into(), port };
    let mut nats = open_to(&info(r#""10.0.0.1:4223","[fe80::1]:4224","","host",":1","a:0",7,"10.0.0.1:4223""#));
    assert_eq!(nats.others(), [server("10.0.0.1", 4223), server("fe80::1", 4224), server("host", 4222)]);
    assert_eq!(nats.receive(info(r#""10.0.0.2:1","host""#).as_bytes()), Ok(()));
    assert_eq!(nats.others(), [server("10.0.0.2", 1)]);
    nats.begin(ENTROPY);
    assert_eq!(nats.receive(info(r#""10.0.0.2:1""#).as_bytes()), Ok(()));
    assert_eq!(nats.others(), []);
}

#[test]
fn no_more_servers_are_kept_than_a_cluster_has() {
    let mut nats = open();
    for start in 0..10 {
        let urls: Vec<_> = (0..100).map(|at| format!("\"h{}\"", start * 100 + at)).collect();
        assert_eq!(nats.receive(format!("INFO {{\"connect_urls\":[{}]}}\r\n", urls.join(",")).as_bytes()), Ok(()));
    }
    assert_eq!(nats.others().len(), 256);
}

#[test]
fn a_lame_duck_asks_to_be_left() {
    let mut nats = open();
    assert!(!nats.is_leaving());
    assert_eq!(nats.receive(b"INFO {\"headers\":true,\"ldm\":true}\r\n"), Ok(()));
    assert!(nats.is_leaving() && nats.is_open());
    assert_eq!(written(&mut nats), "", "CONNECT is sent once");
    nats.begin(ENTROPY);
    assert!(!nats.is_leaving());
}

#[test]
fn a_server_that_requires_tls_is_refused_before_credentials_are_sent() {
    let mut nats = Nats::new(options()).unwrap();
    nats.begin(ENTROPY);
    let error = nats.receive(b"INFO {\"headers\":true,\"tls_required\":true}\r\n").unwrap_err();
    assert!(matches!(&error, Error::Connection(text) if text.contains("TLS, which this adapter does not speak")));
    assert_eq!(written(&mut nats), "");
}

#[test]
fn errors_about_who_the_client_is_are_permission_denied() {
    for text in [
        "Authorization Violation",
        "authorization violation",
        "Authentication Timeout",
        "Authentication Expired",
        "Account Authentication Expired",
        "User Authentication Expired",
        "User Authentication Revoked",
    ] {
        let mut nats = asking(options(), INFO);
        let result = nats.receive(format!("-ERR '{text}'\r\n").as_bytes());
        assert_eq!(result, Err(denied(&format!("the server says: {text}"))));
        assert!(!nats.is_open());
    }
}

#[test]
fn other_errors_end_the_connection() {
    for text in [
        "Stale Connection",
        "Slow Consumer",
        "Maximum Connections Exceeded",
        "maximum subscriptions exceeded",
        "Maximum Payload Violation",
        "Maximum Control Line Exceeded",
        "Unknown Protocol Operation",
        "Parser Error",
        "Invalid Client Protocol",
        "Server Shutdown",
        "",
    ] {
        let result = open().receive(format!("-ERR '{text}'\r\n").as_bytes());
        assert_eq!(result, Err(connection(&format!("the server says: {text}"))));
    }
    let mut nats = open();
    assert_eq!(nats.receive(b"-ERR 'Invalid Publish Subject'\r\n"), Ok(()));
    assert_eq!(complaints(&mut nats), ["the server says: Invalid Publish Subject"]);
}

#[test]
fn complaints_are_bounded_and_one_line_each() {
    let mut nats = open();
    for _ in 0..1000 {
        assert_eq!(nats.receive(b"-ERR 'Permissions Violation for Publish to \"\x1b[2J\rx\"'\r\n"), Ok(()));
    }
    let complaints = complaints(&mut nats);
    assert_eq!(complaints.len(), 32);
    assert!(complaints.iter().all(|text| !text.contains(char::is_control)), "{complaints:?}");
    let long = format!("-ERR '{}'\r\n", "x".repeat(60_000));
    let error = nats.receive(long.as_bytes()).unwrap_err();
    assert!(matches!(&error, Error::Connection(text) if text.len() < 300));
}
