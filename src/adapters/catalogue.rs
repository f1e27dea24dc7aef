//! The catalogue: the adapters that are built into msgcompose. Each folder of `adapters/` that has a manifest is one.

use crate::{
    adapters::adapter::Adapter,
    common::{
        ErrorKind,
        quote::quoted,
        remedy::{Remedied, Remedy},
        suggest::closest,
    },
};
use std::{borrow::Cow, collections::BTreeMap, path::Path, str::FromStr};

/// A folder of `adapters/`, with its files.
struct Folder {
    name: &'static str,
    /// The manifest, as JSON.
    manifest: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

impl Folder {
    fn files(&self) -> BTreeMap<String, Cow<'static, [u8]>> {
        self.files.iter().map(|(name, bytes)| ((*name).to_owned(), Cow::Borrowed(*bytes))).collect()
    }
}

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The catalogue has no adapter of this name.
#[derive(Debug, thiserror::Error)]
#[error("no adapter `{name}`; there is {}", quoted(names(), ", "))]
#[non_exhaustive]
pub struct UnknownAdapter {
    /// The name that was looked up.
    pub name: String,
}

impl Remedied for UnknownAdapter {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(match closest(&self.name, names()) {
            Some(name) => Remedy::did_you_mean(name),
            None => "for an adapter of your own pass a path: `./NAME/` or `./NAME.wasm`".into(),
        })
    }
}

/// Returns whether `adapter` is a path of a folder or component. Otherwise it is the name of an adapter in the
/// catalogue.
#[must_use]
pub fn is_path(adapter: &str) -> bool {
    matches!(adapter, "." | "..")
        || adapter.contains(['/', '\\'])
        || Path::new(adapter).extension().is_some_and(|extension| extension == "wasm")
}

/// Returns the names of all adapters, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|folder| folder.name)
}

/// Looks up an adapter of the catalogue by name.
impl FromStr for Adapter {
    type Err = UnknownAdapter;

    fn from_str(name: &str) -> Result<Self, UnknownAdapter> {
        get(name)
    }
}

/// Returns all adapters, sorted by name.
#[must_use]
pub fn all() -> Vec<Adapter> {
    names().filter_map(|name| get(name).ok()).collect()
}

/// Returns the adapter of this name.
///
/// # Panics
///
/// Panics if the adapter's manifest cannot be parsed. A test rules this out.
pub fn get(name: &str) -> Result<Adapter, UnknownAdapter> {
    let folder = FOLDERS.iter().find(|folder| folder.name == name);
    let folder = folder.ok_or_else(|| UnknownAdapter { name: name.to_owned() })?;
    let manifest = serde_json::from_str(folder.manifest).expect("the manifests in the catalogue are tested");
    let mut adapter = Adapter::of(name, manifest, folder.files()).expect("the manifests in the catalogue are tested");
    adapter.version = Some(env!("CARGO_PKG_VERSION").to_owned());
    Ok(adapter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        adapters::{
            adapter::Variant,
            config::{self, slot},
            part::{DIALECT, Part},
        },
        types::{component::Arena, interface::ExternName},
        wasm::binary::Binary,
    };
    use std::collections::BTreeSet;

    #[test]
    fn every_adapter_can_be_read_and_every_build_of_its_parts_is_there() {
        for name in names() {
            let adapter = get(name).unwrap();
            for part in &adapter.parts {
                for values in combinations(&adapter, part) {
                    let value = |option| values[option].as_str();
                    let Ok(file) = adapter.file(part, value) else {
                        // A build for some dialects only.
                        let other = |option| if option == DIALECT { "async" } else { value(option) };
                        assert!(values[DIALECT] != "async" && adapter.file(part, other).is_ok(), "{name}: {values:?}");
                        continue;
                    };
                    check_functions(part, file);
                    let debug = adapter.debug_file(part, value).unwrap();
                    assert!(debug.is_some(), "`{name}/{}` has no `debug-file`", part.name);
                    for debug in [false, true] {
                        check_slot(&adapter, part, debug, value);
                    }
                }
            }
        }
    }

    #[test]
    fn every_manifest_says_the_same_as_in_its_folder_and_nothing_contradictory() {
        for folder in FOLDERS {
            let mut read = get(folder.name).unwrap();
            read.version = None;
            let in_folder = Adapter::from_files(folder.name, folder.files()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{in_folder:?}"));
        }
    }

    /// Checks that a part with an option slot has a build beside it that imports its options instead.
    fn check_slot<'a>(adapter: &'a Adapter, part: &'a Part, debug: bool, value: impl Fn(&'a str) -> &'a str + Copy) {
        let [baked, at_run_time] = [false, true].map(|at_run_time| {
            let bytes = adapter.build(part, Variant { debug, at_run_time }, value).unwrap();
            let (_, component) = Arena::of(&part.name, Binary::own(&**bytes)).unwrap();
            let store = ExternName::Interface(config::interface().clone());
            (slot::is_in(bytes), component.import(&store).is_some())
        });
        let of = format!("`{}/{}`", adapter.name, part.name);
        assert!(!(baked.0 && baked.1), "{of} has a slot, and imports its options too");
        if adapter.read_by(&BTreeSet::from([part.name.as_str()])).next().is_some() {
            assert_eq!(at_run_time, (false, baked.0 || baked.1), "{of} cannot read options at run time");
        }
    }

    /// Checks that a part has exactly the functions that its manifest lists.
    fn check_functions(part: &Part, file: &[u8]) {
        let (arena, component) = Arena::of(&part.name, Binary::own(file)).unwrap();
        for export in component.exports.iter().filter(|_| !part.functions.is_empty()) {
            let functions: Vec<_> = arena.functions(export).unwrap().into_iter().map(|(name, _)| name).collect();
            assert_eq!(functions, part.functions, "`{}` of `{}`", export.name, part.name);
        }
    }

    /// Returns all combinations of values of the options that choose among a part's builds.
    fn combinations(adapter: &Adapter, part: &Part) -> Vec<BTreeMap<String, String>> {
        let options: BTreeSet<_> = part.file.options().collect();
        options.into_iter().fold(vec![BTreeMap::new()], |combinations, option| {
            let values = match adapter.option(option) {
                Some(option) => option.kind.values().expect("a choice").to_vec(),
                // Builds that depend on the dialect do not exist for `sync`.
                None if option == DIALECT => vec!["mixed".to_owned(), "async".to_owned()],
                None => panic!("no option `{option}`"),
            };
            let with = |combination: &BTreeMap<String, String>, value: &String| {
                let mut with = combination.clone();
                with.insert(option.to_owned(), value.clone());
                with
            };
            combinations
                .iter()
                .flat_map(|combination| values.iter().map(move |value| with(combination, value)))
                .collect()
        })
    }

    #[test]
    fn a_misspelt_name_is_corrected() {
        let remedy = |name| get(name).unwrap_err().remedy().unwrap().to_string();
        assert_eq!(remedy("reqrep-over-pubsub"), "did you mean `reqreply-over-pubsub`?");
        assert!(remedy("something-else").contains("path"));
    }
}
