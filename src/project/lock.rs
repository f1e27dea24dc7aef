//! A lock file, `msgcompose.lock`: the hashes of all that went into the compositions of a project, and of what came of
//! them. A later build is held to it.

use crate::common::{
    DynError,
    remedy::{Command, Remedied, Remedy},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The file's name.
pub const FILE: &str = "msgcompose.lock";

/// The form of the file that this version reads and writes.
const FORM: u32 = 1;

/// What stands above it.
const HEADER: &str = "\
# Written by `msgcompose build`, to be committed. `msgcompose build --locked` holds everything to it.
";

/// What was built from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Lock {
    version: u32,
    /// The compositions by their names.
    #[serde(default)]
    pub composition: BTreeMap<String, Locked>,
}

/// What one composition was made of, and what came of it. All hashes are SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Locked {
    /// The version of msgcompose.
    pub msgcompose: String,
    /// The guest's hash.
    pub guest: String,
    /// The hash of what was composed.
    pub output: String,
    /// The handlers' hashes, by their files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handlers: BTreeMap<String, String>,
    /// The adapters' hashes ([`crate::adapters::adapter::Adapter::sha256`]), as the project calls them.
    #[serde(default)]
    pub adapters: BTreeMap<String, String>,
}

/// Why a lock file cannot be used, or what is not as it says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is not there.
    #[error("there is no lock, `{file}`")]
    Missing {
        /// Where it was looked for.
        file: String,
    },
    /// It is not TOML, or not of the form that this version reads.
    #[error("the lock cannot be read")]
    Malformed(#[source] DynError),
    /// It is of a form that this version does not know.
    #[error("the lock is of version {version}; this msgcompose knows {FORM}")]
    OtherForm {
        /// Its version.
        version: u32,
    },
    /// It has no such composition.
    #[error("the lock has no composition `{composition}`")]
    NotLocked {
        /// The composition.
        composition: String,
    },
    /// It has a composition that the project has not.
    #[error("the lock has composition `{composition}`, which the project file has not")]
    Gone {
        /// The composition.
        composition: String,
    },
    /// The tool is another.
    #[error("composition `{composition}` was locked with msgcompose {locked}; this is {found}")]
    Tool {
        /// The composition.
        composition: String,
        /// The version that locked it.
        locked: String,
        /// This one.
        found: String,
    },
    /// Other adapters or handlers are taken.
    #[error("composition `{composition}` {} {what}; the lock says otherwise", takes(*.taken))]
    Others {
        /// The composition.
        composition: String,
        /// What it is and what it is called.
        what: String,
        /// Whether it is now taken, or no longer.
        taken: bool,
    },
    /// A file has changed.
    #[error("composition `{composition}`: {what} has changed: it is {}…, locked was {}…", short(.found), short(.locked))]
    Changed {
        /// The composition.
        composition: String,
        /// The file: what it is and what it is called.
        what: String,
        /// The hash in the lock.
        locked: String,
        /// The hash of the file.
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
        Self { version: FORM, composition: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads a lock file.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        /// A later form may have anything else in it.
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }

        let malformed = |error: toml::de::Error| LockError::Malformed(error.into());
        let Form { version } = toml::from_str(text).map_err(malformed)?;
        if version != FORM {
            return Err(LockError::OtherForm { version });
        }
        toml::from_str(text).map_err(malformed)
    }

    /// The text of the file: the same for the same content.
    ///
    /// # Panics
    ///
    /// Never: it is of tables and strings.
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
    /// Fails unless this version of msgcompose is to compose this guest. `name` is the composition's.
    pub fn check_guest(&self, name: &str, path: &str, now: &Self) -> Result<(), LockError> {
        let composition = name.to_owned();
        if self.msgcompose != now.msgcompose {
            let (locked, found) = (self.msgcompose.clone(), now.msgcompose.clone());
            return Err(LockError::Tool { composition, locked, found });
        }
        same(&composition, || format!("guest `{path}`"), &self.guest, &now.guest)
    }

    /// Fails unless the adapters are these.
    pub fn check_adapters(&self, name: &str, now: &Self) -> Result<(), LockError> {
        same_all(name, "adapter", &self.adapters, &now.adapters)
    }

    /// Fails unless the handlers are these.
    pub fn check_handlers(&self, name: &str, now: &Self) -> Result<(), LockError> {
        same_all(name, "handler", &self.handlers, &now.handlers)
    }

    /// Fails unless this came of it.
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

/// Fails unless the same are taken, each as it was.
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

/// As much of a hash as tells it from another one.
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
