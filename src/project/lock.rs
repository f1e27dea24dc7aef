//! The lock file, `msgcompose.lock`: the hashes of all inputs and outputs of a project's compositions. A later build
//! can be compared with it.

use crate::common::{
    DynError,
    remedy::{Command, Remedied, Remedy},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the file format that this msgcompose reads and writes.
const VERSION: u32 = 1;

/// The comment at the top of the file.
const HEADER: &str = "\
# Written by `msgcompose build`, to be committed. `msgcompose build --locked` holds everything to it.
";

/// The content of a lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Lock {
    version: u32,
    /// The compositions by name.
    #[serde(default)]
    pub composition: BTreeMap<String, Locked>,
}

/// The inputs and the output of one composition. All hashes are SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Locked {
    /// The version of msgcompose.
    pub msgcompose: String,
    /// The guest's hash.
    pub guest: String,
    /// The composed component's hash.
    pub output: String,
    /// The handlers' hashes, by file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handlers: BTreeMap<String, String>,
    /// The adapters' hashes ([`crate::adapters::adapter::Adapter::sha256`]), by their names or paths in the project
    /// file.
    #[serde(default)]
    pub adapters: BTreeMap<String, String>,
}

/// A lock file that cannot be used, or that differs from the project.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The lock file does not exist.
    #[error("there is no lock, `{file}`")]
    Missing {
        /// Where it should be.
        file: String,
    },
    /// It is not TOML, or does not match the format of this version.
    #[error("the lock cannot be read")]
    Malformed(#[source] DynError),
    /// It has a format version that this msgcompose does not know.
    #[error("the lock is of version {version}; this msgcompose knows {VERSION}")]
    OtherForm {
        /// The format version in the file.
        version: u32,
    },
    /// It lacks a composition of the project file.
    #[error("the lock has no composition `{composition}`")]
    NotLocked {
        /// The composition.
        composition: String,
    },
    /// It has a composition that the project file lacks.
    #[error("the lock has composition `{composition}`, which the project file has not")]
    Gone {
        /// The composition.
        composition: String,
    },
    /// The composition was locked with another version of msgcompose.
    #[error("composition `{composition}` was locked with msgcompose {locked}; this is {found}")]
    Tool {
        /// The composition.
        composition: String,
        /// The version in the lock.
        locked: String,
        /// The version that runs now.
        found: String,
    },
    /// An adapter or handler was added or removed.
    #[error("composition `{composition}` {} {what}; the lock says otherwise", takes(*.taken))]
    Others {
        /// The composition.
        composition: String,
        /// The kind and name of the input.
        what: String,
        /// Whether it was added; otherwise it was removed.
        taken: bool,
    },
    /// An input or the output has changed.
    #[error("composition `{composition}`: {what} has changed: it is {}…, locked was {}…", short(.found), short(.locked))]
    Changed {
        /// The composition.
        composition: String,
        /// The kind and name of the file.
        what: String,
        /// The hash in the lock.
        locked: String,
        /// The hash now.
        found: String,
    },
}

impl Remedied for LockError {
    fn remedy(&self) -> Option<Remedy> {
        let build = Command::Build { is_unlocked: false };
        let unlocked = Command::Build { is_unlocked: true };
        Some(match self {
            LockError::Missing { .. } => Remedy::new().run(unlocked).text(" writes it; commit it then"),
            LockError::Malformed(_) => {
                Remedy::from("take it from version control again, or remove it and run ").run(build)
            }
            LockError::OtherForm { .. } => "take a msgcompose that is as new as the one that wrote it".into(),
            LockError::Tool { .. } => Remedy::from("take that version, or lock anew: ").run(build),
            _ => Remedy::from("if this is meant, ").run(unlocked).text(" locks it anew"),
        })
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self { version: VERSION, composition: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads a lock file.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        /// The version alone: a later format may contain anything else.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }

        let malformed = |error: toml::de::Error| LockError::Malformed(error.into());
        let Versioned { version } = toml::from_str(text).map_err(malformed)?;
        if version != VERSION {
            return Err(LockError::OtherForm { version });
        }
        toml::from_str(text).map_err(malformed)
    }

    /// Returns the text of the file. The same content gives the same text.
    ///
    /// # Panics
    ///
    /// Never: tables and strings can always be written as TOML.
    #[must_use]
    pub fn text(&self) -> String {
        let body = toml::to_string(self).expect("tables and strings can be written as TOML");
        format!("{HEADER}{body}")
    }

    /// Fails unless the lock and a project have the same compositions.
    pub fn check_names<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<(), LockError> {
        let names: BTreeSet<_> = names.into_iter().collect();
        if let Some(name) = names.iter().find(|name| !self.composition.contains_key(**name)) {
            return Err(LockError::NotLocked { composition: (*name).to_owned() });
        }
        match self.composition.keys().find(|name| !names.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => Err(LockError::Gone { composition: name.clone() }),
        }
    }
}

impl Locked {
    /// Fails unless msgcompose's version and the guest are as locked. `name` is the composition's.
    pub fn check_guest(&self, name: &str, path: &str, now: &Self) -> Result<(), LockError> {
        let composition = name.to_owned();
        if self.msgcompose != now.msgcompose {
            let (locked, found) = (self.msgcompose.clone(), now.msgcompose.clone());
            return Err(LockError::Tool { composition, locked, found });
        }
        same(&composition, || format!("guest `{path}`"), &self.guest, &now.guest)
    }

