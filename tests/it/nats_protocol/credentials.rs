//! How the client shows who it is. Errors never show a secret.

use super::{asking, options, written};
use broker::Error;
use nats::{Nats, Options};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A key from the documentation of NATS: a seed and its public key.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

/// `{"typ":"JWT","alg":"ed25519-nkey"}`, and what need not be valid here.
const JWT: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJuYW1lIjoidSJ9.c2ln-_";

fn credentials(jwt: &str, seed: &str) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         ************************* IMPORTANT *************************\n\
         NKEY Seed printed below can be used to sign and prove identity.\n\
         NKEYs are sensitive and should be treated as secrets.\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n\n\
         *************************************************************\n"
    )
}

/// Returns what the client says about itself to a server that says this.
fn connect(options: Options, info: &str) -> Value {
    let text = written(&mut asking(options, &format!("INFO {info}\r\n")));
    let (connect, rest) = text.split_once("\r\n").unwrap();
    assert_eq!(rest, "PING\r\n");
    serde_json::from_str(connect.strip_prefix("CONNECT ").unwrap()).unwrap()
}

const NONCE: &str = r#"{"headers":true,"nonce":"aN9-_x\u003d","auth_required":true}"#;

/// Returns whether a text is the signature of [`NONCE`] by [`SEED`].
fn is_signature(text: &Value) -> bool {
    let text = text.as_str().unwrap();
    assert!(text.len() == 86 && !text.contains(['+', '/', '=']), "{text}");
    let padded = text.replace('-', "+").replace('_', "/") + "==";
    let signature: [u8; 64] = base64::decode(&padded).unwrap().try_into().unwrap();
    let public: [u8; 32] = from_base32(PUBLIC)[1..33].try_into().unwrap();
    let public = salty::PublicKey::try_from(&public).unwrap();
    public.verify(b"aN9-_x=", &salty::Signature::from(&signature)).is_ok()
}

fn from_base32(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<usize> =
        text.chars().flat_map(|c| (0..5).rev().map(move |bit| digits.find(c).unwrap() >> bit & 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | *bit as u8)).collect()
}

/// Returns an error's text.
fn refused(options: Options) -> String {
    match Nats::new(options) {
        Err(Error::Other(text)) => text,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("the options are accepted"),
    }
}

