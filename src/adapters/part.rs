//! Parts: the components of an adapter, as its manifest describes them.

use crate::{adapters::template::Template, types::interface::InterfaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

impl Part {
    /// Returns a part that is used on its own.
    pub(crate) fn new(name: &str, role: Option<Role>, file: &str) -> Self {
        Self {
            name: name.to_owned(),
            role,
            with: None,
            file: FileSpec::Fixed(Template::text(file)),
            debug_file: None,
            wraps: Vec::new(),
            functions: Vec::new(),
            help: String::new(),
        }
    }
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

    /// Returns all files, with the names of options in them.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        let (fixed, by) = match self {
            FileSpec::Fixed(file) => (Some(file), None),
            FileSpec::By(by) => (None, Some(by)),
        };
        fixed.into_iter().chain(by.into_iter().flatten().flat_map(|(_, files)| files.values()))
    }

    /// Returns the file for these option values, or none if no file is given for a value.
    pub(crate) fn template<'a>(&'a self, value: impl Fn(&'a str) -> &'a str) -> Option<&'a Template> {
        match self {
            FileSpec::Fixed(file) => Some(file),
            FileSpec::By(by) => by.iter().find_map(|(option, files)| files.get(value(option))),
        }
    }

    pub(super) fn fill<'a>(&'a self, value: impl Fn(&'a str) -> &'a str + Copy) -> String {
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
