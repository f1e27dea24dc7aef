//! Adapters: their manifests and options, the catalogue, and what the user set.

pub(crate) mod adapter;
mod by_option;
pub(crate) mod catalogue;
pub(crate) mod config;
mod contradiction;
pub(crate) mod duty;
mod manifest;
mod one_or_several;
pub(crate) mod option;
pub(crate) mod part;
pub(crate) mod part_name;
pub(crate) mod providers;
pub(crate) mod settings;
pub(crate) mod template;
pub(crate) mod warning;

pub use adapter::{Adapter, AdapterError, MANIFEST};
pub use by_option::ByOption;
pub use catalogue::{UnknownAdapter, all, get, names};
pub use config::ConfigFrom;
pub use duty::{Duty, DutySpec};
pub use option::{DefaultValue, OptionSpec, OptionType};
pub use part::{DIALECT, FileSpec, Interfaces, Part, Role};
pub use part_name::PartName;
pub use settings::{Assignment, ConfigFile, ParseAssignmentError, SettingsError};
pub use template::{ParseTemplateError, Template};
pub use warning::WarningSpec;
