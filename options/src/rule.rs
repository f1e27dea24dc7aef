//! Rules: checks one after another, and the text form in which a component carries them.

use crate::{
    check, check_secret,
    set::{self, Class},
};
use alloc::{format, string::String, vec::Vec};
use core::{error, fmt};

/// One check of a rule.
///
/// With the feature `serde` a check can be read from a manifest: `"not-empty"`, `{ number = { min = 1, max = 9 } }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Check {
    /// Splits the value at commas; the other checks look at each item, without white space around it. Must be the first.
    List,
    /// Refuses an empty value.
    NotEmpty,
    /// Refuses a value with a control character.
    NoControlCharacters,
    /// Refuses a value with one of these characters.
    Without(Characters),
    /// Refuses a value with any other character.
    Only(Characters),
    /// Takes a decimal number in this range, and removes its sign and leading zeros.
    Number {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// Takes one of these words.
    OneOf(Vec<String>),
    /// Takes a value that begins with one of these words.
    BeginsWith(Vec<String>),
    /// Takes two texts, neither of them empty, with this ASCII character between them.
    Pair {
        /// What stands between them; the second may have more of it.
        separator: char,
        /// What is wrong with a value that is refused.
        otherwise: String,
    },
    /// Takes a text with these names in braces, as in `{base}/{topic}`.
    Placeholders(Vec<String>),
    /// Takes a URL that has a host, without a user and without names in braces. A name in braces may stand for all that is
    /// before the path. What else a URL is, the other checks say.
    Host,
    /// Removes all slashes at the end.
    NoSlashAtEnd,
    /// Puts one slash at the end, in place of those that are there.
    SlashAtEnd,
    /// Brings ASCII letters into lower case.
    LowerCase,
}

/// A set of characters, and what to say of a value that is refused for them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields, rename_all = "kebab-case"))]
#[expect(clippy::struct_field_names, reason = "it is the key in manifests")]
pub struct Characters {
    #[cfg_attr(feature = "serde", serde(default))]
    characters: String,
    #[cfg_attr(feature = "serde", serde(default))]
    classes: Vec<Class>,
    #[cfg_attr(feature = "serde", serde(default))]
    but_last: Option<char>,
    otherwise: String,
}

impl Characters {
    /// ASCII characters, such as `-._~`, and all of some classes.
    ///
    /// `otherwise` is a predicate. The first `%` in it stands for the character that was found.
    #[must_use]
    pub fn new(characters: &str, classes: &[Class], otherwise: &str) -> Self {
        Self { characters: characters.into(), classes: classes.into(), but_last: None, otherwise: otherwise.into() }
    }

    /// Lets one of the characters stand at the end of a value all the same; for [`Check::Without`].
    #[must_use]
    pub fn but_last(self, character: char) -> Self {
        Self { but_last: Some(character), ..self }
    }
}

/// Checks one after another, in the text form that [`check`](crate::check()) reads.
///
/// # Examples
///
/// ```
/// use msgcompose_options::{Check, Rule};
///
/// # fn main() -> Result<(), msgcompose_options::RuleError> {
/// let rule = Rule::new(&[Check::List, Check::Number { min: 1, max: 9 }])?;
/// assert_eq!(rule.check("1, 007"), Ok("1,7".to_owned()));
/// assert_eq!(rule.check("1, 70"), Err("has `70`, which is not a number from 1 to 9".to_owned()));
/// assert_eq!(rule.as_str(), ",\n#1\t9");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule(String);

/// Why checks are no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// `list` is not the first check.
    ListNotFirst,
    /// A check has nothing to compare with, or nothing to say.
    Missing {
        /// The check, as manifests call it.
        check: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// No number is in the range.
    NoNumber {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// A text of a check has a character that it cannot have.
    BadCharacter {
        /// The check, as manifests call it.
        check: &'static str,
        /// The character.
        character: char,
    },
    /// `but-last` is none of the characters that `without` refuses.
    BadLast,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RuleError::ListNotFirst => f.write_str("check `list` is not the first"),
            RuleError::Missing { check, what } => write!(f, "check `{check}` has no {what}"),
            RuleError::NoNumber { min, max } => write!(f, "check `number` takes no number: {min} is more than {max}"),
            RuleError::BadCharacter { check, character } => write!(f, "check `{check}` cannot have a {character:?}"),
            RuleError::BadLast => f.write_str("`but-last` is for check `without`, and is one of its characters"),
        }
    }
}

