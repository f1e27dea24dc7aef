//! Finds what in a manifest contradicts something else in it.

use crate::{
    adapters::{
        adapter::Adapter,
        duty::{INNER, INNER_IN_PATH},
        option::{DefaultValue, OptionSpec},
        part::{DIALECT, FileSpec, Part, Role},
    },
    types::dialect::Dialect,
};
use std::collections::BTreeSet;

/// Returns a contradiction in the manifest, or none if it is consistent.
pub(super) fn contradiction(adapter: &Adapter) -> Option<String> {
    let mut parts = BTreeSet::new();
    for part in &adapter.parts {
        let Part { name, with, file, .. } = part;
        if part.role.is_none() {
            return Some(format!("part `{name}` has no role"));
        }
        if with.as_ref().is_some_and(|with| !parts.contains(with)) {
            return Some(format!("part `{name}` goes with a part that does not come before it"));
        }
        if !part.functions.is_empty() && part.role != Some(Role::Provider) {
            return Some(format!("part `{name}` has only some functions, but is no provider"));
        }
        let interfaces = [("wraps", &part.wraps), ("clashes", &part.clashes)];
        let named = interfaces.iter().find(|(_, interfaces)| interfaces.all().any(|some| !some.is_empty()));
        if let Some((key, _)) = named.filter(|_| part.role != Some(Role::Interceptor)) {
            return Some(format!("part `{name}` has `{key}`, but is no interceptor"));
        }
        if !parts.insert(name.clone()) {
            return Some(format!("two parts are called `{name}`"));
        }
        let files = [Some(file), part.debug_file.as_ref()].into_iter().flatten();
        if let Some(file) = files.flat_map(FileSpec::all).map(ToString::to_string).find(|file| leaves(file)) {
            return Some(format!("the file of part `{name}` is `{file}`, which is not in the folder of the adapter"));
        }
        let values = |option: &str| adapter.option(option).and_then(|option| option.kind.values());
        if let Some(option) = file.options().find(|option| *option != DIALECT && values(option).is_none()) {
            return Some(format!("the file of part `{name}` depends on `{option}`, which is not a choice"));
        }
        let choice = |option: &str| adapter.option(option).and_then(|option| option.kind.values());
        if let Some(option) = file.option().filter(|_| !file.is_complete(choice)) {
            return Some(format!("the file of part `{name}` is not one for each value of `{option}`"));
        }
        let incomplete = interfaces.iter().find(|(_, interfaces)| !interfaces.is_complete(choice));
        if let Some((key, _)) = incomplete {
            return Some(format!("`{key}` of part `{name}` is not one for each value of one choice"));
        }
        let mut debug = part.debug_file.iter().flat_map(FileSpec::options);
        if let Some(option) = debug.find(|option| !file.options().any(|other| other == *option)) {
            return Some(format!("the debug file of part `{name}` depends on `{option}`, which its file does not"));
        }
    }
    let mut names = BTreeSet::new();
    for option in &adapter.options {
        if option.name == DIALECT {
            return Some(format!("an option is called `{DIALECT}`, which stands for the dialect of messaging"));
        }
        if !names.insert(&option.name) {
            return Some(format!("two options are called `{}`", option.name));
        }
        if let Some(part) = option.parts.iter().find(|part| !parts.contains(*part)) {
            return Some(format!("option `{}` is for a part `{part}` that does not exist", option.name));
        }
        if let Some(contradiction) = of_option(option, adapter) {
            return Some(contradiction);
        }
    }
    for duty in &adapter.duties {
        if let Some(contradiction) = of_company("a duty of the host", &duty.with, &parts) {
            return Some(contradiction);
        }
        let inner: &[&str] = if duty.in_place_of.is_some() { &[INNER, INNER_IN_PATH] } else { &[] };
        if let Some(name) = inner.iter().find(|name| adapter.option(name).is_some()) {
            return Some(format!(
                "an option is called `{name}`, which stands for the duty in whose place another stands"
            ));
        }
        let mut names = duty.options().filter(|name| *name != DIALECT && !inner.contains(name));
        if let Some(name) = names.find(|name| adapter.option(name).is_none()) {
            return Some(format!("a duty of the host names an option `{name}` that does not exist"));
        }
    }
    for warning in &adapter.warnings {
        if let Some(contradiction) = of_company("a warning", &warning.with, &parts) {
            return Some(contradiction);
        }
        if let Some(name) = warning.options().find(|name| adapter.option(name).is_none()) {
            return Some(format!("a warning names an option `{name}` that does not exist"));
        }
    }
    None
}

/// Returns whether a file is named by a path that leads out of a folder, on any system.
fn leaves(file: &str) -> bool {
    let is_drive = |first: &str| first.as_bytes().get(1) == Some(&b':');
    let mut segments = file.split(['/', '\\']);
    segments.clone().any(|segment| segment == "..")
        || segments.next().is_some_and(|first| first.is_empty() || is_drive(first))
}

/// Returns a contradiction in the parts that something goes with. `what` is its name in words.
fn of_company(what: &str, with: &[String], parts: &BTreeSet<String>) -> Option<String> {
    if with.is_empty() {
        return Some(format!("{what} goes with no part"));
    }
    let missing = with.iter().find(|part| !parts.contains(*part))?;
    Some(format!("{what} goes with a part `{missing}` that does not exist"))
}

/// Returns a contradiction in the declaration of an option.
fn of_option(option: &OptionSpec, adapter: &Adapter) -> Option<String> {
    let name = &option.name;
    if let Some(other) = option.differs_from.iter().find(|other| adapter.option(other).is_none()) {
        return Some(format!("option `{name}` differs from `{other}`, which does not exist"));
    }
    let is_choice_of =
        |(other, values): (&String, &Vec<String>)| match adapter.option(other).and_then(|other| other.kind.values()) {
            Some(known) => values.iter().all(|value| known.contains(value)),
            None => false,
        };
    if !option.only_with.iter().all(is_choice_of) {
        return Some(format!("option `{name}` has an effect only with values that no choice has"));
    }
    if option.is_family() && option.default.is_some() {
        return Some(format!("option `{name}` stands for many, and cannot have a default"));
    }
    if option.secret && option.kind.values().is_some() {
        return Some(format!("option `{name}` is secret, but a choice: what is composed shows which it is"));
    }
    let unfit = |value: &String| {
        let reason = option.kind.parse(value).err()?;
        Some(format!("the default `{value}` of option `{name}` {reason}"))
    };
    match &option.default {
        None => None,
        Some(DefaultValue::Fixed(value)) => unfit(value),
        Some(DefaultValue::By(by)) => {
            let choice = by.iter().next().filter(|_| by.len() == 1);
            let values: Option<Vec<&String>> = choice.and_then(|(other, defaults)| {
                if *other == DIALECT {
                    return Dialect::ALL.iter().map(|dialect| defaults.get(&dialect.to_string())).collect();
                }
                adapter.option(other)?.kind.values()?.iter().map(|value| defaults.get(value)).collect()
            });
            match values {
                None => Some(format!("the default of option `{name}` does not follow all values of one choice")),
                Some(values) => values.into_iter().find_map(unfit),
            }
        }
    }
}
