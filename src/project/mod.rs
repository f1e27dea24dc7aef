//! A project file, `msgcompose.toml`: several compositions with names. It is read here as text and becomes typed
//! compositions in the order in which they are to be made; nothing here looks at a file.

mod error;
pub mod lock;
mod order;
#[cfg(test)]
mod schema;
mod variables;

pub use error::ProjectError;

use crate::{
    adapters::{
        config::ConfigFrom,
        settings::{self, Assignment},
    },
    common::suggest::closest,
    compose::validate::Validation,
    link::Unrouted,
    types::dialect::Form,
    wasm::strip::Strip,
};
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The file's name.
pub const FILE: &str = "msgcompose.toml";

/// What a project file says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// The compositions by their names, each behind those that it is made of.
    pub compositions: IndexMap<String, Composition>,
}

/// One composition: what `msgcompose plug` takes, by the same names. All paths are as they are written, relative to the
/// file's folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("anyOf" = [{ "required": ["adapters"] }, { "required": ["host"] }])))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Composition {
    /// The guest: a component, or a core module with a component type, as binary or as text. It may be the output of
    /// another composition.
    pub guest: String,
    /// The handlers that serve the guest, from left to right: with them it is linked first, and the adapters go around
    /// all of it.
    #[serde(default)]
    pub handlers: Vec<Handler>,
    /// What becomes of a topic that no handler takes. Without it, it is an error of who sends or requests.
    pub unrouted: Option<Unrouted>,
    /// The most replies that a request to a handler may gather; 1024 without it.
    pub max_replies: Option<u32>,
    /// The most bytes of them; 10 MiB without it.
    pub max_reply_bytes: Option<u32>,
    /// The adapters, the innermost first. Each is a name from the catalogue, a folder with an `adapter.toml`, or a
    /// component.
    #[serde(default)]
    pub adapters: Vec<String>,
    /// The host that the composed component must run on. Without `adapters`, the shortest stack of adapters is taken
    /// with which it does.
    pub host: Option<String>,
    /// Refuse a composition that imports anything else; `*` stands for any text.
    #[serde(default)]
    pub no_imports_except: Vec<String>,
    /// Options that are set when the component runs, by `config-from`, and are not in it.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Put values of secret options into the component, where everybody can read them.
    #[serde(default)]
    pub bake_secrets: bool,
    /// A TOML file with options, one table an adapter; `options` go over it.
    pub config: Option<String>,
    /// Options: `NAME = VALUE`, or in a table that has the name of their adapter.
    #[serde(default, deserialize_with = "assignments")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, schema::Setting>"))]
    pub options: Vec<Assignment>,
    /// Where options come from when the composed component runs.
    #[serde(default)]
    pub config_from: ConfigFrom,
    /// Take the adapters' debug builds: they have names in backtraces, and say what they do on standard error.
    #[serde(default)]
    pub debug: bool,
    /// Remove names and other custom sections: those of the adapters, or the guest's too.
    #[serde(default)]
    pub strip: Strip,
    /// The form of `wasi:messaging` that the host has: the guest, and parts of adapters, are lifted to it.
    pub dialect: Option<Form>,
    /// How much of the result is checked before it is written.
    #[serde(default)]
    pub validate: Validation,
    /// Where the composed component goes. Its folder is made if it is not there.
    pub output: String,
}

/// A handler that serves a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Handler {
    /// Patterns of the topics that it takes: tokens between dots, `*` for one token, a last `>` for the rest.
    pub topics: Vec<String>,
    /// The handler: a component, or a core module with a component type, as binary or as text.
    pub file: String,
}

/// What a composition may say: the names of its fields, for suggestions.
const KEYS: [&str; 18] = [
    "adapters",
    "bake-secrets",
    "config",
    "config-from",
    "debug",
    "dialect",
    "guest",
    "handlers",
    "host",
    "max-replies",
    "max-reply-bytes",
    "no-imports-except",
    "options",
    "output",
    "secrets",
    "strip",
    "unrouted",
    "validate",
];

/// What a file may say.
const TABLES: [&str; 2] = ["composition", "variables"];

impl Project {
    /// Reads a project file. `given` are variables that go over those of the file.
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
        let mut file: Table = text.parse().map_err(ProjectError::NotToml)?;
        known_keys(None, &file, &TABLES)?;
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
            known_keys(Some(&name), table, &KEYS)?;
            let table = table.clone();
            let expanded = variables.expand_all(&name, composition)?;
            let malformed = |source| ProjectError::Malformed { composition: name.clone(), source };
            let composition: Composition = expanded.try_into().map_err(malformed)?;
            let linked = ["unrouted", "max-replies", "max-reply-bytes"];
            if let Some(key) =
                linked.into_iter().find(|key| table.contains_key(*key) && composition.handlers.is_empty())
            {
                return Err(ProjectError::NoHandlers { composition: name, key });
            }
            let is_plain = composition.adapters.is_empty() && composition.host.is_none();
            if is_plain && composition.handlers.is_empty() {
                return Err(ProjectError::NoAdapters { composition: name });
            }
            typed.insert(name, composition);
        }
        variables.unused()?;
        if typed.is_empty() {
            return Err(ProjectError::Empty);
        }
        Ok(Self { compositions: order::order(typed)? })
    }

    /// The compositions of these names, or all, and those that they are made of, in order.
    pub fn selected(&self, names: &[String]) -> Result<Vec<(&str, &Composition)>, ProjectError> {
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

    /// The composition whose output is the guest of the one called `name`.
    #[must_use]
    pub fn made_of(&self, name: &str) -> Option<&str> {
        let guest = order::normal(&self.compositions.get(name)?.guest);
        let mut makers = self.compositions.iter().filter(|(_, maker)| order::normal(&maker.output) == guest);
        makers.next().map(|(name, _)| name.as_str())
    }
}

/// Fails for a key that has no meaning.
fn known_keys(composition: Option<&str>, table: &Table, known: &[&'static str]) -> Result<(), ProjectError> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(ProjectError::UnknownKey {
            composition: composition.map(str::to_owned),
            key: key.clone(),
            closest: closest(key, known.iter().copied()).map(str::to_owned),
            known: known.to_vec(),
        }),
    }
}

/// Options of one table: a table in it has the name of an adapter.
fn assignments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Assignment>, D::Error> {
    let mut assignments = Vec::new();
    let mut add = |adapter: Option<&str>, key: String, value| {
        let not_a_value = |found| D::Error::custom(format!("option `{key}` is {found}, which no option can be"));
        let value = settings::text_of(value).map_err(not_a_value)?;
        assignments.push(Assignment { adapter: adapter.map(str::to_owned), key, value });
        Ok(())
    };
    for (key, value) in Table::deserialize(deserializer)? {
        let Value::Table(table) = value else {
            add(None, key, value)?;
            continue;
        };
        table.into_iter().try_for_each(|(option, value)| add(Some(&key), option, value))?;
    }
    Ok(assignments)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        };
        let expected =
            [set(None, "bucket", "b"), set(Some("http"), "list", "x,1,true"), set(Some("http"), "times", "3")];
        assert_eq!(parse(text).unwrap().compositions["a"].options, expected);
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
