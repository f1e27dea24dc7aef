//! Checks a value by a rule in its text form, which the crate's documentation describes and [`Rule`](crate::Rule) writes.
//!
//! This code is in every component that reads options at run time, so it is written for size: no formatting, no tables.

use crate::{
    set,
    shown::push_shown,
    text::{NOTHING, cut, split, trim},
};
use alloc::string::String;

/// Brings `value` into the one form that `rule` gives it.
///
/// # Errors
///
/// Says what is wrong with the value: a predicate, such as "is empty".
///
/// # Examples
///
/// ```
/// use msgcompose_options::check;
///
/// assert_eq!(check("#1\t99", "007"), Ok("7".into()));
/// assert_eq!(check("#1\t99", "seven"), Err("is not a number from 1 to 99".into()));
/// ```
pub fn check(rule: &str, value: &str) -> Result<String, String> {
    let mut complaint = String::new();
    check_or_say::<true>(rule, value, &mut complaint).ok_or(complaint)
}

/// As [`check`], but the complaint shows nothing of the value.
///
/// # Errors
///
/// Says what is wrong with the value, as [`check`] does.
///
/// # Examples
///
/// ```
/// use msgcompose_options::check_secret;
///
/// let complaint = "has an item that is not a number from 1 to 99";
/// assert_eq!(check_secret(",\n#1\t99", "7, secret"), Err(complaint.into()));
/// ```
pub fn check_secret(rule: &str, value: &str) -> Result<String, String> {
    let mut complaint = String::new();
    check_or_say::<false>(rule, value, &mut complaint).ok_or(complaint)
}

/// The form of a value; none if it is wrong, and then what is wrong with it stands behind what `text` was before. Only if
/// `SHOWN`, that may have pieces of the value in it.
pub fn check_or_say<const SHOWN: bool>(rule: &str, value: &str, text: &mut String) -> Option<String> {
    let is_list = rule.as_bytes().first() == Some(&b',');
    let mut is_lower = false;
    let mut form = String::new();
    let before = text.len();
    for whole in split(value, if is_list { b',' } else { NOTHING }) {
        let mut item = if is_list { trim(whole) } else { whole };
        if is_list && item.is_empty() {
            continue;
        }
        // An item that is wrong is named. That is put there before anybody knows, and taken away again.
        text.truncate(before);
        if item.len() < value.len() && SHOWN {
            text.push_str("has `");
            text.push_str(item);
            text.push_str("`, which ");
        } else if item.len() < value.len() {
            text.push_str("has an item that ");
        }
        let mut end = "";
        for line in split(rule, b'\n') {
            let (Some(kind), Some(spec)) = (line.as_bytes().first(), line.get(1..)) else { continue };
            if !passes::<SHOWN>(*kind, spec, item, text) {
                return None;
            }
            match kind {
                b'#' => item = digits(item),
                b'~' | b'/' => {
                    while let Some(shorter) = item.strip_suffix("/") {
                        item = shorter;
                    }
                    end = if *kind == b'/' { "/" } else { "" };
                }
                b'l' => is_lower = true,
                _ => {}
            }
        }
        let is_more = !item.is_empty() || !end.is_empty();
        if is_more && !form.is_empty() {
            form.push_str(",");
        }
        form.push_str(item);
        form.push_str(end);
    }
    if is_lower {
        form.make_ascii_lowercase();
    }
    Some(form)
}

/// Whether a value passes one check. If not, what is wrong with it is put behind `text`.
fn passes<const SHOWN: bool>(kind: u8, spec: &str, value: &str, text: &mut String) -> bool {
    let complaint = match kind {
        b'!' if value.is_empty() => "is empty",
        b'h' => match lacks_host(value) {
            "" => return true,
            complaint => complaint,
        },
        b'@' if !is_pair(spec, value) => cut(spec, b'\t').1,
        b'{' => return placeholders::<SHOWN>(spec, value, text),
        b'-' | b'>' | b'+' => return characters::<SHOWN>(kind, spec, value, text),
        b'#' if !is_in_range(spec, value) => {
            text.push_str("is not a number from ");
            list(text, spec, " to ");
            ""
        }
        b'=' if !any(spec, value, false) => {
            text.push_str("is none of `");
            list(text, spec, "`, `");
            "`"
        }
        b'^' if !any(spec, value, true) => {
            text.push_str("does not begin with `");
            list(text, spec, "` or `");
            "`"
        }
        _ => return true,
    };
    text.push_str(complaint);
    false
}

/// What is wrong with the host of a URL; empty if nothing is. A name in braces may stand for all before the path.
fn lacks_host(url: &str) -> &'static str {
    let is_template = url.as_bytes().first() == Some(&b'{');
    let (_, behind) = cut(url, if is_template { b'}' } else { b':' });
    let authority = if is_template { behind } else { behind.get(2..).unwrap_or("") };
    let authority = cut(cut(authority, b'/').0, b'?').0;
    let has = |byte| cut(authority, byte).0.len() < authority.len();
    match authority.as_bytes().first() {
        _ if has(b'@') => "has a user before its host",
        Some(_) if is_template => "has more than a path or a query behind a name in braces",
        None if is_template => "",
        None | Some(b':') => "is a URL without a host",
        _ if has(b'{') => "has a name in braces in its host",
        _ => "",
    }
}

