//! Texts of a manifest that contain options, for example `provider-{keyvalue}.wasm`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text in which `{option}` stands for the value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Text(String),
    Option(String),
}

/// The text has a brace without its counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unbalanced braces in `{0}`")]
pub struct ParseTemplateError(String);

impl TryFrom<String> for Template {
    type Error = ParseTemplateError;

    fn try_from(text: String) -> Result<Self, ParseTemplateError> {
        let unbalanced = || ParseTemplateError(text.clone());
        let mut segments = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (option, after) = after.split_once('}').ok_or_else(unbalanced)?;
            if before.contains('}') || option.contains('{') {
                return Err(unbalanced());
            }
            segments.extend([Segment::Text(before.to_owned()), Segment::Option(option.to_owned())]);
            rest = after;
        }
        if rest.contains('}') {
            return Err(unbalanced());
        }
        segments.push(Segment::Text(rest.to_owned()));
        Ok(Self(segments))
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.to_string()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Text(text) => f.write_str(text),
            Segment::Option(name) => write!(f, "{{{name}}}"),
        })
    }
}

impl Template {
    /// Returns a template without options.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(vec![Segment::Text(text.to_owned())])
    }

    /// Returns the options in the text.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Option(name) => Some(name.as_str()),
            Segment::Text(_) => None,
        })
    }

    /// Returns the text, with each option replaced by its `value`.
    pub fn fill<'a, T: AsRef<str>>(&'a self, value: impl Fn(&'a str) -> T) -> String {
        self.0.iter().fold(String::new(), |filled, segment| match segment {
            Segment::Text(text) => filled + text,
            Segment::Option(name) => filled + value(name).as_ref(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_and_filled() {
        let template = Template::try_from("a-{b}-{c}.wasm".to_owned()).unwrap();
        assert_eq!(template.to_string(), "a-{b}-{c}.wasm");
        assert_eq!(template.options().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(template.fill(|name| if name == "b" { "1" } else { "2" }), "a-1-2.wasm");
        for text in ["{", "}", "{a", "a}", "{a{b}}", "{a}}"] {
            assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