#[test]
fn the_client_says_what_it_can() {
    let expected = json!({
        "verbose": false, "pedantic": false, "tls_required": false, "echo": true, "protocol": 1, "lang": "wasm",
        "version": env!("CARGO_PKG_VERSION"), "name": "test", "headers": true, "no_responders": true,
    });
    assert_eq!(connect(options(), r#"{"headers":true}"#), expected);
    // The second needs the first: a server without headers would refuse the client.
    let without = connect(options(), "{}");
    assert_eq!((&without["headers"], &without["no_responders"]), (&json!(false), &json!(false)));
}

#[test]
fn user_password_and_token_are_sent_as_they_are() {
    for evil in ["secret", "a\"b\\c", "\r\nPUB x 0\r\n", "\0\u{1f}\u{7f}é😀", "{}"] {
        let text = || Some(evil.to_owned());
        let said = connect(Options { user: text(), password: text(), ..options() }, NONCE);
        assert_eq!((&said["user"], &said["pass"]), (&json!(evil), &json!(evil)));
        assert_eq!((said.get("auth_token"), said.get("sig")), (None, None));
        assert_eq!(connect(Options { token: text(), name: evil.into(), ..options() }, NONCE)["auth_token"], evil);
        assert_eq!(connect(Options { name: evil.into(), ..options() }, NONCE)["name"], evil);
    }
    assert_eq!(connect(Options { user: Some("u".into()), ..options() }, NONCE)["user"], "u");
}

#[test]
fn empty_credentials_are_none() {
    let none = || Some(String::new());
    let empty =
        Options { user: none(), password: none(), token: none(), nkey_seed: none(), credentials: none(), ..options() };
    assert_eq!(connect(empty, NONCE), connect(options(), NONCE));
}

#[test]
fn an_nkey_signs_the_nonce() {
    for seed in [SEED.to_owned(), format!("{SEED}\n"), format!(" {SEED}\r\n")] {
        let said = connect(Options { nkey_seed: Some(seed.clone()), ..options() }, NONCE);
        assert_eq!(said["nkey"], PUBLIC);
        assert!(is_signature(&said["sig"]));
        assert_eq!(said.get("jwt"), None);
        assert!(!said.to_string().contains(SEED));
    }
    // A server that asks for no signature gets none.
    let said = connect(Options { nkey_seed: Some(SEED.into()), ..options() }, r#"{"headers":true}"#);
    assert_eq!((said["nkey"].as_str(), said.get("sig")), (Some(PUBLIC), None));
}

#[test]
fn a_credentials_file_signs_the_nonce() {
    let file = credentials(JWT, SEED);
    // Environments and shells change white space.
    for text in [file.clone(), file.replace('\n', "\r\n"), file.replace('\n', " "), format!("{JWT}\n{SEED}")] {
        let said = connect(Options { credentials: Some(text), ..options() }, NONCE);
        assert_eq!(said["jwt"], JWT);
        assert!(is_signature(&said["sig"]));
        assert_eq!(said.get("nkey"), None);
        assert!(!said.to_string().contains(SEED));
    }
}

#[test]
fn what_are_no_credentials_is_refused_and_not_shown() {
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(refused(Options { password: text("p"), ..options() }), "`password` is given without `user`");
    let both = Options { nkey_seed: text(SEED), credentials: text(&credentials(JWT, SEED)), ..options() };
    assert_eq!(refused(both), "`nkey-seed` and `credentials` are both given");
    let short = &SEED[..57];
    let changed = SEED.replace("UDXK", "UDXL");
    for seed in [
        "x",
        short,
        &changed,
        &SEED.to_lowercase(),
        PUBLIC,
        &format!("{SEED}A"),
        &format!("{SEED}======"),
        &format!("{SEED} {SEED}"),
        "é",
        // Of an account.
        "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI",
    ] {
        let expected = "`nkey-seed` is not the seed of a user (`SU…`)";
        assert_eq!(refused(Options { nkey_seed: text(seed), ..options() }), expected, "{seed}");
        let file = credentials(JWT, seed);
        if !seed.contains(' ') {
            let expected = "`credentials` has no valid seed of a user (`SU…`)";
            assert_eq!(refused(Options { credentials: text(&file), ..options() }), expected, "{seed}");
        }
    }
    for jwt in ["", "eyJ", "eyJ.a", "eyJ.a.b.c", "eyJ.a.\"", "abc.def.ghi"] {
        let expected = "`credentials` has no JWT: it is the text of a `.creds` file";
        assert_eq!(refused(Options { credentials: text(&credentials(jwt, SEED)), ..options() }), expected, "{jwt}");
    }
}

proptest! {
    #[test]
    fn no_credentials_make_the_client_panic(text in ".*|SU[A-Z2-7]{0,60}|eyJ[a-z.]{0,9}( S[A-Z2-7]{57})?") {
        let (seed, credentials) = (Some(text.clone()), Some(text));
        let _ = Nats::new(Options { nkey_seed: seed, ..options() });
        let _ = Nats::new(Options { credentials, ..options() });
    }

    /// A checksum tells a typing mistake.
    #[test]
    fn a_seed_with_one_other_character_is_refused(at in 0..58usize, to in "[A-Z2-7]") {
        let mut seed = SEED.to_owned();
        seed.replace_range(at..=at, &to);
        prop_assert_eq!(Nats::new(Options { nkey_seed: Some(seed.clone()), ..options() }).is_ok(), seed == SEED);
    }
}
