//! Patterns of topics. A pattern has tokens between dots. `*` stands for one token, and a last `>` for one or more.
//!
//! Patterns can be compared: which is more specific, and whether several cover all topics of another.

use std::{cmp::Ordering, fmt, str::FromStr};

/// A token of a pattern. The order of the variants is from specific to general.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// The token itself.
    Literal(String),
    /// `*`: any one token.
    Any,
    /// `>`: one or more tokens. Always the last token.
    Rest,
}

/// A pattern of topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePatternError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// Two dots follow one another, or a dot is the first or last character.
    #[error("it has an empty token")]
    EmptyToken,
    /// `>` is not the last token.
    #[error("`>` stands for the rest of a topic, so it is the last token")]
    RestNotLast,
    /// A token contains a wildcard and other characters.
    #[error("`{0}` is neither a token nor a wildcard: `*` and `>` stand for whole tokens")]
    PartialWildcard(String),
    /// The text contains a space or a control character.
    #[error("it has white space or a control character")]
    White,
}

impl FromStr for Pattern {
    type Err = ParsePatternError;

    fn from_str(text: &str) -> Result<Self, ParsePatternError> {
        if text.is_empty() {
            return Err(ParsePatternError::Empty);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ParsePatternError::White);
        }
        let token = |token: &str| match token {
            "" => Err(ParsePatternError::EmptyToken),
            "*" => Ok(Token::Any),
            ">" => Ok(Token::Rest),
            _ if token.contains(['*', '>']) => Err(ParsePatternError::PartialWildcard(token.to_owned())),
            _ => Ok(Token::Literal(token.to_owned())),
        };
        let tokens = text.split('.').map(token).collect::<Result<Vec<_>, _>>()?;
        let rest = tokens.iter().position(|token| *token == Token::Rest);
        if rest.is_some_and(|rest| rest + 1 < tokens.len()) {
            return Err(ParsePatternError::RestNotLast);
        }
        Ok(Self(tokens))
    }
}

impl Pattern {
    /// Orders patterns from specific to general. The first token in which they differ decides: a literal token comes
    /// before `*`, and `*` before `>`.
    ///
    /// If both patterns match one topic, they compare equal only if they are the same. Other patterns have a fixed but
    /// arbitrary order, so that lists can be sorted.
    #[must_use]
    pub fn specificity(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }

    /// Returns whether every topic that this pattern matches is also matched by one of `others`.
    #[must_use]
    pub fn is_covered<'a>(&'a self, others: impl IntoIterator<Item = &'a Pattern>) -> bool {
        covered(&self.0, &others.into_iter().map(|other| &other.0[..]).collect::<Vec<_>>(), true)
    }
}

/// Returns whether every topic that `own` matches is also matched by one of `others`. A wildcard as the first token
/// does not match topics that begin with `$`.
fn covered(own: &[Token], others: &[&[Token]], is_first: bool) -> bool {
    let Some((token, own_rest)) = own.split_first() else { return others.iter().any(|other| other.is_empty()) };
    if others.is_empty() {
        return false;
    }
    let is_system = matches!(token, Token::Literal(text) if is_first && text.starts_with('$'));
    // Returns what remains of `others` after one token: the text `known`, or any text that none of them has.
    let behind = |known: Option<&str>| {
        let mut left: Vec<&[Token]> = Vec::new();
        for other in others {
            match other.split_first() {
                Some((Token::Literal(text), rest)) if Some(&**text) == known => left.push(rest),
                Some((Token::Any, rest)) if !is_system => left.push(rest),
                // `>` matches any further tokens, or none.
                Some((Token::Rest, _)) if !is_system => left.extend([&[Token::Rest][..], &[]]),
                _ => {}
            }
        }
        left
    };
    match token {
        Token::Literal(text) => covered(own_rest, &behind(Some(text)), false),
        Token::Any | Token::Rest => {
            if *token == Token::Rest && others.iter().any(|other| **other == [Token::Rest]) {
                return true;
            }
            let literals = others.iter().filter_map(|other| match other.first() {
                Some(Token::Literal(text)) if !(is_first && text.starts_with('$')) => Some(&**text),
                _ => None,
            });
            let mut kinds: Vec<Option<&str>> = literals.map(Some).collect();
            kinds.push(None);
            let continuations: &[&[Token]] = if *token == Token::Rest { &[&[], &[Token::Rest]] } else { &[own_rest] };
            kinds.into_iter().all(|kind| {
                let left = behind(kind);
                continuations.iter().all(|own| covered(own, &left, false))
            })
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, token) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str(".")?;
            }
            f.write_str(match token {
                Token::Literal(text) => text,
                Token::Any => "*",
                Token::Rest => ">",
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    #[test]
    fn patterns_are_parsed_and_printed() {
        for text in ["a", "a.b", "*", ">", "a.*.c", "a.>", "*.>", "$failed", "caf\u{e9}.*"] {
            assert_eq!(pattern(text).to_string(), text);
        }
        for (text, error) in [
            ("", ParsePatternError::Empty),
            ("a..b", ParsePatternError::EmptyToken),
            (".a", ParsePatternError::EmptyToken),
            ("a.", ParsePatternError::EmptyToken),
            ("a.>.b", ParsePatternError::RestNotLast),
            ("a.b*", ParsePatternError::PartialWildcard("b*".into())),
            (">>", ParsePatternError::PartialWildcard(">>".into())),
            ("a b", ParsePatternError::White),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_more_specific_comes_first() {
        let sorted = ["a.b.c", "a.b.*", "a.b.>", "a.*.c", "a.*.*", "a.>", "*.b.c", "*.>", ">"];
        for (place, one) in sorted.iter().enumerate() {
            for other in &sorted[place + 1..] {
                assert_eq!(pattern(one).specificity(&pattern(other)), Ordering::Less, "{one} {other}");
            }
        }
    }

    #[test]
    fn patterns_can_cover_another_together() {
        let covered = |own: &str, others: &[&str]| {
            let others: Vec<_> = others.iter().map(|other| pattern(other)).collect();
            pattern(own).is_covered(&others)
        };
        for (own, others) in [
            ("a", &["a"][..]),
            ("a.b", &["a.*"]),
            ("a.*", &["a.>"]),
            (">", &["*", "*.>"]),
            ("a.>", &["a.*", "a.*.>"]),
            ("*", &["*"]),
            ("*.>", &["*.*", "*.*.>"]),
            ("$s", &["$s"]),
        ] {
            assert!(covered(own, others), "{own} {others:?}");
        }
        for (own, others) in [
            ("a", &[][..]),
            ("*", &["a", "b"]),
            (">", &["*"]),
            (">", &["*", "*.*"]),
            ("a.>", &["a.*", "a.b.>"]),
            ("a.>", &["a"]),
            ("$s", &[">"]),
        ] {
            assert!(!covered(own, others), "{own} {others:?}");
        }
    }
}
