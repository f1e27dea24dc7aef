//! What the value of an option must look like: a type, built in or defined by a manifest.

use super::{OptionSpec, built_in::BuiltIn};
use crate::common::quote::quoted;
use msgcompose_options::{Check, Rule, RuleError};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        self, Error, IntoDeserializer, MapAccess,
        value::{MapAccessDeserializer, StrDeserializer},
    },
};
use std::{collections::BTreeMap, fmt};

/// What a value must look like: a name, a rule, and the words that describe it.
///
/// A value is text, and each type brings it into one form. Manifests name the types that are built in, and can define
/// more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionType {
    name: TypeName,
    rule: Rule,
    shown: String,
}

/// A type as an option of a manifest names it: `"topic"`, or `{ number = { min = 0, max = 9 } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum TypeName {
    /// A type that is built in, with its parameters.
    BuiltIn(BuiltIn),
    /// A type that the manifest defines, unless nobody does.
    Defined(String),
}

/// The types that a manifest defines, by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Defined(BTreeMap<String, TypeSpec>);

/// A type as a manifest defines it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeSpec {
    /// The words that describe it.
    shown: String,
    /// What a value must pass, one check after another.
    checks: Vec<Check>,
}

impl OptionType {
    /// Returns the types that a manifest can name without defining them; of those with parameters an example.
    ///
    /// # Panics
    ///
    /// Never: the examples make rules.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BuiltIn::all().into_iter().map(|kind| Self::of(kind).expect("an example makes a rule")).collect()
    }

    fn of(kind: BuiltIn) -> Result<Self, RuleError> {
        let (shown, checks) = kind.definition();
        Ok(Self { name: TypeName::BuiltIn(kind), rule: Rule::new(&checks)?, shown })
    }

    /// Brings a value into its one form, or says what is wrong with it: a predicate, as in "is not a number".
    pub fn parse(&self, value: &str) -> Result<String, String> {
        self.rule.check(value)
    }

    /// The rule that [`parse`](Self::parse) follows. It is baked into a component whose options are set at run time.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The words among which a `choice` is; none of any other type.
    #[must_use]
    pub fn values(&self) -> Option<&[String]> {
        match &self.name {
            TypeName::BuiltIn(BuiltIn::Choice { values }) => Some(values),
            _ => None,
        }
    }
}

impl Defined {
    /// Finds the types that `options` name, or says what cannot be meant.
    pub(crate) fn resolve(self, options: Vec<OptionSpec<TypeName>>) -> Result<Vec<OptionSpec>, String> {
        if let Some(name) = self.0.keys().find(|name| BuiltIn::NAMES.contains(&name.as_str())) {
            return Err(format!("type `{name}` is built in, and cannot be defined"));
        }
        let define = |(name, TypeSpec { shown, checks }): (String, TypeSpec)| {
            let rule = Rule::new(&checks).map_err(|error| format!("type `{name}` is no rule: {error}"))?;
            Ok((name.clone(), OptionType { name: TypeName::Defined(name), rule, shown }))
        };
        let defined = self.0.into_iter().map(define).collect::<Result<BTreeMap<_, _>, String>>()?;
        let options = options.into_iter().map(|option| {
            let name = option.name.clone();
            option.with_types(|kind| match kind {
                TypeName::BuiltIn(kind) => {
                    OptionType::of(kind).map_err(|error| format!("the type of option `{name}` is no rule: {error}"))
                }
                TypeName::Defined(kind) => defined.get(&kind).cloned().ok_or_else(|| {
                    let known = BuiltIn::NAMES.iter().copied().chain(defined.keys().map(String::as_str));
                    format!("option `{name}` has a type `{kind}`; there is {}", quoted(known, ", "))
                }),
            })
        });
        let options = options.collect::<Result<Vec<_>, String>>()?;
        let has = |kind: &OptionType| {
            options.iter().any(|option| option.kind == *kind || option.name_type.as_ref() == Some(kind))
        };
        match defined.iter().find(|(_, kind)| !has(kind)) {
            Some((name, _)) => Err(format!("type `{name}` is defined, but no option has it")),
            None => Ok(options),
        }
    }
}

