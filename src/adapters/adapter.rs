//! Adapters: a manifest with the parts that it names, or a single component that the user passes. All that msgcompose
//! knows about an adapter comes from here.

use crate::{
    adapters::{
        duty::DutySpec,
        option::{DefaultValue, OptionSpec},
        part::{DIALECT, Part},
        part_name::PartName,
        warning::WarningSpec,
    },
    common::{
        DynError,
        remedy::{Remedied, Remedy},
    },
    wasm::hash::sha256,
};
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The file name of the manifest.
pub const MANIFEST: &str = "adapter.toml";

/// Components that can be put around a guest.
#[derive(Debug, Clone, Serialize)]
pub struct Adapter {
    /// The adapter's name, from its folder or file.
    pub name: String,
    /// The version that the manifest gives. Adapters of the catalogue have msgcompose's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// A description of one line.
    pub summary: String,
    /// The parts, in order of preference: if two parts can serve the same import, the first that fits is used.
    pub parts: Vec<Part>,
    /// The options, in the order of the manifest.
    pub options: Vec<OptionSpec>,
    /// The duties: what the host must do for the composed component.
    #[serde(rename = "host")]
    pub duties: Vec<DutySpec>,
    /// The warnings: what a default does that the user may not expect.
    #[serde(rename = "warning", skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningSpec>,
    #[serde(skip)]
    pub(super) files: BTreeMap<String, Cow<'static, [u8]>>,
}

/// Why an adapter cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdapterError {
    /// The folder has no manifest.
    #[error("adapter `{adapter}` has no `{MANIFEST}`")]
    NoManifest {
        /// The adapter.
        adapter: String,
    },
    /// The manifest is not TOML, or has keys or values that this version does not know.
    #[error("the manifest of adapter `{adapter}` cannot be read")]
    Malformed {
        /// The adapter.
        adapter: String,
        /// The parser's error.
        #[source]
        source: DynError,
    },
    /// The manifest contradicts itself.
    #[error("the manifest of adapter `{adapter}` contradicts itself: {contradiction}")]
    Inconsistent {
        /// The adapter.
        adapter: String,
        /// The contradiction.
        contradiction: String,
    },
    /// A part has an option slot that options cannot be written into.
    #[error("the option slot of `{part}` is malformed")]
    Slot {
        /// The part, with its adapter.
        part: String,
        /// What is wrong with the slot.
        #[source]
        source: DynError,
    },
    /// The file of a part is missing.
    #[error("adapter `{adapter}` has no file `{file}`, which its part `{part}` needs")]
    NoFile {
        /// The adapter.
        adapter: String,
        /// The part.
        part: String,
        /// The missing file.
        file: String,
        /// Whether the folder has a `Makefile`, which may build the file.
        has_makefile: bool,
    },
}

impl Remedied for AdapterError {
    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            AdapterError::NoManifest { .. } => {
                format!("an adapter is a folder with an `{MANIFEST}`, or a single component: pass the path of that")
                    .into()
            }
            AdapterError::Malformed { .. } | AdapterError::Inconsistent { .. } => {
                "`adapters/README.md` of msgcompose describes manifests".into()
            }
            AdapterError::Slot { .. } => {
                "build the part again; `adapters/README.md` of msgcompose describes option slots".into()
            }
            AdapterError::NoFile { adapter, has_makefile: true, .. } => {
                format!("build it first: run `make` in the folder `{adapter}`").into()
            }
            AdapterError::NoFile { file, .. } => format!("put `{file}` beside the manifest, or correct that").into(),
        })
    }
}

/// Which build of a part is wanted, if there are several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    /// The debug build.
    pub debug: bool,
    /// The build that reads options at run time: it imports `wasi:config/store` and has no option slot.
    pub at_run_time: bool,
}

/// Returns the name of the build beside `file` that imports `wasi:config/store`: `NAME.config.wasm` for `NAME.wasm`.
fn importing(file: &str) -> String {
    let (name, ending) = file.rsplit_once('.').unwrap_or((file, "wasm"));
    format!("{name}.config.{ending}")
}

impl Adapter {
    /// Makes an adapter of a single component. Its types decide its role.
    #[must_use]
    pub fn from_component(name: &str, component: Vec<u8>) -> Self {
        let file = "component.wasm";
        Self {
            name: name.to_owned(),
            version: None,
            summary: String::new(),
            parts: vec![Part::new("component", None, file)],
            options: Vec::new(),
            duties: Vec::new(),
            warnings: Vec::new(),
            files: BTreeMap::from([(file.to_owned(), Cow::Owned(component))]),
        }
    }

