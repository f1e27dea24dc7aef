//! The values that hold at run time: those that are set outside, checked, over the baked ones.

use crate::{
    check,
    text::{concat, cut, split},
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

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
    fn of((key, text): &'a (String, String)) -> Option<Self> {
        let name = key.strip_prefix("?")?;
        let (outside, rest) = cut(text, b'\n');
        let (differs_from, rest) = cut(rest, b'\n');
        let (help, rule) = cut(rest, b'\n');
        Some(Self { name, outside, differs_from, help, rule })
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

/// The described options with their values; or what is wrong with one that is `set`, or needed and not set at all.
pub fn merge(baked: &Options, set: &Options, place: Place) -> Result<Options, String> {
    let mut options = Options::new();
    for description in baked.iter().filter_map(Description::of) {
        let value = match (description.find(set), get(baked, description.name)) {
            ((name, Some(value)), _) => {
                check(description.rule, value).map_err(|reason| complain(place, name, value, &reason))?
            }
            (_, Some(value)) => value.to_owned(),
            ((name, None), None) => return Err(unset(place, name, description.help)),
        };
        options.push((description.name.to_owned(), value));
    }
    for description in baked.iter().filter_map(Description::of) {
        let value = get(&options, description.name).unwrap_or("");
        let same = split(description.differs_from, b'\t').find(|other| get(&options, other) == Some(value));
        if let Some(other) = same.filter(|_| !value.is_empty()) {
            let reason = concat(&["is the value of `", other, "` too"]);
            return Err(complain(place, description.find(set).0, value, &reason));
        }
    }
    Ok(options)
}

fn unset(Place(before, behind): Place, name: &str, help: &str) -> String {
    concat(&[before, name, behind, " is not set, and no value was baked: ", help])
}

fn complain(Place(before, behind): Place, name: &str, value: &str, reason: &str) -> String {
    let shown = if value.is_empty() { ["", "the value", " "] } else { ["`", value, "` "] };
    concat(&[before, name, behind, ": ", shown[0], shown[1], shown[2], reason])
}
