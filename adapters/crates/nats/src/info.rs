//! What the server says about itself.

use alloc::{string::String, vec::Vec};
use broker::Server;
use message::parse_decimal;

/// The facts of INFO that matter here.
#[derive(Debug, Default)]
pub struct Info {
    /// It takes headers.
    pub headers: bool,
    /// The maximum number of bytes of a message, with its headers; none if there is no limit.
    pub max_payload: Option<usize>,
    /// What a client signs to show that it has a key.
    pub nonce: Option<String>,
    /// It speaks TLS and nothing else.
    pub tls_required: bool,
    /// It will go away, and asks clients to leave.
    pub lame_duck: bool,
    /// Servers of the same cluster.
    pub servers: Vec<Server>,
}

impl Info {
    /// Reads INFO. Returns none if that is not a JSON object. Unknown members and those of other types do not count.
    pub fn read(text: &str) -> Option<Self> {
        let mut info = Self::default();
        json::object(text, |name, value| {
            let is_true = value == "true";
            match &*name {
                "headers" => info.headers = is_true,
                "max_payload" => info.max_payload = parse_decimal(value).and_then(|bytes| usize::try_from(bytes).ok()),
                "nonce" => info.nonce = json::string(value).filter(|nonce| !nonce.is_empty()),
                "tls_required" => info.tls_required = is_true,
                "ldm" => info.lame_duck = is_true,
                "connect_urls" if value.starts_with('[') => json::array(value, |url| {
                    let url = json::string(url).unwrap_or_default();
                    info.servers.extend(Server::parse(&url, crate::DEFAULT_PORT));
                    Some(())
                })?,
                _ => {}
            }
            Some(())
        })?;
        Some(info)
    }
}
