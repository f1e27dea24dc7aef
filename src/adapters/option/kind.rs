//! What the value of an option must look like.

use crate::{adapters::template::Template, common::quote::quoted};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a value must look like. A value is text; each type brings it into one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OptionType {
    /// Any text without control characters.
    Text,
    /// A topic: not empty, without wildcards and control characters.
    Topic,
    /// Patterns of topics, separated by commas.
    TopicPatterns,
    /// A metadata key.
    Key,
    /// A metadata key; empty for none.
    OptionalKey,
    /// Metadata keys, separated by commas.
    Keys,
    /// A part of a key in a key-value store.
    StoreKey,
    /// An absolute URL of `http` or `https`: host, perhaps a port and a path.
    Url,
    /// A URL with names in braces that are filled in.
    UrlTemplate {
        /// The names.
        placeholders: Vec<String>,
    },
    /// The start of an absolute path, up to a slash.
    Path,
    /// The name of an HTTP header.
    Header,
    /// The name of an HTTP header; empty for none.
    OptionalHeader,
    /// The start of names of HTTP headers; empty for all.
    HeaderPrefix,
    /// Pairs `PUBSUB/TOPIC`, separated by commas.
    Subscriptions,
    /// A decimal number in a range.
    Number {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// One of a few words.
    Choice {
        /// The words.
        values: Vec<String>,
    },
}

impl OptionType {
    /// Brings a value into its one form, or says what is wrong with it: a predicate, as in "is not a number".
    pub fn parse(&self, value: &str) -> Result<String, String> {
        match self {
            OptionType::Text => plain(value).map(str::to_owned),
            OptionType::Topic => topic(value).map(str::to_owned),
            OptionType::TopicPatterns => list(value, pattern),
            OptionType::Key | OptionType::Header if value.is_empty() => Err("is empty".into()),
            OptionType::Key | OptionType::OptionalKey => {
                if value.contains(',') || value.contains(char::is_whitespace) {
                    return Err("is not one metadata key".into());
                }
                plain(value).map(str::to_owned)
            }
            OptionType::Keys => list(value, plain),
            OptionType::StoreKey => match value.chars().find(|c| !c.is_ascii_alphanumeric() && !"/_.=-".contains(*c)) {
                Some(c) => Err(format!("has a character {c:?}; a key holds only A-Z a-z 0-9 / _ . = -")),
                None => Ok(value.to_owned()),
            },
            OptionType::Url => url(value),
            OptionType::UrlTemplate { placeholders } => url_template(value, placeholders),
            OptionType::Path => path(value),
            OptionType::Header | OptionType::OptionalHeader | OptionType::HeaderPrefix => header(value),
            OptionType::Subscriptions => list(value, subscription),
            OptionType::Number { min, max } => match value.parse::<u64>() {
                Ok(number) if (*min..=*max).contains(&number) => Ok(number.to_string()),
                _ => Err(format!("is not a number from {min} to {max}")),
            },
            OptionType::Choice { values } if values.iter().any(|known| known == value) => Ok(value.to_owned()),
            OptionType::Choice { values } => Err(format!("is none of {}", quoted(values, ", "))),
        }
    }
}

impl fmt::Display for OptionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionType::Text => f.write_str("text"),
            OptionType::Topic => f.write_str("topic"),
            OptionType::TopicPatterns => f.write_str("topic patterns"),
            OptionType::Key => f.write_str("metadata key"),
            OptionType::OptionalKey => f.write_str("metadata key, or empty"),
            OptionType::Keys => f.write_str("metadata keys"),
            OptionType::StoreKey => f.write_str("text of A-Z a-z 0-9 / _ . = -"),
            OptionType::Url => f.write_str("URL"),
            OptionType::UrlTemplate { placeholders } => {
                let names: Vec<_> = placeholders.iter().map(|name| format!("{{{name}}}")).collect();
                write!(f, "URL with {}", names.join(", "))
            }
            OptionType::Path => f.write_str("path"),
            OptionType::Header => f.write_str("header"),
            OptionType::OptionalHeader => f.write_str("header, or empty"),
            OptionType::HeaderPrefix => f.write_str("start of a header, or empty"),
            OptionType::Subscriptions => f.write_str("PUBSUB/TOPIC, …"),
            OptionType::Number { min, max } => write!(f, "number, {min} to {max}"),
            OptionType::Choice { values } => f.write_str(&values.join(" | ")),
        }
    }
}

fn plain(value: &str) -> Result<&str, String> {
    if value.chars().any(char::is_control) {
        return Err("has a control character".into());
    }
    Ok(value)
}

fn topic(value: &str) -> Result<&str, String> {
    if value.is_empty() {
        return Err("is empty".into());
    }
    if let Some(c) = value.chars().find(|c| "*>#+".contains(*c) || c.is_whitespace()) {
        return Err(format!("has a character {c:?}, which a single topic cannot have"));
    }
    plain(value)
}

fn pattern(value: &str) -> Result<&str, String> {
    let inner = value.strip_suffix('>').unwrap_or(value);
    if let Some(c) = inner.chars().find(|c| ">#+".contains(*c) || c.is_whitespace()) {
        return Err(format!("has a {c:?}; `*` stands for a part of a token, a last `>` for the rest of the topic"));
    }
    plain(value)
}

/// Characters that a URL holds as they are, beside letters and digits (RFC 3986, section 2).
const IN_PATH: &str = "-._~:/@!$&'()*+,;=%";

