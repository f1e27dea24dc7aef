//! A value is checked by a rule: lines, each a check whose kind is its first character.
//!
//! | line | what passes |
//! |---|---|
//! | `,` | first only: the value is a list, separated by commas; what follows is for each item, without space around it |
//! | `!` | not empty |
//! | `c` | no control character |
//! | `-CHARACTERS⇥COMPLAINT` | none of these, and no space |
//! | `>CHARACTERS⇥COMPLAINT` | the same, but a last `>` may be there |
//! | `+CHARACTERS⇥COMPLAINT` | letters and digits of ASCII and these, nothing else |
//! | `#MIN⇥MAX` | a decimal number in this range |
//! | `=WORD⇥WORD…` | one of these |
//!
//! A complaint is a predicate; `%` in it stands for the character.

use crate::text::{concat, cut, split};
use alloc::{borrow::ToOwned, string::String};

/// Brings `value` into the one form that `rule` gives it, or says what is wrong with it: a predicate.
pub fn check(rule: &str, value: &str) -> Result<String, String> {
    let (first, rest) = cut(rule, b'\n');
    if first != "," {
        return check_item(rule, value);
    }
    let mut list = String::new();
    for item in split(value, b',').map(str::trim).filter(|item| !item.is_empty()) {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&check_item(rest.unwrap_or(""), item)?);
    }
    Ok(list)
}

fn check_item(rule: &str, value: &str) -> Result<String, String> {
    let mut form = value.to_owned();
    for line in split(rule, b'\n') {
        let mut kind = line.chars();
        let kind = (kind.next(), kind.as_str());
        match kind {
            (Some('!'), _) if value.is_empty() => return Err("is empty".into()),
            (Some('c'), _) if value.chars().any(char::is_control) => return Err("has a control character".into()),
            (Some('-'), spec) => refuse(spec, value, |c, set| has(set, c) || c.is_whitespace())?,
            (Some('>'), spec) => {
                let value = value.strip_suffix('>').unwrap_or(value);
                refuse(spec, value, |c, set| has(set, c) || c.is_whitespace())?;
            }
            (Some('+'), spec) => refuse(spec, value, |c, set| !c.is_ascii_alphanumeric() && !has(set, c))?,
            (Some('#'), range) => form = number(range, value)?,
            (Some('='), words) if !split(words, b'\t').any(|word| word == value) => return Err(none_of(words)),
            _ => {}
        }
    }
    Ok(form)
}

fn has(set: &str, c: char) -> bool {
    set.chars().any(|other| other == c)
}

/// Fails for the first character that is `wrong`.
fn refuse(spec: &str, value: &str, wrong: fn(char, &str) -> bool) -> Result<(), String> {
    let (set, complaint) = cut(spec, b'\t');
    let Some(c) = value.chars().find(|c| wrong(*c, set)) else { return Ok(()) };
    let (before, after) = cut(complaint.unwrap_or(""), b'%');
    let Some(after) = after else { return Err(before.into()) };
    let mut text = concat(&[before, "'"]);
    if c.is_control() || matches!(c, '\'' | '\\') {
        text.extend(c.escape_default());
    } else {
        text.push(c);
    }
    text.push('\'');
    text.push_str(after);
    Err(text)
}

fn number(range: &str, value: &str) -> Result<String, String> {
    let (min, max) = cut(range, b'\t');
    let max = max.unwrap_or("");
    let parse = |text: &str| text.parse::<u64>().ok();
    match (parse(min), parse(value), parse(max)) {
        (Some(least), Some(number), Some(most)) if least <= number && number <= most => {
            let digits = value.strip_prefix('+').unwrap_or(value).trim_start_matches('0');
            Ok(if digits.is_empty() { "0" } else { digits }.into())
        }
        _ => Err(concat(&["is not a number from ", min, " to ", max])),
    }
}

fn none_of(words: &str) -> String {
    let mut text = String::from("is none of ");
    for (place, word) in split(words, b'\t').enumerate() {
        text.push_str(if place == 0 { "`" } else { ", `" });
        text.push_str(word);
        text.push('`');
    }
    text
}
