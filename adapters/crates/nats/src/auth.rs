//! What the client says about itself, and how it shows who it is. No error quotes a secret.

use crate::{Options, info::Info};
use alloc::{string::String, vec::Vec};
use broker::Error;

/// What CONNECT begins with.
const START: &[u8] =
    b"CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"echo\":true,\"protocol\":1";

/// Credentials, ready to be sent.
pub struct Auth {
    /// What is the same in each CONNECT.
    start: Vec<u8>,
    /// Signs the nonce of the server.
    key: Option<salty::Keypair>,
}

/// The first byte of a seed, in the upper 5 bits of 8: `S`.
const SEED: u8 = 18;

/// What a seed or public key is for, likewise: `U`, a user.
const USER: u8 = 20;

/// The digits of base 32 (RFC 4648, section 6).
const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Auth {
    /// Takes the credentials from the options. Empty ones count as none.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let [user, password, token, seed, credentials] =
            [&options.user, &options.password, &options.token, &options.nkey_seed, &options.credentials]
                .map(|option| option.as_deref().unwrap_or(""));
        let (mut key, mut nkey, mut jwt) = (None, String::new(), "");
        let mut fault = "";
        if !password.is_empty() && user.is_empty() {
            fault = "`password` is given without `user`";
        } else if !seed.is_empty() && !credentials.is_empty() {
            fault = "`nkey-seed` and `credentials` are both given";
        } else if !seed.is_empty() {
            key = read_key(seed.trim_ascii());
            match &key {
                Some(key) => nkey = public(key),
                None => fault = "`nkey-seed` is not the seed of a user (`SU…`)",
            }
        } else if !credentials.is_empty() {
            jwt = credentials.split_ascii_whitespace().find(|word| is_jwt(word)).unwrap_or("");
            key = credentials.split_ascii_whitespace().find_map(read_key);
            if jwt.is_empty() {
                fault = "`credentials` has no JWT: it is the text of a `.creds` file";
            } else if key.is_none() {
                fault = "`credentials` has no valid seed of a user (`SU…`)";
            }
        }
        if !fault.is_empty() {
            return Err(Error::Other(fault.into()));
        }
        let mut start = START.to_vec();
        for (name, value) in [
            ("lang", "wasm"),
            ("version", env!("CARGO_PKG_VERSION")),
            ("name", &options.name),
            ("user", user),
            ("pass", password),
            ("auth_token", token),
            ("nkey", &nkey),
            ("jwt", jwt),
        ] {
            if !value.is_empty() {
                write_member(name, value, &mut start);
            }
        }
        Ok(Self { start, key })
    }

    /// Appends CONNECT. Without headers, a server cannot say that nobody took a request.
    pub fn write(&self, info: &Info, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start);
        if let (Some(key), Some(nonce)) = (&self.key, &info.nonce) {
            let mut signature = Vec::new();
            base64::encode_url(&key.sign(nonce.as_bytes()).to_bytes(), &mut signature);
            write_member("sig", core::str::from_utf8(&signature).unwrap_or_default(), out);
        }
        out.extend_from_slice(if info.headers {
            b",\"headers\":true,\"no_responders\":true}\r\n"
        } else {
            b",\"headers\":false,\"no_responders\":false}\r\n"
        });
    }
}

/// Appends a comma and a member of a JSON object.
fn write_member(name: &str, value: &str, out: &mut Vec<u8>) {
    out.push(b',');
    json::write_string(name, out);
    out.push(b':');
    json::write_string(value, out);
}

/// Returns whether a word can be a JSON Web Token: three parts, of which the first is the encoding of `{"`.
fn is_jwt(word: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    word.starts_with("eyJ") && word.split('.').count() == 3 && word.bytes().all(is_digit)
}

/// Reads the seed of a user: two bytes that say what it is, 32 bytes, and a checksum, in base 32.
fn read_key(seed: &str) -> Option<salty::Keypair> {
    let bytes = from_base32(seed)?;
    let [first, second, seed @ .., low, high] = bytes.as_slice() else { return None };
    let seed: &[u8; 32] = seed.try_into().ok()?;
    let is_user = [*first, *second] == [SEED << 3 | USER >> 2, USER << 6 >> 3 & 0xff];
    let sum = checksum(bytes.get(..34)?);
    (is_user && sum == [*low, *high]).then(|| salty::Keypair::from(seed))
}

/// Returns the public key in the form of NATS: `U…`.
fn public(key: &salty::Keypair) -> String {
    let mut bytes = Vec::from([USER << 3]);
    bytes.extend_from_slice(key.public.as_bytes());
    bytes.extend_from_slice(&checksum(&bytes));
    // 35 bytes are 56 digits, so no bits are left.
    bytes
        .chunks(5)
        .flat_map(|chunk| {
            let group = chunk.iter().fold(0u64, |group, byte| group << 8 | u64::from(*byte));
            (0..8).map(move |digit| char::from(DIGITS[(group >> (35 - 5 * digit) & 31) as usize]))
        })
        .collect()
}

/// Decodes base 32 without padding.
fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut group, mut bits) = (0u32, 0);
    for digit in text.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        group = group << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((group >> bits) as u8);
        }
    }
    (bits < 5 && group & ((1 << bits) - 1) == 0).then_some(bytes)
}

/// CRC-16/XMODEM, the lower byte first.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum = bytes.iter().fold(0u16, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { 0x1021 })
    });
    sum.to_le_bytes()
}