/// Whether the separator has something before and behind it.
fn is_pair(spec: &str, value: &str) -> bool {
    let (before, behind) = cut(value, spec.as_bytes().first().copied().unwrap_or(NOTHING));
    !before.is_empty() && !behind.is_empty()
}

/// The number without a sign and leading zeros; of zero, one is left.
fn digits(number: &str) -> &str {
    let mut digits = number.strip_prefix("+").unwrap_or(number);
    while let [b'0', _, ..] = digits.as_bytes() {
        digits = digits.get(1..).unwrap_or("");
    }
    digits
}

fn is_in_range(range: &str, value: &str) -> bool {
    let (min, max) = cut(range, b'\t');
    let number = digits(value);
    // The longer is greater, and of two that are as long the one that sorts later.
    let at_most = |one: &str, other: &str| (one.len(), one) <= (other.len(), other);
    number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.is_empty()
        && at_most(min, number)
        && at_most(number, max)
}

/// Fails for a brace that no other one matches, else for the first name in braces that is not a known one.
fn placeholders<const SHOWN: bool>(known: &str, value: &str, text: &mut String) -> bool {
    let mut unknown = None;
    let mut rest = value;
    loop {
        let (before, behind) = cut(rest, b'{');
        let is_last = before.len() == rest.len();
        let (name, after) = cut(behind, b'}');
        let is_stray = cut(before, b'}').0.len() < before.len();
        if is_stray || !is_last && (name.len() == behind.len() || cut(name, b'{').0.len() < name.len()) {
            text.push_str("has unbalanced braces");
            return false;
        }
        if is_last {
            break;
        }
        if !any(known, name, false) {
            unknown = unknown.or(Some(name));
        }
        rest = after;
    }
    let Some(name) = unknown else { return true };
    if SHOWN {
        text.push_str("has a `{");
        text.push_str(name);
        text.push_str("}`; there is {");
    } else {
        text.push_str("has a name in braces that is none of {");
    }
    list(text, known, "}, {");
    text.push_str("}");
    false
}

/// Fails for the first character that the set forbids. In a complaint `%` stands for it, or for the words that it is not
/// shown.
fn characters<const SHOWN: bool>(kind: u8, spec: &str, value: &str, text: &mut String) -> bool {
    let (set, complaint) = cut(spec, b'\t');
    let last = if kind == b'>' { set.get(..1).unwrap_or("") } else { "" };
    let value = value.strip_suffix(last).unwrap_or(value);
    let Some((at, c)) = value.char_indices().find(|(_, c)| set::has(set, *c) != (kind == b'+')) else { return true };
    let (before, behind) = cut(complaint, b'%');
    text.push_str(before);
    if before.len() < complaint.len() && SHOWN {
        push_shown(text, c, value.get(at..at + c.len_utf8()).unwrap_or(""));
    } else if before.len() < complaint.len() {
        text.push_str("(not shown)");
    }
    text.push_str(behind);
    false
}

/// Whether one of the words is the value, or what it begins with.
fn any(words: &str, value: &str, begins: bool) -> bool {
    split(words, b'\t').any(|word| value.starts_with(word) && (begins || value.len() == word.len()))
}

/// Puts words behind `text`, with `between` between them.
fn list(text: &mut String, words: &str, between: &str) {
    let mut before = "";
    for word in split(words, b'\t') {
        text.push_str(before);
        text.push_str(word);
        before = between;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert_eq!(check("#0\t9", "000"), Ok("0".into()));
        let all = "#0\t18446744073709551615";
        assert_eq!(check(all, "+018446744073709551615"), Ok(u64::MAX.to_string()));
        let refused = Err("is not a number from 0 to 18446744073709551615".into());
        assert_eq!(check(all, "18446744073709551616"), refused);
        assert_eq!(check("#7\t10", "6"), Err("is not a number from 7 to 10".into()));
        assert_eq!(check("#7\t10", "10"), Ok("10".into()));
    }

    #[test]
    fn a_complaint_about_a_secret_shows_nothing_of_it() {
        for (rule, value, complaint) in [
            ("!", "", "is empty"),
            (",\n#1\t9", "12", "is not a number from 1 to 9"),
            (",\n#1\t9", "1, 12", "has an item that is not a number from 1 to 9"),
            ("-*\thas a character %, which no topic has", "a*", "has a character (not shown), which no topic has"),
            ("-*\thas a star", "a*", "has a star"),
            ("{a\tb", "{c}", "has a name in braces that is none of {a}, {b}"),
            ("{a\tb", "{", "has unbalanced braces"),
        ] {
            assert_eq!(check_secret(rule, value), Err(complaint.into()));
            assert!(check(rule, value).is_err());
        }
        assert_eq!(check_secret("#1\t9", "07"), Ok("7".into()));
    }

    #[test]
    fn lines_of_another_kind_pass_everything() {
        assert_eq!(check("\n?what\n\n!", "a"), Ok("a".into()));
    }
}