impl fmt::Display for OptionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Serialize for OptionType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = TypeName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a type, or a table of its parameters by its name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<TypeName, E> {
                if !BuiltIn::NAMES.contains(&name) {
                    return Ok(TypeName::Defined(name.to_owned()));
                }
                let name: StrDeserializer<'_, E> = name.into_deserializer();
                BuiltIn::deserialize(name).map(TypeName::BuiltIn)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TypeName, A::Error> {
                BuiltIn::deserialize(MapAccessDeserializer::new(map)).map(TypeName::BuiltIn)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::adapter::Adapter;
    use std::borrow::Cow;

    fn parse(kind: &BuiltIn, value: &str) -> Result<String, String> {
        OptionType::of(kind.clone()).unwrap().parse(value)
    }

    #[test]
    fn values_are_checked_and_brought_into_one_form() {
        let number = BuiltIn::Number { min: 1, max: 10 };
        assert_eq!(parse(&number, "007"), Ok("7".into()));
        assert_eq!(parse(&number, "11"), Err("is not a number from 1 to 10".into()));
        assert_eq!(parse(&number, "-1"), Err("is not a number from 1 to 10".into()));
        assert_eq!(parse(&BuiltIn::Keys, " a , b ,"), Ok("a,b".into()));
        assert_eq!(parse(&BuiltIn::Topic, "a.b/c"), Ok("a.b/c".into()));
        assert_eq!(parse(&BuiltIn::Key, ""), Err("is empty".into()));
        assert_eq!(parse(&BuiltIn::OptionalKey, ""), Ok(String::new()));
        assert!(parse(&BuiltIn::OptionalKey, "a b").is_err());
        assert!(parse(&BuiltIn::Topic, "").is_err());
        assert!(parse(&BuiltIn::Topic, "a.*").is_err());
        let tab = "has a character '\\t', which a single topic cannot have";
        assert_eq!(parse(&BuiltIn::Topic, "a\tb"), Err(tab.into()));
        assert_eq!(parse(&BuiltIn::TopicPatterns, "a.*.c, b.>"), Ok("a.*.c,b.>".into()));
        assert!(parse(&BuiltIn::TopicPatterns, "a.>.b").is_err());
        assert!(parse(&BuiltIn::StoreKey, "a b").is_err());
        assert!(parse(&BuiltIn::Text, "a\0").is_err());
        assert_eq!(parse(&BuiltIn::Url, "http://h:1/a/"), Ok("http://h:1/a".into()));
        for url in ["h", "ftp://h", "http://", "http://u@h", "http://h/?a", "http://h/a b", "http://h/ä"] {
            assert!(parse(&BuiltIn::Url, url).is_err(), "{url}");
        }
        let template = BuiltIn::UrlTemplate { placeholders: vec!["base-url".into(), "topic".into()] };
        assert!(parse(&template, "{base-url}?topic={topic}").is_ok());
        for text in ["{base-url", "{base-url}/{other}", "/{topic}", "{base-url}/a b", "http://u:p@h/", "{base-url}@h"] {
            assert!(parse(&template, text).is_err(), "{text}");
        }
        assert_eq!(parse(&BuiltIn::Path, "/a"), Ok("/a/".into()));
        assert_eq!(parse(&BuiltIn::Path, "/"), Ok("/".into()));
        assert!(parse(&BuiltIn::Path, "a").is_err());
        assert_eq!(parse(&BuiltIn::Header, "X-Y"), Ok("x-y".into()));
        assert!(parse(&BuiltIn::Header, "").is_err() && parse(&BuiltIn::Header, "a b").is_err());
        let choice = BuiltIn::Choice { values: vec!["x".into(), "y".into()] };
        assert_eq!(parse(&choice, "z"), Err("is none of `x`, `y`".into()));
    }

    /// An adapter with an option `x` of the type, and with these types defined.
    fn adapter(kind: &str, types: &str) -> Result<Adapter, String> {
        let manifest = format!(
            "summary = ''\n[[part]]\nname = 'p'\nrole = 'provider'\nfile = 'p.wasm'\n{types}\n\
             [[option]]\nname = 'x'\ntype = {kind}\nhelp = ''\n"
        );
        let files = BTreeMap::from([("adapter.toml".to_owned(), Cow::from(manifest.into_bytes()))]);
        Adapter::from_files("a", files).map_err(|error| match de::StdError::source(&error) {
            Some(source) => source.to_string(),
            None => error.to_string(),
        })
    }

    #[track_caller]
    fn refused(kind: &str, types: &str, expected: &str) {
        let error = adapter(kind, types).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_manifest_defines_types() {
        let types = "[type.pairs]\nshown = 'A=B, …'\nchecks = ['list', { pair = { separator = '=', otherwise = 'is not A=B' } }]";
        let adapter = adapter("'pairs'", types).unwrap();
        let kind = &adapter.option("x").unwrap().kind;
        assert_eq!((kind.to_string(), serde_json::to_string(kind).unwrap()), ("A=B, …".into(), "\"pairs\"".into()));
        assert_eq!(kind.parse("a=b, c=d"), Ok("a=b,c=d".into()));
        assert_eq!(kind.parse("a=b, c"), Err("has `c`, which is not A=B".into()));
    }

    #[test]
    fn a_check_is_written_as_a_type_is() {
        let checks = [
            "'not-empty'",
            "'no-control-characters'",
            "{ without = { characters = '*>', classes = ['white-space'], but-last = '>', otherwise = 'has a %' } }",
            "{ only = { classes = ['letters-and-digits'], characters = '/_>', otherwise = 'has a %' } }",
            "{ begins-with = ['a', '1'] }",
            "{ one-of = ['a/', '1'] }",
            "'no-slash-at-end'",
            "{ placeholders = ['b'] }",
            "'lower-case'",
        ];
        let kind = |checks: &[&str]| {
            let types = format!("[type.t]\nshown = ''\nchecks = [{}]", checks.join(", "));
            adapter("'t'", &types).map(|adapter| adapter.option("x").unwrap().kind.clone())
        };
        assert_eq!(kind(&checks).unwrap().parse("a/"), Ok("a".into()));
        assert_eq!(
            kind(&["'list'", "{ number = { min = 1, max = 9 } }", "'slash-at-end'"]).unwrap().parse("1"),
            Ok("1/".into())
        );
        assert_eq!(kind(&["'host'"]).unwrap().parse("http://"), Err("is a URL without a host".into()));
        assert!(kind(&["'lst'"]).unwrap_err().contains("unknown variant `lst`, expected one of `list`, `not-empty`"));
        assert!(kind(&["{ only = { chars = '', otherwise = 'is' } }"]).unwrap_err().contains("unknown field `chars`"));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_of_the_manifest() {
        let types = |name, checks| format!("[type.{name}]\nshown = ''\nchecks = [{checks}]");
        refused("'texd'", "", "option `x` has a type `texd`; there is `text`, `topic`, ");
        refused("'texd'", &types("t", ""), ", `choice`, `t`");
        refused("'text'", &types("text", ""), "type `text` is built in, and cannot be defined");
        refused("'text'", &types("t", ""), "type `t` is defined, but no option has it");
        refused("'t'", &types("t", "'not-empty', 'list'"), "type `t` is no rule: check `list` is not the first");
        refused("{ choice = { values = [] } }", "", "the type of option `x` is no rule: check `one-of` has no words");
        refused(
            "{ number = { min = 2, max = 1 } }",
            "",
            "the type of option `x` is no rule: check `number` takes no number",
        );
        refused("{ number = { min = 2 } }", "", "missing field `max`");
        refused("{ number = { min = 2, max = 3, step = 1 } }", "", "unknown field `step`");
        refused("'number'", "", "invalid type: unit variant, expected struct variant");
        refused("{ texd = {} }", "", "unknown variant `texd`, expected one of `text`, `topic`");
        refused("3", "", "invalid type: integer `3`, expected the name of a type");
    }
}