    /// Returns the option with this name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&OptionSpec> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Returns the value of an option, or none if the option is a secret.
    #[must_use]
    pub fn shown(&self, key: &str, value: &str) -> Option<String> {
        let is_secret = self.options.iter().any(|option| option.secret && option.key(key).is_some());
        (!is_secret).then(|| value.to_owned())
    }

    /// Returns the SHA-256 of all files of the adapter, in hexadecimal digits. For a single component it is the hash of
    /// the component. For a folder it is the hash of the lines that `sha256sum *` prints there.
    #[must_use]
    pub fn sha256(&self) -> String {
        if !self.files.contains_key(MANIFEST) {
            return self.files.values().map(|component| sha256(component)).collect();
        }
        let lines = self.files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256(bytes)));
        sha256(lines.collect::<String>().as_bytes())
    }

    /// Returns the name of a part in messages. An adapter of a single component has only the adapter's name.
    #[must_use]
    pub fn part_name(&self, part: &Part) -> PartName {
        if part.role.is_none() { PartName::single(&self.name) } else { PartName::new(&self.name, &part.name) }
    }

    /// Returns the options that the parts named in `parts` read.
    pub fn read_by<'a>(&'a self, parts: &BTreeSet<&str>) -> impl Iterator<Item = &'a OptionSpec> {
        self.options.iter().filter(|option| option.parts.iter().any(|part| parts.contains(part.as_str())))
    }

    /// Returns the options that have no effect on a composition of the parts named in `parts`.
    pub fn unread<'a>(&'a self, parts: &BTreeSet<&str>) -> impl Iterator<Item = &'a OptionSpec> {
        let used = |name: &str| {
            let mut taken = self.parts.iter().filter(|part| parts.contains(part.name.as_str()));
            let chooses = taken.any(|part| part.file.options().any(|option| option == name));
            let mut read = self.read_by(parts);
            chooses || read.any(|option| option.name == name || option.follows(name))
        };
        self.options.iter().filter(move |option| !used(&option.name))
    }

    /// Returns the bytes of a part, in the build that the option values choose.
    pub fn file<'a>(
        &'a self,
        part: &'a Part,
        value: impl Fn(&'a str) -> &'a str + Copy,
    ) -> Result<&'a Cow<'static, [u8]>, AdapterError> {
        self.named(part, part.file.fill(value))
    }

    /// Returns the bytes of a part in the build of the default options, if there is one.
    pub(crate) fn default_file<'a>(&'a self, part: &'a Part) -> Option<&'a Cow<'static, [u8]>> {
        // For a sync guest.
        let of_dialect = |by: &'a BTreeMap<String, BTreeMap<String, String>>| by.get(DIALECT)?.get("sync");
        let default = |option| match self.option(option).and_then(|option| option.default.as_ref()) {
            Some(DefaultValue::Fixed(value)) => value.as_str(),
            Some(DefaultValue::By(by)) => of_dialect(by).map_or("", String::as_str),
            None => "",
        };
        self.file(part, default).ok()
    }

    /// Returns the bytes of a part's debug build that the option values choose, or none if the part has no debug build.
    pub fn debug_file<'a>(
        &'a self,
        part: &'a Part,
        value: impl Fn(&'a str) -> &'a str + Copy,
    ) -> Result<Option<&'a Cow<'static, [u8]>>, AdapterError> {
        part.debug_file.as_ref().map(|file| self.named(part, file.fill(value))).transpose()
    }

    /// Returns the bytes of a part for composing: of the builds that there are, the one that is wanted.
    pub(crate) fn build<'a>(
        &'a self,
        part: &'a Part,
        Variant { debug, at_run_time }: Variant,
        value: impl Fn(&'a str) -> &'a str + Copy,
    ) -> Result<&'a Cow<'static, [u8]>, AdapterError> {
        let debug_file = part.debug_file.as_ref().filter(|_| debug);
        let file = debug_file.unwrap_or(&part.file).fill(value);
        let importing = self.files.get(&importing(&file)).filter(|_| at_run_time);
        importing.map_or_else(|| self.named(part, file), Ok)
    }

    fn named(&self, part: &Part, file: String) -> Result<&Cow<'static, [u8]>, AdapterError> {
        self.files.get(&file).ok_or_else(|| AdapterError::NoFile {
            adapter: self.name.clone(),
            part: part.name.clone(),
            has_makefile: self.files.contains_key("Makefile"),
            file,
        })
    }
}
