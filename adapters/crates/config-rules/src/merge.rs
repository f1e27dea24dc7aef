//! The values that hold at run time: those that are set outside, checked, over the baked ones.

use crate::{
    check,
    text::{concat, cut, split},
};
use alloc::{string::String, vec::Vec};

/// Names with values.
pub type Options = Vec<(String, String)>;

/// What an option's name is written in to say where it is set: before and behind it.
#[derive(Clone, Copy)]
pub struct Place(pub &'static str, pub &'static str);

/// What is baked about the option `name`, under the key `?name`: the names under which it can be set outside, separated
/// by tabs, the first before the others; the options that it must differ from, separated by tabs; what it is for; the
/// rest is its rule. All but the last end with a line.
struct Description<'a> {
    name: &'a str,
    outside: &'a str,
    differs_from: &'a str,
    help: &'a str,
    rule: &'a str,
}

impl<'a> Description<'a> {
    fn of((key, text): &'a (String, String)) -> Self {
        let (outside, rest) = cut(text, b'\n');
        let (differs_from, rest) = cut(rest.unwrap_or(""), b'\n');
        let (help, rule) = cut(rest.unwrap_or(""), b'\n');
        Self { name: key.get(1..).unwrap_or(""), outside, differs_from, help, rule: rule.unwrap_or("") }
    }

    /// The name that it is set by and the value; the last of its names, when it is not set.
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

/// The value of an option.
fn get<'a>(options: &'a Options, name: &str) -> Option<&'a str> {
    options.iter().find_map(|(other, value)| (other == name).then_some(value.as_str()))
}

/// The options with their values; or what is wrong with one that is `set`, or needed and not set at all.
pub fn merge(baked: Options, set: &Options, place: Place) -> Result<Options, String> {
    let (described, mut options): (Options, Options) = baked.into_iter().partition(|(key, _)| key.starts_with('?'));
    for description in described.iter().map(Description::of) {
        let (name, value) = description.find(set);
        let position = options.iter().position(|(option, _)| option == description.name);
        match (value, position) {
            (Some(value), position) => {
                let value = check(description.rule, value).map_err(|reason| complain(place, name, value, &reason))?;
                match position {
                    Some(position) => options[position].1 = value,
                    None => options.push((description.name.into(), value)),
                }
            }
            (None, Some(_)) => {}
            (None, None) => {
                let Place(before, behind) = place;
                let unset = " is not set, and no value was baked: ";
                return Err(concat(&[before, name, behind, unset, description.help]));
            }
        }
    }
    for description in described.iter().map(Description::of) {
        let value = get(&options, description.name).filter(|value| !value.is_empty());
        let same = split(description.differs_from, b'\t').find(|other| value.is_some() && get(&options, other) == value);
        if let (Some(other), Some(value)) = (same, value) {
            let reason = concat(&["is the value of `", other, "` too"]);
            return Err(complain(place, description.find(set).0, value, &reason));
        }
    }
    Ok(options)
}

fn complain(Place(before, behind): Place, name: &str, value: &str, reason: &str) -> String {
    let quote = if value.is_empty() { "" } else { "`" };
    let value = if value.is_empty() { "the value" } else { value };
    concat(&[before, name, behind, ": ", quote, value, quote, " ", reason])
}
