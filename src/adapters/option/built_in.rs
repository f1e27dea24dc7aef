//! The types of options that every manifest can name.
//!
//! A type is one entry of the table below: its name in manifests, its parameters, each with an example, the words that
//! describe it, and its checks. Nothing else must change for a new one.

use msgcompose_options::{
    Characters,
    Check::{
        self, BeginsWith, Host, List, LowerCase, NoControlCharacters, NoSlashAtEnd, NotEmpty, Number, OneOf, Only,
        Placeholders, SlashAtEnd, Without,
    },
    Class::{LettersAndDigits, WhiteSpace},
};
use serde::{Deserialize, Serialize};

macro_rules! built_in {
    ($(
        $(#[$about:meta])*
        $name:literal, $type:ident $({ $($parameter:ident: $kind:ty = $example:expr),+ })?, $shown:expr, [$($check:expr),+];
    )+) => {
        /// A type with its parameters.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub enum BuiltIn {
            $($(#[$about])* #[serde(rename = $name)] $type $({ $($parameter: $kind),+ })?),+
        }

        impl BuiltIn {
            /// The names of all types.
            pub const NAMES: &[&str] = &[$($name),+];

            /// All types; those that have parameters with examples of them.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$type $({ $($parameter: $example),+ })?),+]
            }

            /// The words that describe it, and what it checks.
            pub fn definition(&self) -> (String, Vec<Check>) {
                match self {
                    $(Self::$type $({ $($parameter),+ })? => (String::from($shown), vec![$($check),+])),+
                }
            }
        }
    };
}

built_in! {
    /// Any text without control characters.
    "text", Text, "text", [NoControlCharacters];

    /// A topic.
    "topic", Topic, "topic", [
        NotEmpty,
        Without(Characters::new("*>#+", &[WhiteSpace], "has a character %, which a single topic cannot have")),
        NoControlCharacters
    ];

    /// Patterns of topics.
    "topic-patterns", TopicPatterns, "topic patterns", [List, Without(pattern()), NoControlCharacters];

    /// A metadata key.
    "key", Key, "metadata key", [NotEmpty, one_key(), NoControlCharacters];

    /// A metadata key; empty for none.
    "optional-key", OptionalKey, "metadata key, or empty", [one_key(), NoControlCharacters];

    /// Metadata keys.
    "keys", Keys, "metadata keys", [List, NoControlCharacters];

    /// A part of a key in a key-value store.
    "store-key", StoreKey, "text of A-Z a-z 0-9 / _ . = -", [
        only("/_.=-", "has a character %; a key holds only A-Z a-z 0-9 / _ . = -")
    ];

    /// An absolute URL: host, perhaps a port and a path. A user would be a secret in a URL, and behind a query no topic
    /// can be put.
    "url", Url, "URL", [
        BeginsWith(words(&["http://", "https://"])),
        only("-._~:/[]!$&'()*+,;=%", "has a character %, which a base URL cannot have"),
        Host,
        NoSlashAtEnd
    ];

    /// A URL with names in braces that are filled in. None is in its host, so that one can see where it leads.
    "url-template", UrlTemplate { placeholders: Vec<String> = words(&["base-url", "topic"]) }, in_braces(placeholders), [
        BeginsWith(words(&["http://", "https://", "{base-url}"])),
        only("-._~:/@!$&'()*+,;=%?[]{}", "has a character %, which a URL has percent-encoded"),
        Placeholders(placeholders.clone()),
        Host
    ];

    /// The start of an absolute path, up to a slash.
    "path", Path, "path", [
        BeginsWith(words(&["/"])),
        only("-._~:/@!$&'()*+,;=%", "has a character %, which a path has percent-encoded"),
        SlashAtEnd
    ];

    /// The name of an HTTP header.
    "header", Header, "header", [NotEmpty, in_header(), LowerCase];

    /// The name of an HTTP header; empty for none.
    "optional-header", OptionalHeader, "header, or empty", [in_header(), LowerCase];

    /// The start of names of HTTP headers; empty for all.
    "header-prefix", HeaderPrefix, "start of a header, or empty", [in_header(), LowerCase];

    /// A decimal number in a range.
    "number", Number { min: u64 = 1, max: u64 = 1000 }, format!("number, {min} to {max}"), [
        Number { min: *min, max: *max }
    ];

    /// One of a few words.
    "choice", Choice { values: Vec<String> = words(&["a", "b c"]) }, values.join(" | "), [OneOf(values.clone())];
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn in_braces(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("{{{name}}}")).collect();
    format!("URL with {}", names.join(", "))
}

/// Nothing but letters, digits and these (of URLs, RFC 3986, section 2).
fn only(characters: &str, otherwise: &str) -> Check {
    Only(Characters::new(characters, &[LettersAndDigits], otherwise))
}

fn pattern() -> Characters {
    let otherwise = "has a %; `*` stands for a part of a token, a last `>` for the rest of the topic";
    Characters::new(">#+", &[WhiteSpace], otherwise).but_last('>')
}

fn one_key() -> Check {
    Without(Characters::new(",", &[WhiteSpace], "is not one metadata key"))
}

/// A token (RFC 9110, section 5.6.2).
fn in_header() -> Check {
    only("!#$%&'*+-.^_`|~", "has a character %, which no header has in its name")
}