impl error::Error for RuleError {}

impl Rule {
    /// Writes checks as a rule.
    ///
    /// # Errors
    ///
    /// Fails for a check that cannot be meant, or whose texts the text form cannot hold.
    pub fn new(checks: &[Check]) -> Result<Self, RuleError> {
        if checks.iter().skip(1).any(|check| matches!(check, Check::List)) {
            return Err(RuleError::ListNotFirst);
        }
        let lines = checks.iter().map(Check::line).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(lines.join("\n")))
    }

    /// Brings a value into its one form; see [`check`](crate::check()).
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value: a predicate, such as "is empty".
    pub fn check(&self, value: &str) -> Result<String, String> {
        check(&self.0, value)
    }

    /// As [`Rule::check`], but the complaint shows nothing of the value.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value: a predicate, such as "is empty".
    pub fn check_secret(&self, value: &str) -> Result<String, String> {
        check_secret(&self.0, value)
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Check {
    /// The line of the text form.
    fn line(&self) -> Result<String, RuleError> {
        let line = match self {
            Check::List => ",",
            Check::NotEmpty => "!",
            Check::NoControlCharacters => {
                let control = Characters::new("", &[Class::Control], "has a control character");
                return Check::Without(control).line();
            }
            Check::Without(characters) => return characters.line("without"),
            Check::Only(characters) => return characters.line("only"),
            Check::Number { min, max } if min > max => return Err(RuleError::NoNumber { min: *min, max: *max }),
            Check::Number { min, max } => return Ok(format!("#{min}\t{max}")),
            Check::OneOf(words) => return line("one-of", '=', words),
            Check::BeginsWith(words) => return line("begins-with", '^', words),
            Check::Pair { separator, otherwise } => return pair(*separator, otherwise),
            Check::Placeholders(names) => {
                let brace = |c: &char| "{}".contains(*c);
                if let Some(character) = names.iter().flat_map(|name| name.chars()).find(brace) {
                    return Err(RuleError::BadCharacter { check: "placeholders", character });
                }
                return line("placeholders", '{', names);
            }
            Check::Host => "h",
            Check::NoSlashAtEnd => "~",
            Check::SlashAtEnd => "/",
            Check::LowerCase => "l",
        };
        Ok(line.into())
    }
}

impl Characters {
    fn line(&self, check: &'static str) -> Result<String, RuleError> {
        let Characters { characters, classes, but_last, otherwise } = self;
        if characters.is_empty() && classes.is_empty() {
            return Err(RuleError::Missing { check, what: "characters" });
        }
        if let Some(character) = characters.chars().find(|c| !c.is_ascii()) {
            return Err(RuleError::BadCharacter { check, character });
        }
        let set = set::write(plain(check, characters)?, classes);
        let complaint = complaint(check, otherwise)?;
        match but_last {
            None if check == "only" => Ok(format!("+{set}\t{complaint}")),
            None => Ok(format!("-{set}\t{complaint}")),
            // The first of the set is the one that may be the last of the value.
            Some(last) if check == "without" && characters.contains(*last) => {
                Ok(format!(">{last}{}\t{complaint}", set.replace(*last, "")))
            }
            Some(_) => Err(RuleError::BadLast),
        }
    }
}

fn pair(separator: char, otherwise: &str) -> Result<String, RuleError> {
    if !separator.is_ascii() || separator.is_control() {
        return Err(RuleError::BadCharacter { check: "pair", character: separator });
    }
    Ok(format!("@{separator}\t{}", complaint("pair", otherwise)?))
}

fn line(check: &'static str, kind: char, words: &[String]) -> Result<String, RuleError> {
    if words.is_empty() {
        return Err(RuleError::Missing { check, what: "words" });
    }
    let words = words.iter().map(|word| plain(check, word)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{kind}{}", words.join("\t")))
}

fn complaint<'a>(check: &'static str, otherwise: &'a str) -> Result<&'a str, RuleError> {
    if otherwise.is_empty() {
        return Err(RuleError::Missing { check, what: "`otherwise`" });
    }
    plain(check, otherwise)
}

/// Refuses what ends a text within a line, and the marks of classes.
fn plain<'a>(check: &'static str, text: &'a str) -> Result<&'a str, RuleError> {
    match text.chars().find(|c| c.is_control()) {
        None => Ok(text),
        Some(character) => Err(RuleError::BadCharacter { check, character }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{borrow::ToOwned, string::ToString};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// A rule of one check: its text form, values with their forms, and values with what is wrong with them.
    #[track_caller]
    fn shows(check: Check, text: &str, good: &[(&str, &str)], bad: &[(&str, &str)]) {
        let rule = Rule::new(&[check]).unwrap();
        assert_eq!(rule.as_str(), text);
        for (value, form) in good {
            assert_eq!(rule.check(value), Ok((*form).into()), "{value}");
        }
        for (value, complaint) in bad {
            assert_eq!(rule.check(value), Err((*complaint).into()), "{value}");
        }
    }

    #[test]
    fn every_check_takes_what_it_says() {
        shows(Check::List, ",", &[("a , b,,", "a,b"), ("", "")], &[]);
        shows(Check::NotEmpty, "!", &[("a", "a")], &[("", "is empty")]);
        let control = "has a control character";
        shows(Check::NoControlCharacters, "-\x03\thas a control character", &[("ä b", "ä b")], &[("a\0", control)]);
        let without = Characters::new("*>", &[Class::WhiteSpace], "has a %");
        shows(Check::Without(without.clone()), "-*>\x02\thas a %", &[("a", "a")], &[("a\tb", "has a '\\t'")]);
        let last = without.clone().but_last('>');
        shows(Check::Without(last), ">>*\x02\thas a %", &[("a>", "a>")], &[("a>>", "has a '>'"), ("*", "has a '*'")]);
        let only = Characters::new("_", &[Class::LettersAndDigits], "is no name");
        shows(Check::Only(only.clone()), "+_\x01\tis no name", &[("a_1", "a_1"), ("", "")], &[("ä", "is no name")]);
        let number = Check::Number { min: 1, max: 20 };
        let range = "is not a number from 1 to 20";
        let good = [("+020", "20"), ("3", "3")];
        shows(number, "#1\t20", &good, &[("", range), ("21", range), ("-1", range), ("0+7", range), ("+", range)]);
        let of = Check::OneOf(words(&["a", "b c"]));
        shows(of, "=a\tb c", &[("b c", "b c")], &[("b", "is none of `a`, `b c`"), ("", "is none of `a`, `b c`")]);
        let begins = "does not begin with `http://` or `{base}`";
        let with = Check::BeginsWith(words(&["http://", "{base}"]));
        shows(with, "^http://\t{base}", &[("{base}/a", "{base}/a")], &[("http:/", begins)]);
        let pair = Check::Pair { separator: '/', otherwise: "is not A/B".into() };
        let (good, not) = ([("a/b", "a/b"), ("a/b/c", "a/b/c")], "is not A/B");
        shows(pair, "@/\tis not A/B", &good, &[("a", not), ("/b", not), ("a/", not), ("", not)]);
        let (unbalanced, unknown) = ("has unbalanced braces", "has a `{c}`; there is {a}, {b}");
        let bad = ["{", "}", "{a", "a}", "{a{b}}", "{a}}", "}{a}", "{c}{"].map(|value| (value, unbalanced));
        shows(Check::Placeholders(words(&["a", "b"])), "{a\tb", &[("{a}-{b}", "{a}-{b}"), ("", "")], &bad);
        shows(Check::Placeholders(words(&["a", "b"])), "{a\tb", &[], &[("{c}{d}", unknown)]);
        let bad = ["http://", "http:///a", "http://:1", "", "http"].map(|value| (value, "is a URL without a host"));
        let good = ["http://h", "https://[::1]:80/{a}@b?c=d@{e}", "{a}", "{a}/b@c", "{a}?b={c}"].map(|url| (url, url));
        shows(Check::Host, "h", &good, &bad);
        let more = "has more than a path or a query behind a name in braces";
        let user = "has a user before its host";
        let bad = ["http://u@h", "http://u:p@h/", "https://u@h?a", "{a}@h/b", "http://@"].map(|url| (url, user));
        shows(Check::Host, "h", &[], &bad);
        shows(Check::Host, "h", &[], &["{a}.h/b", "{a}:80/", "{a}{b}"].map(|url| (url, more)));
        let braces = "has a name in braces in its host";
        shows(Check::Host, "h", &[], &["http://{a}/b", "http://h.{a}", "http://h:{a}?b"].map(|url| (url, braces)));
        shows(Check::NoSlashAtEnd, "~", &[("a//", "a"), ("/", "")], &[]);
        shows(Check::SlashAtEnd, "/", &[("a//", "a/"), ("a", "a/"), ("", "/")], &[]);
        shows(Check::LowerCase, "l", &[("AbÄ", "abÄ")], &[]);
    }

    #[test]
    fn checks_go_one_after_another_and_of_a_list_over_each_item() {
        let number = || Check::Number { min: 0, max: 9 };
        let rule = Rule::new(&[Check::List, Check::NoSlashAtEnd, number(), Check::SlashAtEnd]).unwrap();
        assert_eq!(rule.check("01, 2//"), Ok("1/,2/".into()));
        assert_eq!(rule.check("12"), Err("is not a number from 0 to 9".into()));
        assert_eq!(rule.check("1, 12"), Err("has `12`, which is not a number from 0 to 9".into()));
        assert_eq!(rule.check(" 12"), Err("has `12`, which is not a number from 0 to 9".into()));
        let empty = Rule::new(&[Check::List, Check::NoSlashAtEnd]).unwrap();
        assert_eq!(empty.check("/, a/, //, b"), Ok("a,b".into()));
        assert_eq!(Rule::new(&[]).unwrap().check(" \0,"), Ok(" \0,".into()));
    }

    #[test]
    fn what_cannot_be_meant_is_no_rule() {
        let said = |check: Check| Rule::new(&[Check::NotEmpty, check]).unwrap_err().to_string();
        assert_eq!(said(Check::List), "check `list` is not the first");
        assert_eq!(said(Check::OneOf(Vec::new())), "check `one-of` has no words");
        assert_eq!(said(Check::BeginsWith(words(&["a\tb"]))), "check `begins-with` cannot have a '\\t'");
        assert_eq!(said(Check::Placeholders(words(&["a}"]))), "check `placeholders` cannot have a '}'");
        assert_eq!(said(Check::Number { min: 2, max: 1 }), "check `number` takes no number: 2 is more than 1");
        let pair = |separator, otherwise: &str| said(Check::Pair { separator, otherwise: otherwise.into() });
        assert_eq!(pair('ä', "is"), "check `pair` cannot have a 'ä'");
        assert_eq!(pair('\n', "is"), "check `pair` cannot have a '\\n'");
        assert_eq!(pair('/', ""), "check `pair` has no `otherwise`");
        let only = |characters, otherwise| said(Check::Only(Characters::new(characters, &[], otherwise)));
        assert_eq!(only("", "is"), "check `only` has no characters");
        assert_eq!(only("ß", "is"), "check `only` cannot have a 'ß'");
        assert_eq!(only("\x01", "is"), "check `only` cannot have a '\\u{1}'");
        assert_eq!(only("a", "is\n"), "check `only` cannot have a '\\n'");
        let last = Characters::new("a", &[], "is").but_last('a');
        let said_of_last = "`but-last` is for check `without`, and is one of its characters";
        assert_eq!(said(Check::Only(last.clone())), said_of_last);
        assert_eq!(said(Check::Without(last.but_last('b'))), said_of_last);
    }
}
