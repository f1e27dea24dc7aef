//! The values that hold at run time: those that are set outside, checked, over the baked ones.

use crate::{
    check::check_or_say,
    rule::Rule,
    text::{cut, split},
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// Names with values.
pub type Options = Vec<(String, String)>;

/// What [`describe`] says of an option.
struct Description<'a> {
    name: &'a str,
    outside: &'a str,
    differs_from: &'a str,
    help: &'a str,
    rule: &'a str,
}

/// Writes what [`merge`] must know of the option `name`: a key and a value that are baked beside the options.
///
/// The option is set by one of the names in `outside`; an earlier one goes before a later one. Its value must differ from
/// those of the options in `differs_from`. `help` is for when it has no value at all. Names and help are one line without
/// tabs.
#[must_use]
pub fn describe(name: &str, outside: &[String], differs_from: &[String], help: &str, rule: &Rule) -> (String, String) {
    let text = [&outside.join("\t"), &differs_from.join("\t"), help, rule.as_str()].join("\n");
    (["?", name].concat(), text)
}

impl<'a> Description<'a> {
    /// Reads what [`describe`] writes.
    fn of((key, text): &'a (String, String)) -> Option<Self> {
        let name = key.strip_prefix("?")?;
        let (outside, rest) = cut(text, b'\n');
        let (differs_from, rest) = cut(rest, b'\n');
        let (help, rule) = cut(rest, b'\n');
        Some(Self { name, outside, differs_from, help, rule })
    }

    /// The name that it is set by, with the value; the last of its names, if it is not set.
    fn find<'b>(&self, set: &'b Options) -> (&'a str, Option<&'b str>) {
        let mut last = "";
        for name in split(self.outside, b'\t') {
            last = name;
            if let Some(value) = get(set, name) {
                return (name, Some(value));
            }
        }
        (last, None)
    }
}

/// The value of the option `name`.
#[must_use]
pub fn get<'a>(options: &'a Options, name: &str) -> Option<&'a str> {
    options.iter().find_map(|(other, value)| (other == name).then_some(value.as_str()))
}

/// Returns the values that hold at run time: of each option that `baked` describes the one that is `set`, or else the
/// baked one.
///
/// `place` is put around the name of an option, to say where it is set. One newline at the end of a value that is set is
/// removed, because mounted files end with one.
///
/// # Errors
///
/// Says which option is wrong and why: its value breaks its rule or is that of another option, or it has none. Nothing of
/// a value is shown: it may be a secret, and whoever reads the error a stranger.
///
/// # Examples
///
/// ```
/// use msgcompose_options::{Check, Rule, describe, merge};
///
/// # fn main() -> Result<(), msgcompose_options::RuleError> {
/// let rule = Rule::new(&[Check::Number { min: 1, max: 100 }])?;
/// let description = describe("poll-ms", &["POLL_MS".to_owned()], &[], "How often to look", &rule);
/// let baked = vec![("poll-ms".to_owned(), "50".to_owned()), description];
/// let set = |value: &str| vec![("POLL_MS".to_owned(), value.to_owned())];
///
/// let merged = merge(&baked, &set("007"), ["variable ", ""]);
/// assert_eq!(merged, Ok(vec![("poll-ms".to_owned(), "7".to_owned())]));
/// let refused = merge(&baked, &set("often"), ["variable ", ""]);
/// assert_eq!(refused, Err("variable POLL_MS: the value is not a number from 1 to 100".to_owned()));
/// # Ok(())
/// # }
/// ```
pub fn merge(baked: &Options, set: &Options, place: [&str; 2]) -> Result<Options, String> {
    let mut options = Options::new();
    let mut complaint = String::new();
    for description in baked.iter().filter_map(Description::of) {
        let (name, value) = description.find(set);
        begin(&mut complaint, place, name);
        let value = if let Some(value) = value {
            complaint.push_str(": the value ");
            check_or_say::<false>(description.rule, without_newline(value), &mut complaint)
        } else {
            complaint.push_str(" is not set, and no value was baked: ");
            complaint.push_str(description.help);
            get(baked, description.name).map(str::to_owned)
        };
        let Some(value) = value else { return Err(complaint) };
        options.push((description.name.to_owned(), value));
    }
    for description in baked.iter().filter_map(Description::of) {
        let value = get(&options, description.name).unwrap_or("");
        let same = split(description.differs_from, b'\t').find(|other| get(&options, other) == Some(value));
        if let Some(other) = same.filter(|_| !value.is_empty()) {
            begin(&mut complaint, place, description.find(set).0);
            complaint.push_str(": the value is that of `");
            complaint.push_str(other);
            complaint.push_str("` too");
            return Err(complaint);
        }
    }
    Ok(options)
}

