//! A value is checked by a rule: lines, each a check whose kind is its first character.
//!
//! | line | what passes |
//! |---|---|
//! | `,` | first only: the value is a list, separated by commas; what follows is for each item, without space around it |
//! | `!` | not empty |
//! | `-CHARACTERS⇥COMPLAINT` | none of these |
//! | `>CHARACTERS⇥COMPLAINT` | none of these, but a last `>` |
//! | `+CHARACTERS⇥COMPLAINT` | nothing but these |
//! | `#MIN⇥MAX` | a decimal number in this range |
//! | `=WORD⇥WORD…` | one of these |
//! | `^WORD⇥WORD…` | what begins with one of these |
//! | `@CHARACTER⇥COMPLAINT` | what has it, but neither first nor last |
//! | `h` | a URL that has a host |
//! | `~` | anything, without slashes at its end |
//! | `/` | anything, with one slash at its end |
//! | `l` | anything, in lower case |
//!
//! Among the characters a space stands for all white space, `c` for control characters, `a` for ASCII letters and
//! digits. A complaint is a predicate; `%` in it stands for the first character that is wrong.

use crate::text::{concat, cut, split, trim};
use alloc::string::String;

/// Brings `value` into the one form that `rule` gives it, or says what is wrong with it: a predicate.
pub fn check(rule: &str, value: &str) -> Result<String, String> {
    let (list, rule) = match rule.strip_prefix(",\n") {
        Some(rule) => (true, rule),
        None => (false, rule),
    };
    let mut form = String::new();
    for item in split(value, if list { b',' } else { NOTHING }) {
        let item = if list { trim(item) } else { item };
        if list && item.is_empty() {
            continue;
        }
        if !form.is_empty() {
            form.push_str(",");
        }
        match check_item(rule, item) {
            Ok(checked) => form.push_str(&checked),
            Err(complaint) if item.len() == value.len() => return Err(complaint),
            Err(complaint) => return Err(concat(&["has `", item, "`, which ", &complaint])),
        }
    }
    Ok(form)
}

/// A byte that no text holds.
const NOTHING: u8 = 0xff;

fn check_item(rule: &str, value: &str) -> Result<String, String> {
    let mut form = String::from(value);
    for line in split(rule, b'\n') {
        let (Some(kind), Some(spec)) = (line.as_bytes().first(), line.get(1..)) else { continue };
        let value = form.as_str();
        match kind {
            b'!' if value.is_empty() => return Err("is empty".into()),
            b'#' => form = number(spec, value)?.into(),
            b'=' if !split(spec, b'\t').any(|word| word == value) => return Err(complain("is none of", spec, ", `")),
            b'^' if !split(spec, b'\t').any(|word| value.starts_with(word)) => {
                return Err(complain("does not begin with", spec, " or `"));
            }
            b'h' if !has_host(value) => return Err("is a URL without a host".into()),
            b'@' => within(spec, value)?,
            b'-' | b'>' | b'+' => {
                let value = if *kind == b'>' { value.strip_suffix(">").unwrap_or(value) } else { value };
                characters(spec, value, *kind == b'+')?;
            }
            b'~' => remove_slashes(&mut form),
            b'/' => {
                remove_slashes(&mut form);
                form.push_str("/");
            }
            b'l' => form.make_ascii_lowercase(),
            _ => {}
        }
    }
    Ok(form)
}

fn remove_slashes(form: &mut String) {
    let slashes = form.bytes().rev().take_while(|byte| *byte == b'/').count();
    form.truncate(form.len() - slashes);
}

/// Whether something stands between `://` and the port or path.
fn has_host(url: &str) -> bool {
    let after_scheme = url.bytes().skip_while(|byte| *byte != b':').nth(3);
    after_scheme.is_some_and(|byte| byte != b'/' && byte != b':')
}

/// Fails where the character is missing, or has nothing before or behind it.
fn within(spec: &str, value: &str) -> Result<(), String> {
    let (character, complaint) = cut(spec, b'\t');
    let wanted = character.as_bytes().first().copied().unwrap_or(NOTHING);
    let (before, behind) = cut(value, wanted);
    if before.is_empty() || behind.is_empty() { Err(complaint.into()) } else { Ok(()) }
}

/// Fails for the first character that is not among those that may be there.
fn characters(spec: &str, value: &str, allowed: bool) -> Result<(), String> {
    let (set, complaint) = cut(spec, b'\t');
    let is_in_set = |c: char| {
        set.bytes().any(|class| match class {
            b' ' => c.is_whitespace(),
            b'c' => c.is_control(),
            b'a' => c.is_ascii_alphanumeric(),
            other => char::from(other) == c,
        })
    };
    let Some((at, c)) = value.char_indices().find(|(_, c)| is_in_set(*c) != allowed) else { return Ok(()) };
    let (before, after) = cut(complaint, b'%');
    if before.len() == complaint.len() {
        return Err(complaint.into());
    }
    Err(concat(&[before, "'", value.get(at..at + c.len_utf8()).unwrap_or(""), "'", after]))
}

/// The number without a sign and leading zeros. In this form a longer one is greater, and of two that are as long the
/// one that sorts later.
fn number<'a>(range: &str, value: &'a str) -> Result<&'a str, String> {
    let (min, max) = cut(range, b'\t');
    let digits = value.strip_prefix("+").unwrap_or(value);
    let zeros = digits.bytes().take_while(|byte| *byte == b'0').count();
    // Of zero, one is left.
    let number = digits.get(zeros.min(digits.len().saturating_sub(1))..).unwrap_or("");
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let at_most = |one: &str, other: &str| (one.len(), one) <= (other.len(), other);
    if is_number && at_most(min, number) && at_most(number, max) {
        return Ok(number);
    }
    Err(concat(&["is not a number from ", min, " to ", max]))
}

fn complain(what: &str, words: &str, between: &str) -> String {
    let mut text = String::from(what);
    let mut before = " `";
    for word in split(words, b'\t') {
        text.push_str(before);
        text.push_str(word);
        text.push_str("`");
        before = between;
    }
    text
}
