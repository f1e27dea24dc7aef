//! Adapters: a manifest with the parts that it names, or a single component that the user passes. All that msgcompose
//! knows about an adapter comes from here.

use crate::{
    adapters::{
        option::{Defined, OptionSpec, TypeName},
        template::Template,
    },
    common::{
        DynError,
        remedy::{Remedied, Remedy},
    },
    types::interface::InterfaceId,
    wasm::hash::sha256,
};
use serde::{Deserialize, Serialize};
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
    #[serde(skip)]
    files: BTreeMap<String, Cow<'static, [u8]>>,
}

/// One component of an adapter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Part {
    /// The part's name, unique in the adapter.
    pub name: String,
    /// The part's role. None if its types decide.
    pub role: Option<Role>,
    /// The part that this one goes with. This part is used only if that part is.
    pub with: Option<String>,
    /// The part's file. Options in its name choose among builds.
    pub file: FileSpec,
    /// The file of the debug build. Options in its name choose among builds, as in `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debug_file: Option<FileSpec>,
    /// For an interceptor: the interfaces that the component inside must export. If empty, exporting one of its imports
    /// is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wraps: Vec<InterfaceId>,
    /// For a provider that implements only some functions of its exports: those functions. A component that imports
    /// others is not served. If empty, the provider implements all functions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// A description of one line.
    #[serde(default)]
    pub help: String,
}

/// The name in file names of parts that stands for the [dialect](crate::types::dialect::Dialect) of messaging.
pub const DIALECT: &str = "dialect";

/// The file of a part, which may depend on options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FileSpec {
    /// One file name, in which options may occur: `provider-{keyvalue}.wasm`.
    Fixed(Template),
    /// One file for each value of an option. The option is a choice, and the keys are its name and its values.
    By(BTreeMap<String, BTreeMap<String, Template>>),
}

impl FileSpec {
    /// Returns the options on which the file depends.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        let (fixed, by) = match self {
            FileSpec::Fixed(file) => (Some(file), None),
            FileSpec::By(by) => (None, Some(by)),
        };
        let chosen = by.into_iter().flatten().flat_map(|(option, files)| {
            std::iter::once(option.as_str()).chain(files.values().flat_map(Template::options))
        });
        fixed.into_iter().flat_map(Template::options).chain(chosen)
    }

    /// Returns the file for these option values, or none if no file is given for a value.
    pub(crate) fn template<'a>(&'a self, value: impl Fn(&'a str) -> &'a str) -> Option<&'a Template> {
        match self {
            FileSpec::Fixed(file) => Some(file),
            FileSpec::By(by) => by.iter().find_map(|(option, files)| files.get(value(option))),
        }
    }

    fn fill<'a>(&'a self, value: impl Fn(&'a str) -> &'a str + Copy) -> String {
        self.template(value).map(|file| file.fill(value)).unwrap_or_default()
    }
}

/// Where a part belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// Below the guest: the part exports what the guest imports.
    Provider,
    /// Between the guest and the host: the part imports what the guest exports, and exports the same or another
    /// interface.
    Interceptor,
    /// In place of an interceptor, if the guest does not export what the interceptor would import.
    Handler,
}

/// A duty: something that the host must do if a part is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct DutySpec {
    /// The part that brings this duty.
    pub with: String,
    /// The option values with which the duty applies. Each option must have one of its values. If empty, the duty
    /// always applies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only_with: BTreeMap<String, Vec<String>>,
    /// The kind of the duty, for programs.
    pub kind: String,
    /// What the duty is about, for programs. For example a topic.
    pub value: Template,
    /// The duty in words: a sentence without a full stop.
    pub text: Template,
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
    /// The file of a part is missing.
    #[error("adapter `{adapter}` has no file `{file}`, which its part `{part}` needs")]
    NoFile {
        /// The adapter.
        adapter: String,
        /// The part.
        part: String,
        /// The missing file.
        file: String,
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
            AdapterError::NoFile { file, .. } => format!("put `{file}` beside the manifest, or correct that").into(),
        })
    }
}

/// The contents of a manifest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Manifest {
    version: Option<String>,
    summary: String,
    part: Vec<Part>,
    #[serde(default, rename = "type")]
    types: Defined,
    #[serde(default)]
    option: Vec<OptionSpec<TypeName>>,
    #[serde(default)]
    host: Vec<DutySpec>,
}

