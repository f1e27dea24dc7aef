//! Keys as NATS writes them (nkeys), and the tokens (JWT) that say who trusts whom.
//!
//! An operator signs accounts, an account signs users, and a server trusts the operator.

use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What a key is for; its number stands in its text.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    Operator = 14 << 3,
    Account = 0,
    User = 20 << 3,
}

/// A pair of keys.
pub struct Key {
    role: Role,
    secret: [u8; 32],
}

impl Key {
    /// Returns a key. The same number gives the same key.
    pub fn new(role: Role, number: u8) -> Self {
        Self { role, secret: [number; 32] }
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.secret).unwrap()
    }

    /// The public key: `U…` of a user.
    pub fn public(&self) -> String {
        checked(&[&[self.role as u8], self.pair().public_key().as_ref()].concat())
    }

    /// The secret: `SU…` of a user.
    pub fn seed(&self) -> String {
        const SEED: u8 = 18 << 3;
        let role = self.role as u8;
        checked(&[&[SEED | role >> 5, (role & 31) << 3][..], &self.secret].concat())
    }

    /// Signs what is said about another key, or about this one.
    fn token(&self, about: &Key, expires: Option<u64>, mut nats: Value) -> String {
        nats["version"] = json!(2);
        let mut claims = json!({"jti": "none", "iat": 1_700_000_000, "iss": self.public(), "name": "test",
            "sub": about.public(), "nats": nats});
        if let Some(expires) = expires {
            claims["exp"] = json!(expires);
        }
        let head = json!({"typ": "JWT", "alg": "ed25519-nkey"});
        let text = [head, claims].map(|part| encoded(part.to_string().as_bytes(), BASE64_URL)).join(".");
        let signature = self.pair().sign(text.as_bytes());
        format!("{text}.{}", encoded(signature.as_ref(), BASE64_URL))
    }
}

/// An operator with one account.
pub struct Operator {
    operator: Key,
    account: Key,
}

impl Operator {
    pub fn new() -> Self {
        Self { operator: Key::new(Role::Operator, 1), account: Key::new(Role::Account, 2) }
    }

    /// The configuration of a server that trusts the operator.
    pub fn configuration(&self) -> String {
        let limits = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
            "conn": -1, "leaf": -1});
        let operator = self.operator.token(&self.operator, None, json!({"type": "operator"}));
        let account = self.operator.token(&self.account, None, json!({"type": "account", "limits": limits}));
        let preload = format!("resolver_preload {{ {}: \"{account}\" }}", self.account.public());
        format!("operator: \"{operator}\"\nresolver: MEMORY\n{preload}")
    }

    /// The text of a `.creds` file for a user of the account, perhaps with a time (in seconds) at which it ends.
    pub fn credentials(&self, user: &Key, expires: Option<u64>) -> String {
        let may = json!({"type": "user", "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1});
        let token = self.account.token(user, expires, may);
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             ************************* IMPORTANT *************************\n\
             NKEY Seed printed below can be used to sign and prove identity.\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n\n\
             *************************************************************\n",
            user.seed()
        )
    }
}

/// Writes bytes and their checksum (CRC-16/XMODEM).
fn checked(bytes: &[u8]) -> String {
    let checksum = bytes.iter().fold(0_u16, |sum, byte| {
        let shift = |sum: u16, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
        (0..8).fold(sum ^ u16::from(*byte) << 8, shift)
    });
    encoded(&[bytes, &checksum.to_le_bytes()].concat(), BASE32)
}

/// Writes bytes with an alphabet of 32 or 64 letters, without padding.
fn encoded(bytes: &[u8], alphabet: &[u8]) -> String {
    let width = alphabet.len().ilog2();
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    let mut letter = |index: u32| text.push(char::from(alphabet[index as usize % alphabet.len()]));
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= width {
            bits -= width;
            letter(held >> bits);
        }
    }
    if bits > 0 {
        letter(held << (width - bits));
    }
    text
}
