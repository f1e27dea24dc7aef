//! The project file, `msgcompose.toml`: several named compositions. This module reads the text and returns typed
//! compositions, in the order in which they must be made. It opens no files.

mod error;
pub(crate) mod lock;
mod order;
#[cfg(test)]
mod schema;
mod variables;

pub use error::ProjectError;
pub use lock::{Lock, LockError, Locked};

use crate::{
    common::{suggest::closest, unquoted::unquoted},
    compose::record::{Composition, Paths},
};
use indexmap::IndexMap;
use serde::de::Error as _;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The file's name.
pub const FILE: &str = "msgcompose.toml";

/// The content of a project file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// The compositions by name, each behind the ones whose outputs it uses.
    pub compositions: IndexMap<String, Entry>,
}

/// A composition and its output. All paths are as written, relative to the project file's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Composition", rename_all = "kebab-case", deny_unknown_fields))]
#[cfg_attr(test, schemars(extend("anyOf" = [{ "required": ["adapters"] }, { "required": ["host"] }])))]
#[non_exhaustive]
pub struct Entry {
    /// The composition.
    #[cfg_attr(test, schemars(flatten))]
    pub composition: Composition<Paths>,
    /// Where the composed component goes. Its folder is created if it does not exist.
    pub output: String,
}

/// The key of an entry's output. All other keys belong to the composition.
const OUTPUT: &str = "output";

/// Returns the keys that an entry may have, from its schema, sorted.
fn keys() -> Vec<String> {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../schema/msgcompose.schema.json")).expect("the schema is tested");
    let keys = schema["definitions"]["Composition"]["properties"].as_object();
    keys.map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
}

/// The tables that a file may have.
const TABLES: [&str; 2] = ["composition", "variables"];

impl Project {
    /// Reads a project file. Variables in `given` override those of the file.
    ///
    /// ```
    /// use msgcompose::project::Project;
    ///
    /// let text = r#"
    /// variables.stage = "test"
    ///
    /// [composition.shop]
    /// guest = "guest.wasm"
    /// host = "wasmtime-serve"
    /// options.base-url = "http://broker.${stage}:8080"
    /// output = "dist/${stage}/shop.wasm"
    /// "#;
    /// let project = Project::parse(text, &[("stage".to_owned(), "live".to_owned())].into())?;
    /// assert_eq!(project.compositions["shop"].output, "dist/live/shop.wasm");
    /// # Ok::<(), msgcompose::project::ProjectError>(())
    /// ```
    pub fn parse(text: &str, given: &BTreeMap<String, String>) -> Result<Self, ProjectError> {
        let mut file: Table =
            text.parse().map_err(|error: toml::de::Error| ProjectError::NotToml(unquoted(text, &error)))?;
        known_keys(None, &file, &TABLES.map(str::to_owned))?;
        let known = keys();
        let variables = variables::read(file.remove("variables"), given)?;
        let compositions = match file.remove("composition") {
            None => Table::new(),
            Some(Value::Table(compositions)) => compositions,
            Some(_) => return Err(ProjectError::NoTable { key: "composition".to_owned() }),
        };
        let mut typed = BTreeMap::new();
        for (name, composition) in compositions {
            let Value::Table(table) = &composition else {
                return Err(ProjectError::NoTable { key: format!("composition.{name}") });
            };
            known_keys(Some(&name), table, &known)?;
            let table = table.clone();
            let expanded = variables.expand_all(&name, composition)?;
            let malformed =
                |error: toml::de::Error| ProjectError::Malformed { composition: name.clone(), source: error.into() };
            let entry = Entry::read(expanded).map_err(malformed)?;
            let composition = &entry.composition;
            let linked = ["unrouted", "deliver", "max-replies", "max-reply-bytes"];
            if let Some(key) =
                linked.into_iter().find(|key| table.contains_key(*key) && composition.handlers.is_empty())
            {
                return Err(ProjectError::NoHandlers { composition: name, key });
            }
            let is_plain = composition.adapters.is_empty() && composition.host.is_none();
            if is_plain && composition.handlers.is_empty() {
                return Err(ProjectError::NoAdapters { composition: name });
            }
            typed.insert(name, entry);
        }
        variables.unused()?;
        if typed.is_empty() {
            return Err(ProjectError::Empty);
        }
        Ok(Self { compositions: order::order(typed)? })
    }