impl Adapter {
    /// Reads an adapter from the files of its folder, given by name.
    ///
    /// ```
    /// use msgcompose::Adapter;
    /// use std::{borrow::Cow, collections::BTreeMap};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let provider = Vec::new();
    /// let manifest = r#"
    /// summary = "Sends everything more than once"
    ///
    /// [[part]]
    /// name = "provider"
    /// role = "provider"
    /// file = "provider.wasm"
    ///
    /// [[option]]
    /// name = "times"
    /// type = { number = { min = 2, max = 9 } }
    /// default = "2"
    /// parts = ["provider"]
    /// help = "How often."
    /// "#;
    /// let adapter = Adapter::from_files("again", BTreeMap::from([
    ///     ("adapter.toml".to_owned(), Cow::from(manifest.as_bytes())),
    ///     ("provider.wasm".to_owned(), Cow::from(provider)),
    /// ]))?;
    /// let times = adapter.option("times").expect("the manifest has it");
    /// assert_eq!(times.kind.parse("12"), Err("is not a number from 2 to 9".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_files(name: &str, files: BTreeMap<String, Cow<'static, [u8]>>) -> Result<Self, AdapterError> {
        let adapter = || name.to_owned();
        let manifest = files.get(MANIFEST).ok_or_else(|| AdapterError::NoManifest { adapter: adapter() })?;
        let malformed = |error: toml::de::Error| AdapterError::Malformed { adapter: adapter(), source: error.into() };
        let manifest = toml::from_slice(manifest).map_err(malformed)?;
        let inconsistent = |contradiction| AdapterError::Inconsistent { adapter: adapter(), contradiction };
        let this = Self::of(name, manifest, files).map_err(inconsistent)?;
        match this.contradiction() {
            None => Ok(this),
            Some(contradiction) => Err(inconsistent(contradiction)),
        }
    }

    /// An adapter of the catalogue, or one whose contradictions are still to be looked for, but for those of types.
    pub(crate) fn of(
        name: &str,
        manifest: Manifest,
        files: BTreeMap<String, Cow<'static, [u8]>>,
    ) -> Result<Self, String> {
        let Manifest { version, summary, part: parts, types, option: options, host: duties } = manifest;
        let options = types.resolve(options)?;
        Ok(Self { name: name.to_owned(), version, summary, parts, options, duties, files })
    }

    /// Makes an adapter of a single component. Its types decide its role.
    #[must_use]
    pub fn from_component(name: &str, component: Vec<u8>) -> Self {
        let file = "component.wasm";
        Self {
            name: name.to_owned(),
            version: None,
            summary: String::new(),
            parts: vec![Part {
                name: "component".to_owned(),
                role: None,
                with: None,
                file: FileSpec::Fixed(Template::text(file)),
                debug_file: None,
                wraps: Vec::new(),
                functions: Vec::new(),
                help: String::new(),
            }],
            options: Vec::new(),
            duties: Vec::new(),
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

    /// Returns the name of a part in messages: `adapter/part`. An adapter of a single component has only the adapter's
    /// name.
    #[must_use]
    pub fn part_name(&self, part: &Part) -> String {
        if part.role.is_none() { self.name.clone() } else { format!("{}/{}", self.name, part.name) }
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

    /// Returns the bytes of a part's debug build that the option values choose, or none if the part has no debug build.
    pub fn debug_file<'a>(
        &'a self,
        part: &'a Part,
        value: impl Fn(&'a str) -> &'a str + Copy,
    ) -> Result<Option<&'a Cow<'static, [u8]>>, AdapterError> {
        part.debug_file.as_ref().map(|file| self.named(part, file.fill(value))).transpose()
    }

    /// Returns the bytes of a part for composing. With `debug` it returns the debug build, if there is one.
    pub(crate) fn build<'a>(
        &'a self,
        part: &'a Part,
        debug: bool,
        value: impl Fn(&'a str) -> &'a str + Copy,
    ) -> Result<&'a Cow<'static, [u8]>, AdapterError> {
        let debug_file = if debug { self.debug_file(part, value)? } else { None };
        debug_file.map_or_else(|| self.file(part, value), Ok)
    }

    fn named(&self, part: &Part, file: String) -> Result<&Cow<'static, [u8]>, AdapterError> {
        self.files.get(&file).ok_or_else(|| AdapterError::NoFile {
            adapter: self.name.clone(),
            part: part.name.clone(),
            file,
        })
    }

    /// Returns a contradiction in the manifest, or none if it is consistent.
    fn contradiction(&self) -> Option<String> {
        let mut parts = BTreeSet::new();
        for part in &self.parts {
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
            if !part.wraps.is_empty() && part.role != Some(Role::Interceptor) {
                return Some(format!("part `{name}` wraps something, but is no interceptor"));
            }
            if !parts.insert(name.clone()) {
                return Some(format!("two parts are called `{name}`"));
            }
            let values = |option: &str| self.option(option).and_then(|option| option.kind.values());
            if let Some(option) = file.options().find(|option| *option != DIALECT && values(option).is_none()) {
                return Some(format!("the file of part `{name}` depends on `{option}`, which is not a choice"));
            }
            if let FileSpec::By(by) = file {
                let choices = |option: &str| values(option).unwrap_or_default().iter().collect::<BTreeSet<_>>();
                if let Some(option) = by.iter().find_map(|(option, files)| {
                    (by.len() > 1 || choices(option) != files.keys().collect()).then_some(option)
                }) {
                    return Some(format!("the file of part `{name}` is not one for each value of `{option}`"));
                }
            }
            let mut debug = part.debug_file.iter().flat_map(FileSpec::options);
            if let Some(option) = debug.find(|option| !file.options().any(|other| other == *option)) {
                return Some(format!("the debug file of part `{name}` depends on `{option}`, which its file does not"));
            }
        }
        let mut names = BTreeSet::new();
        for option in &self.options {
            if option.name == DIALECT {
                return Some(format!("an option is called `{DIALECT}`, which stands for the dialect of messaging"));
            }
            if !names.insert(&option.name) {
                return Some(format!("two options are called `{}`", option.name));
            }
            if let Some(part) = option.parts.iter().find(|part| !parts.contains(*part)) {
                return Some(format!("option `{}` is for a part `{part}` that does not exist", option.name));
            }
            if let Some(contradiction) = option.contradiction(self) {
                return Some(contradiction);
            }
        }
        for DutySpec { with, only_with, value, text, .. } in &self.duties {
            if !parts.contains(with) {
                return Some(format!("a duty of the host goes with a part `{with}` that does not exist"));
            }
            if let Some(name) = value
                .options()
                .chain(text.options())
                .chain(only_with.keys().map(String::as_str))
                .find(|name| *name != DIALECT && self.option(name).is_none())
            {
                return Some(format!("a duty of the host names an option `{name}` that does not exist"));
            }
        }
        None
    }
}