/// The beginning of a complaint.
fn begin(text: &mut String, [before, behind]: [&str; 2], name: &str) {
    text.clear();
    text.push_str(before);
    text.push_str(name);
    text.push_str(behind);
}

/// The value without one newline at its end: LF, or CR and LF.
fn without_newline(value: &str) -> &str {
    value.strip_suffix("\n").map_or(value, |line| line.strip_suffix("\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;

    fn options(pairs: &[(&str, &str)]) -> Options {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_set_goes_over_what_is_baked() {
        let described = |name: &str, differs_from: &[String], help, check| {
            let outside = ["A_", ""].map(|prefix| prefix.to_owned() + &name.to_uppercase());
            describe(name, &outside, differs_from, help, &Rule::new(&[check]).unwrap())
        };
        let one = described("one", &[], "", Check::NoControlCharacters);
        let two = described("two", &["one".to_owned()], "The second", Check::NotEmpty);
        assert_eq!(two, ("?two".to_owned(), "A_TWO\tTWO\none\nThe second\n!".to_owned()));
        let baked = Vec::from([one, two, ("one".to_owned(), "1".to_owned())]);
        let merged = |set: &[(&str, &str)]| merge(&baked, &options(set), ["<", ">"]);
        let both = |one, two| Ok(options(&[("one", one), ("two", two)]));
        assert_eq!(merged(&[("TWO", "2"), ("OTHER", "\0")]), both("1", "2"));
        assert_eq!(merged(&[("TWO", "2"), ("ONE", ""), ("A_TWO", "3")]), both("", "3"));
        assert_eq!(merged(&[]), Err("<TWO> is not set, and no value was baked: The second".into()));
        assert_eq!(merged(&[("A_TWO", "")]), Err("<A_TWO>: the value is empty".into()));
        assert_eq!(merged(&[("TWO", "1")]), Err("<TWO>: the value is that of `one` too".into()));
        assert_eq!(merged(&[("TWO", "1"), ("ONE", "\t")]), Err("<ONE>: the value has a control character".into()));
        assert_eq!(get(&merged(&[("TWO", "2")]).unwrap(), "two"), Some("2"));
    }

    #[test]
    fn one_newline_at_the_end_of_a_value_is_removed() {
        let rule = Rule::new(&[Check::NoControlCharacters]).unwrap();
        let baked = Vec::from([describe("a", &["A".to_owned()], &[], "", &rule), ("a".into(), "baked\n".into())]);
        let merged = |set: &[(&str, &str)]| merge(&baked, &options(set), ["", ""]).map(|all| all[0].1.clone());
        for (value, trimmed) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("\n", ""), ("\r\n", ""), (" a ", " a ")] {
            assert_eq!(merged(&[("A", value)]), Ok(trimmed.to_owned()), "{value:?}");
        }
        for value in ["a\n\n", "a\r", "\na", "a\n\r\n", "a\r\r\n"] {
            assert_eq!(merged(&[("A", value)]), Err("A: the value has a control character".into()), "{value:?}");
        }
        // What is baked was checked while composing.
        assert_eq!(merged(&[]), Ok("baked\n".to_owned()));
    }
}
