//! Duties: what the host must do for a composed component.

use crate::adapters::{one_or_several, template::Template};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write};

/// The kind of the duty to deliver a topic with replies to the component.
pub(crate) const DELIVER_TOPIC: &str = "deliver-topic";

/// The kind of the duty to keep an instance that waits, and to call it meanwhile.
pub(crate) const SHARE_INSTANCE: &str = "share-instance";

/// Something that the host must do for a composed component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Duty {
    /// The kind of the duty, for programs.
    pub kind: String,
    /// What the duty is about, for programs. For example a topic.
    pub value: String,
    /// The duty in words: a sentence without a full stop.
    pub text: String,
}

impl Duty {
    /// Returns a duty.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into(), text: text.into() }
    }
}

/// The name that stands for the value of the duty in whose place another stands.
pub(crate) const INNER: &str = "inner";

/// The name that stands for the same value, percent-encoded for the path of a URL.
pub(crate) const INNER_IN_PATH: &str = "inner-in-path";

/// A duty in a manifest: something that the host must do if a part is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct DutySpec {
    /// The parts that bring this duty. One of them must be used.
    #[serde(with = "one_or_several")]
    pub with: Vec<String>,
    /// The kind of duty in whose place this one stands. An adapter inside asks the host for something, and this adapter
    /// stands between the two. So the host must do something else instead, once for each duty of the kind.
    ///
    /// In the texts, `{inner}` is the value of the duty that is replaced, and `{inner-in-path}` the same in the path of a
    /// URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place_of: Option<String>,
    /// The option values with which the duty applies. Each option must have one of its values. If empty, the duty
    /// always applies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only_with: BTreeMap<String, Vec<String>>,
    /// The option values with which the duty does not apply: that of one option is enough.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unless: BTreeMap<String, Vec<String>>,
    /// The starts of option values with which the duty applies. The value of each option must begin with one of its
    /// texts. If empty, the duty always applies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub begins_with: BTreeMap<String, Vec<String>>,
    /// The kind of the duty, for programs.
    pub kind: String,
    /// What the duty is about, for programs. For example a topic.
    pub value: Template,
    /// The duty in words: a sentence without a full stop.
    pub text: Template,
}

impl DutySpec {
    /// Returns the names in the texts.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.value.options().chain(self.text.options())
    }

    /// Returns the names in the texts and in the conditions.
    pub(super) fn options(&self) -> impl Iterator<Item = &str> {
        let conditions = [&self.only_with, &self.unless, &self.begins_with].into_iter().flat_map(BTreeMap::keys);
        self.placeholders().chain(conditions.map(String::as_str))
    }

    /// Returns the duty, with the value of each name.
    pub(crate) fn fill<'a, T: AsRef<str>>(&'a self, value: impl Fn(&'a str) -> T) -> Duty {
        Duty::new(&self.kind, self.value.fill(&value), self.text.fill(&value))
    }
}

/// Percent-encodes what the path of a URL cannot have (RFC 3986, section 3.3). Slashes stay.
pub(crate) fn in_path(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::in_path;

    #[test]
    fn what_a_path_cannot_have_is_encoded() {
        for (text, encoded) in [
            ("quotes.replies", "quotes.replies"),
            ("a/b", "a/b"),
            ("$MSGCOMPOSE_REPLY_TOPIC", "$MSGCOMPOSE_REPLY_TOPIC"),
            ("why?", "why%3F"),
            ("50%", "50%25"),
            ("caf\u{e9}", "caf%C3%A9"),
        ] {
            assert_eq!(in_path(text), encoded);
        }
    }
}
