//! Parts: the components of an adapter, as its manifest describes them.

use crate::{
    adapters::{by_option::ByOption, template::Template},
    types::interface::InterfaceId,
};
use serde::{Deserialize, Serialize};

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
    #[serde(default, skip_serializing_if = "Interfaces::is_empty")]
    pub wraps: Interfaces,
    /// For an interceptor: interfaces that the component inside must not export. A host would call one of them or the
    /// interceptor, and not both.
    #[serde(default, skip_serializing_if = "Interfaces::is_empty")]
    pub clashes: Interfaces,
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
            wraps: Interfaces::default(),
            clashes: Interfaces::default(),
            functions: Vec::new(),
            help: String::new(),
        }
    }
}

/// The name in file names of parts that stands for the [dialect](crate::types::dialect::Dialect) of messaging.
pub const DIALECT: &str = "dialect";

/// The file of a part, which may depend on options: file names in which options may occur, as in
/// `provider-{keyvalue}.wasm`.
pub type FileSpec = ByOption<Template>;

impl FileSpec {
    /// Returns the options on which the file depends.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.option().into_iter().chain(self.all().flat_map(Template::options))
    }

    pub(super) fn fill<'a>(&'a self, value: impl Fn(&'a str) -> &'a str + Copy) -> String {
        self.with(value).map(|file| file.fill(value)).unwrap_or_default()
    }
}

/// Interfaces, which may depend on an option.
pub type Interfaces = ByOption<Vec<InterfaceId>>;

impl Interfaces {
    fn is_empty(&self) -> bool {
        self.all().all(Vec::is_empty)
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
