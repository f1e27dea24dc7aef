//! Patterns of topics: tokens separated by dots, `*` for one token, a last `>` for one or more. Which of two is the more
//! specific, and whether some leave nothing of another.

use std::{cmp::Ordering, fmt, str::FromStr};

/// What stands for one token or more. The order is that of specificity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// Itself.
    Literal(String),
    /// Any one token.
    Any,
    /// One or more tokens; always the last.
    Rest,
}

/// A pattern of topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePatternError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// Two dots follow one another, or one begins or ends it.
    #[error("it has an empty token")]
    EmptyToken,
    /// `>` is not the last token.
    #[error("`>` stands for the rest of a topic, so it is the last token")]
    RestNotLast,
    /// A wildcard is a part of a token.
    #[error("`{0}` is neither a token nor a wildcard: `*` and `>` stand for whole tokens")]
    PartialWildcard(String),
    /// A space or control character.
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
    /// Which of two comes first where both match a topic: that which, at the first token in which they differ, has a
    /// token of its own before `*`, and `*` before `>`. Two that both match a topic compare equal only when they are
    /// the same. Others have some order, so that any number can be sorted.
    #[must_use]
    pub fn specificity(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }

    /// Whether every topic that this one matches is matched by one of `others` too.
    #[must_use]
    pub fn is_covered<'a>(&'a self, others: impl IntoIterator<Item = &'a Pattern>) -> bool {
        covered(&self.0, &others.into_iter().map(|other| &other.0[..]).collect::<Vec<_>>(), true)
    }
}

/// Whether what `own` matches is matched by one of `others`. At the first token, wildcards leave out the topics of the
/// system.
fn covered(own: &[Token], others: &[&[Token]], is_first: bool) -> bool {
    let Some((token, own_rest)) = own.split_first() else { return others.iter().any(|other| other.is_empty()) };
    if others.is_empty() {
        return false;
    }
    let is_system = matches!(token, Token::Literal(text) if is_first && text.starts_with('$'));
    // What is left of the others behind a token: a known one, or one that none of them names.
    let behind = |known: Option<&str>| {
        let mut left: Vec<&[Token]> = Vec::new();
        for other in others {
            match other.split_first() {
                Some((Token::Literal(text), rest)) if Some(&**text) == known => left.push(rest),
                Some((Token::Any, rest)) if !is_system => left.push(rest),
                // It matches all that can follow, and the end.
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
    fn some_leave_nothing_of_another() {
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
