use super::*;
use crate::{
    common::remedy::Remedied,
    compose::{
        guests::Guests,
        record::{Composition, Guest},
    },
    hosts::profile::Profile,
    wasm::strip::Strip,
};
use std::{borrow::Cow, collections::BTreeMap};

/// Returns a component with these imports and exports, which have no functions.
fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let imports = imports.iter().map(|name| format!("(import \"{name}\" (instance))"));
    let exports = exports.iter().map(|name| {
        format!("(instance $i{} (instantiate $c)) (export \"{name}\" (instance $i{}))", name.len(), name.len())
    });
    let items: String = imports.chain(exports).collect();
    wat::parse_str(format!("(component (component $c) {items})")).unwrap()
}

/// Returns an adapter with one part and perhaps one option.
fn adapter(name: &str, role: &str, part: Vec<u8>, option: &str) -> Adapter {
    let option = if option.is_empty() {
        String::new()
    } else {
        format!("[[option]]\nname = '{option}'\ntype = 'text'\nparts = ['part']\nhelp = 'A test.'\n")
    };
    let manifest =
        format!("summary = 'a test'\n[[part]]\nname = 'part'\nrole = '{role}'\nfile = 'part.wasm'\n{option}");
    let files = [("adapter.toml", manifest.into_bytes()), ("part.wasm", part)];
    let files: BTreeMap<_, _> = files.into_iter().map(|(name, bytes)| (name.to_owned(), Cow::from(bytes))).collect();
    Adapter::from_files(name, files).unwrap()
}

fn provider(name: &str, imports: &[&str], exports: &[&str], option: &str) -> Adapter {
    adapter(name, "provider", component(imports, exports), option)
}

/// Chooses for a guest that imports `a:a/a` on a host that offers `h:h` and calls `x:x/run`.
fn choose(catalogue: &[Adapter], options: &[&str], prefer: &str) -> Result<Vec<String>, Error> {
    let text = format!(
        "summary = ''\nversion = ''\nday = ''\nversions = 'track'\nprefer = [{prefer}]\n[[call]]\ninterface = 'x:x/run'\n\
         instances = 'fresh'\nsource.run = ''\n[[offer]]\npackage = 'h:h'\nsource.run = ''\n"
    );
    let host: Profile = toml::from_str(&text).unwrap();
    let guest = Guest::new("guest", component(&["a:a/a"], &["x:x/run"]));
    let guests = Guests::read(guest, Vec::new(), Strip::Nothing).unwrap();
    let mut composition = Composition::new("guest", Vec::new());
    for option in options {
        composition = composition.set(*option, "1");
    }
    let wanted = Wanted { composition: &composition, guests: &guests, host: &host };
    let chosen = wanted.choose(catalogue)?;
    Ok(chosen.adapters.into_iter().map(|adapter| adapter.name).collect())
}

/// An adapter that cannot be read, so trying it is an error.
fn trap(name: &str) -> Adapter {
    let mut broken = provider(name, &[], &["t:t/unrelated"], "");
    broken.parts.push(crate::adapters::part::Part::new("missing", None, "missing.wasm"));
    broken
}

#[test]
fn a_stack_grows_only_by_what_serves_something() {
    let mut catalogue: Vec<_> = (0..12).map(|number| trap(&format!("trap-{number}"))).collect();
    catalogue.push(provider("inner", &["b:b/b"], &["a:a/a"], ""));
    catalogue.push(provider("outer", &["h:h/h"], &["b:b/b"], ""));
    assert_eq!(choose(&catalogue, &[], "").unwrap(), ["inner", "outer"]);
}

#[test]
fn a_filter_serves_nothing() {
    let catalogue = [provider("filter", &["a:a/a"], &["a:a/a"], ""), provider("real", &["h:h/h"], &["a:a/a"], "")];
    assert_eq!(choose(&catalogue, &[], "").unwrap(), ["real"]);
    assert!(choose(&catalogue[..1], &[], "").is_err());
}

#[test]
fn a_stack_has_at_most_three_adapters() {
    let chain = |length: usize| {
        let names = ["a:a/a", "b:b/b", "c:c/c", "d:d/d", "h:h/h"];
        let link = |at: usize| {
            let import = if at + 1 == length { "h:h/h" } else { names[at + 1] };
            provider(&format!("link-{at}"), &[import], &[names[at]], "")
        };
        (0..length).map(link).collect::<Vec<_>>()
    };
    assert_eq!(choose(&chain(3), &[], "").unwrap(), ["link-0", "link-1", "link-2"]);
    assert!(choose(&chain(4), &[], "").is_err());
}

#[test]
fn options_come_before_length_and_length_before_preference() {
    let catalogue = [
        provider("short", &["h:h/h"], &["a:a/a"], "s"),
        provider("long", &["b:b/b"], &["a:a/a"], "l"),
        provider("below", &["h:h/h"], &["b:b/b"], ""),
    ];
    assert_eq!(choose(&catalogue, &[], "'long'").unwrap(), ["short"]);
    assert_eq!(choose(&catalogue, &["l"], "'short'").unwrap(), ["long", "below"]);
}

#[test]
fn among_equal_stacks_the_profile_decides_or_an_option() {
    let catalogue = [provider("one", &["h:h/h"], &["a:a/a"], "x"), provider("two", &["h:h/h"], &["a:a/a"], "y")];
    assert_eq!(choose(&catalogue, &[], "'two', 'one'").unwrap(), ["two"]);
    assert_eq!(choose(&catalogue, &["x"], "'two', 'one'").unwrap(), ["one"]);
    let error = choose(&catalogue, &[], "").unwrap_err();
    assert_eq!(error.to_string(), "`guest` would run on `` with `one`, or with `two`");
    assert_eq!(error.remedy().unwrap().to_string(), "set option `x` for `one`, or option `y` for `two`");
}
