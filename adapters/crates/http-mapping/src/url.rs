//! URLs that messages are sent to: fills a template, and splits the result.

use crate::percent;
use alloc::string::String;

/// A URL, split into the pieces of an HTTP request.
#[derive(Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// True for `https`, false for `http`.
    pub secure: bool,
    /// Host and port.
    pub authority: &'a str,
    /// Path and query; may be empty, which means `/`.
    pub path: &'a str,
}

/// Splits a URL. Returns `None` if its scheme is not `http` or `https`, or if it has no host.
pub fn parse(url: &str) -> Option<Url<'_>> {
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    (!authority.is_empty()).then_some(Url { secure, authority, path })
}

/// Replaces `{base-url}`, `{topic}` and `{client}` in a template; the last two are percent-encoded.
///
/// Returns `None` if the template has another name in braces.
pub fn fill(template: &str, base: &str, topic: &str, client: &str) -> Option<String> {
    let mut url = String::new();
    let mut rest = template;
    while let Some(open) = rest.bytes().position(|byte| byte == b'{') {
        let (before, at) = rest.split_at(open);
        url.push_str(before);
        let close = at.bytes().position(|byte| byte == b'}').unwrap_or(at.len() - 1);
        let (name, after) = at.split_at(close + 1);
        match name {
            "{base-url}" => url.push_str(base),
            "{topic}" => url.push_str(&percent::encode(topic)),
            "{client}" => url.push_str(&percent::encode(client)),
            _ => return None,
        }
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}