    /// Fails unless the adapters are as locked.
    pub fn check_adapters(&self, name: &str, now: &Self) -> Result<(), LockError> {
        same_all(name, "adapter", &self.adapters, &now.adapters)
    }

    /// Fails unless the handlers are as locked.
    pub fn check_handlers(&self, name: &str, now: &Self) -> Result<(), LockError> {
        same_all(name, "handler", &self.handlers, &now.handlers)
    }

    /// Fails unless the output is as locked.
    pub fn check_output(&self, name: &str, path: &str, now: &Self) -> Result<(), LockError> {
        same(name, || format!("what is composed for `{path}`"), &self.output, &now.output)
    }
}

fn same(composition: &str, what: impl Fn() -> String, locked: &str, found: &str) -> Result<(), LockError> {
    if locked == found {
        return Ok(());
    }
    let (locked, found) = (locked.to_owned(), found.to_owned());
    Err(LockError::Changed { composition: composition.to_owned(), what: what(), locked, found })
}

/// Fails unless both have the same names, each with the same hash.
fn same_all(
    composition: &str,
    what: &str,
    locked: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Result<(), LockError> {
    let called = |name: &String| format!("{what} `{name}`");
    let other =
        |name: &String, taken| LockError::Others { composition: composition.to_owned(), what: called(name), taken };
    for (name, found) in now {
        same(composition, || called(name), locked.get(name).ok_or_else(|| other(name, true))?, found)?;
    }
    locked.keys().find(|name| !now.contains_key(*name)).map_or(Ok(()), |name| Err(other(name, false)))
}

fn takes(taken: bool) -> &'static str {
    if taken { "takes" } else { "does not take" }
}

/// Returns the first digits of a hash, enough to tell it from others.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(guest: &str, adapters: &[(&str, &str)]) -> Locked {
        let adapters = adapters.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned()));
        let (msgcompose, guest, output) = ("1.0.0".to_owned(), guest.to_owned(), "o".to_owned());
        Locked { msgcompose, guest, output, handlers: BTreeMap::new(), adapters: adapters.collect() }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let mut lock = Lock::default();
        lock.composition.insert("a.b c".to_owned(), locked("g", &[("./x", "1"), ("y", "2")]));
        lock.composition.insert("z".to_owned(), locked("h", &[]));
        assert_eq!(Lock::parse(&lock.text()).unwrap(), lock);
        assert!(matches!(Lock::parse("version = 2\nmore = 1"), Err(LockError::OtherForm { version: 2 })));
    }

    #[test]
    fn what_differs_is_named() {
        let was = locked("g", &[("x", "1")]);
        let error = |now: &Locked| {
            let checks =
                [was.check_guest("c", "g.wasm", now), was.check_adapters("c", now), was.check_output("c", "o", now)];
            checks.into_iter().find_map(Result::err).unwrap().to_string()
        };
        let says = |now: &Locked, text: &str| assert!(error(now).contains(text), "{}", error(now));
        says(&locked("h", &[("x", "1")]), "guest `g.wasm` has changed: it is h…, locked was g…");
        says(&locked("g", &[("x", "2")]), "adapter `x` has changed: it is 2…, locked was 1…");
        says(&locked("g", &[("x", "1"), ("y", "1")]), "takes adapter `y`");
        says(&locked("g", &[]), "does not take adapter `x`");
        says(&Locked { output: "p".to_owned(), ..was.clone() }, "for `o` has changed: it is p…, locked was o…");
        says(&Locked { msgcompose: "2.0.0".to_owned(), ..was.clone() }, "locked with msgcompose 1.0.0; this is 2.0.0");
    }
}
