use alloc::{borrow::ToOwned, string::String};
use message::parse_decimal;

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// A name, or an address in text. An IPv6 address has no brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Server {
    /// Reads `HOST`, `HOST:PORT` or `[IPV6]:PORT`, with a scheme before and a path behind, which do not count. Returns
    /// none if there is no host or no valid port.
    #[must_use]
    pub fn parse(text: &str, default_port: u16) -> Option<Self> {
        // By characters: patterns of several would bring a search of a kilobyte into the part.
        let scheme = text.char_indices().find(|(at, _)| text.get(*at..).is_some_and(|rest| rest.starts_with("://")));
        let text = scheme.map_or(text, |(at, _)| text.get(at + 3..).unwrap_or_default());
        let (text, _) = text.split_once('/').unwrap_or((text, ""));
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':')?)),
            // Several colons without brackets are an IPv6 address without a port.
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (text, None),
            },
        };
        let port = match port {
            Some(port) => parse_decimal(port).and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0)?,
            None => default_port,
        };
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port })
    }
}