fn url(value: &str) -> Result<String, String> {
    let rest = begins_with(value, &["http://", "https://"])?;
    // A user would be a secret in a URL, and behind a query no topic can be put.
    only(value, "-._~:/[]!$&'()*+,;=%", "which a base URL cannot have")?;
    if rest.is_empty() || rest.starts_with(['/', ':']) {
        return Err("is a URL without a host".into());
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn url_template(value: &str, placeholders: &[String]) -> Result<String, String> {
    begins_with(value, &["http://", "https://", "{base-url}"])?;
    only(value, &format!("{IN_PATH}?[]{{}}"), "which a URL has percent-encoded")?;
    let template = Template::try_from(value.to_owned()).map_err(|_| "has unbalanced braces")?;
    match template.options().find(|name| !placeholders.iter().any(|known| known == name)) {
        Some(name) => {
            let known: Vec<_> = placeholders.iter().map(|name| format!("{{{name}}}")).collect();
            Err(format!("has a `{{{name}}}`; there is {}", known.join(", ")))
        }
        None => Ok(value.to_owned()),
    }
}

fn path(value: &str) -> Result<String, String> {
    begins_with(value, &["/"])?;
    only(value, IN_PATH, "which a path has percent-encoded")?;
    Ok(format!("{}/", value.trim_end_matches('/')))
}

/// What is behind the first of the words that `value` begins with.
fn begins_with<'a>(value: &'a str, words: &[&str]) -> Result<&'a str, String> {
    words
        .iter()
        .find_map(|word| value.strip_prefix(word))
        .ok_or_else(|| format!("does not begin with {}", quoted(words, " or ")))
}

/// Fails for the first character that is neither ASCII letter nor digit nor one of `others`.
fn only(value: &str, others: &str, complaint: &str) -> Result<(), String> {
    match value.chars().find(|c| !c.is_ascii_alphanumeric() && !others.contains(*c)) {
        Some(c) => Err(format!("has a character {c:?}, {complaint}")),
        None => Ok(()),
    }
}

/// A token (RFC 9110, section 5.6.2), in lower case.
fn header(value: &str) -> Result<String, String> {
    only(value, "!#$%&'*+-.^_`|~", "which no header has in its name")?;
    Ok(value.to_ascii_lowercase())
}

fn subscription(value: &str) -> Result<&str, String> {
    match plain(value)?.split_once('/') {
        Some((pubsub, topic)) if !pubsub.is_empty() && !topic.is_empty() => Ok(value),
        _ => Err("is not PUBSUB/TOPIC".into()),
    }
}

fn list(value: &str, item: impl Fn(&str) -> Result<&str, String>) -> Result<String, String> {
    let items = value.split(',').map(str::trim).filter(|text| !text.is_empty());
    let named = |text, complaint| if text == value { complaint } else { format!("has `{text}`, which {complaint}") };
    let checked = items.map(|text| item(text).map_err(|complaint| named(text, complaint)));
    Ok(checked.collect::<Result<Vec<_>, _>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_brought_into_one_form() {
        let number = OptionType::Number { min: 1, max: 10 };
        assert_eq!(number.parse("007"), Ok("7".into()));
        assert_eq!(number.parse("11"), Err("is not a number from 1 to 10".into()));
        assert_eq!(number.parse("-1"), Err("is not a number from 1 to 10".into()));
        assert_eq!(OptionType::Keys.parse(" a , b ,"), Ok("a,b".into()));
        assert_eq!(OptionType::Topic.parse("a.b/c"), Ok("a.b/c".into()));
        assert_eq!(OptionType::Key.parse(""), Err("is empty".into()));
        assert_eq!(OptionType::OptionalKey.parse(""), Ok(String::new()));
        assert!(OptionType::OptionalKey.parse("a b").is_err());
        assert!(OptionType::Topic.parse("").is_err());
        assert!(OptionType::Topic.parse("a.*").is_err());
        assert!(OptionType::Topic.parse("a\nb").is_err());
        assert_eq!(OptionType::TopicPatterns.parse("a.*.c, b.>"), Ok("a.*.c,b.>".into()));
        assert!(OptionType::TopicPatterns.parse("a.>.b").is_err());
        assert!(OptionType::StoreKey.parse("a b").is_err());
        assert!(OptionType::Text.parse("a\0").is_err());
        assert_eq!(OptionType::Url.parse("http://h:1/a/"), Ok("http://h:1/a".into()));
        for url in ["h", "ftp://h", "http://", "http://u@h", "http://h/?a", "http://h/a b", "http://h/ä"] {
            assert!(OptionType::Url.parse(url).is_err(), "{url}");
        }
        let template = OptionType::UrlTemplate { placeholders: vec!["base-url".into(), "topic".into()] };
        assert!(template.parse("{base-url}?topic={topic}").is_ok());
        for text in ["{base-url", "{base-url}/{other}", "/{topic}", "{base-url}/a b"] {
            assert!(template.parse(text).is_err(), "{text}");
        }
        assert_eq!(OptionType::Path.parse("/a"), Ok("/a/".into()));
        assert_eq!(OptionType::Path.parse("/"), Ok("/".into()));
        assert!(OptionType::Path.parse("a").is_err());
        assert_eq!(OptionType::Header.parse("X-Y"), Ok("x-y".into()));
        assert!(OptionType::Header.parse("").is_err() && OptionType::Header.parse("a b").is_err());
        assert_eq!(OptionType::Subscriptions.parse("p/a, p/b"), Ok("p/a,p/b".into()));
        assert_eq!(OptionType::Subscriptions.parse("p"), Err("is not PUBSUB/TOPIC".into()));
        assert_eq!(OptionType::Subscriptions.parse("p/a,p"), Err("has `p`, which is not PUBSUB/TOPIC".into()));
        let choice = OptionType::Choice { values: vec!["x".into(), "y".into()] };
        assert_eq!(choice.parse("z"), Err("is none of `x`, `y`".into()));
    }
}