    /// Returns the named compositions, or all, and those whose outputs they use, in order.
    pub fn selected(&self, names: &[String]) -> Result<Vec<(&str, &Entry)>, ProjectError> {
        let mut taken = Vec::new();
        for name in names {
            let unknown = || ProjectError::UnknownComposition {
                name: name.clone(),
                closest: closest(name, self.compositions.keys().map(String::as_str)).map(str::to_owned),
                names: self.compositions.keys().cloned().collect(),
            };
            let mut at = Some(self.compositions.get_key_value(name).ok_or_else(unknown)?.0.as_str());
            while let Some(name) = at {
                taken.push(name);
                at = self.made_of(name);
            }
        }
        let all = self.compositions.iter().map(|(name, composition)| (name.as_str(), composition));
        Ok(all.filter(|(name, _)| names.is_empty() || taken.contains(name)).collect())
    }

    /// Returns the composition whose output is the guest of the one called `name`.
    #[must_use]
    pub fn made_of(&self, name: &str) -> Option<&str> {
        let guest = order::normal(&self.compositions.get(name)?.composition.guest);
        let mut makers = self.compositions.iter().filter(|(_, maker)| order::normal(&maker.output) == guest);
        makers.next().map(|(name, _)| name.as_str())
    }
}

/// Fails if the table has an unknown key.
fn known_keys(composition: Option<&str>, table: &Table, known: &[String]) -> Result<(), ProjectError> {
    match table.keys().find(|key| !known.contains(key)) {
        None => Ok(()),
        Some(key) => Err(ProjectError::UnknownKey {
            composition: composition.map(str::to_owned),
            key: key.clone(),
            closest: closest(key, known.iter().map(String::as_str)).map(str::to_owned),
            known: known.to_vec(),
        }),
    }
}

impl Entry {
    fn read(mut entry: Value) -> Result<Self, toml::de::Error> {
        let output = entry.as_table_mut().and_then(|table| table.remove(OUTPUT));
        let composition = entry.try_into()?;
        let output = output.ok_or_else(|| toml::de::Error::missing_field(OUTPUT))?.try_into()?;
        Ok(Self { composition, output })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::settings::Assignment;

    fn parse(text: &str) -> Result<Project, ProjectError> {
        Project::parse(text, &BTreeMap::new())
    }

    #[test]
    fn options_stand_alone_or_in_the_table_of_their_adapter() {
        let text = "[composition.a]\nguest = 'a.wasm'\nadapters = ['http']\noutput = 'b.wasm'\n[composition.a.options]\nbucket = 'b'\n\
                    [composition.a.options.http]\ntimes = 3\nlist = ['x', 1, true]";
        let set = |adapter: Option<&str>, key: &str, value: &str| Assignment {
            adapter: adapter.map(str::to_owned),
            key: key.to_owned(),
            value: value.to_owned(),
            file: None,
        };
        let expected =
            [set(None, "bucket", "b"), set(Some("http"), "list", "x,1,true"), set(Some("http"), "times", "3")];
        assert_eq!(parse(text).unwrap().compositions["a"].composition.options, expected);
    }

    #[test]
    fn a_composition_comes_after_what_it_is_made_of_and_is_selected_with_it() {
        let text = "[composition]\na = { guest = 'b/../b.wasm', output = 'a.wasm', adapters = ['x'] }\n\
                    b = { guest = './c.wasm', output = 'b.wasm', adapters = ['x'] }\n\
                    c = { guest = 'x.wasm', output = 'c.wasm', adapters = ['x'] }\n\
                    d = { guest = 'x.wasm', output = 'd.wasm', adapters = ['x'] }\n";
        let project = parse(text).unwrap();
        assert_eq!(project.compositions.keys().collect::<Vec<_>>(), ["c", "b", "a", "d"]);
        let names = |selected: &[&str]| {
            let selected: Vec<_> = selected.iter().map(ToString::to_string).collect();
            let selected = project.selected(&selected).unwrap();
            selected.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&["b"]), ["c", "b"]);
        assert_eq!(names(&["d", "b"]), ["c", "b", "d"]);
        assert_eq!(names(&[]), ["c", "b", "a", "d"]);
    }
}
