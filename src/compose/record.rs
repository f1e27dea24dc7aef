//! The record of a composition: everything that a user can say about it, in one place. The command line and project
//! files fill it with paths. A loader then fills it with bytes, which is what composing takes.

use crate::{
    adapters::{
        adapter::Adapter,
        config::ConfigFrom,
        settings::{self, Assignment, ConfigFile},
    },
    compose::validate::Validation,
    hosts::profile::Profile,
    link::{Deliver, Unrouted},
    types::dialect::Dialect,
    wasm::strip::Strip,
};
use serde::Deserialize;
use std::{borrow::Cow, error::Error, fmt::Debug, marker::PhantomData, str::FromStr};

/// How a [`Composition`] refers to files: by their [`Paths`], or by content that was [`Loaded`].
pub trait Files {
    /// A guest or a handler.
    type Guest: Default;
    /// An adapter.
    type Adapter: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static;
    /// A host.
    type Host: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static;
    /// A file of options.
    type Config: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static;
}

/// Files by their paths, as on a command line and in a project file. An adapter or host may also be a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paths;

impl Files for Paths {
    type Guest = String;
    type Adapter = String;
    type Host = String;
    type Config = String;
}

/// Files by their content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded<'a>(PhantomData<&'a [u8]>);

impl<'a> Files for Loaded<'a> {
    type Guest = Guest<'a>;
    type Adapter = Adapter;
    type Host = Profile;
    type Config = ConfigFile;
}

/// A guest or handler that was read: a component, or a core module with a component type, as binary or text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The name that messages use.
    pub name: String,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
}

impl<'a> Guest<'a> {
    /// Makes a guest of these bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// A handler that is linked with a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(bound = "F::Guest: schemars::JsonSchema", rename = "Handler"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "F::Guest: Deserialize<'de>"))]
pub struct Handler<F: Files> {
    /// Patterns of the topics that the handler takes: tokens between dots; `*` matches one token, a final `>` the rest.
    pub topics: Vec<String>,
    /// The handler: a component, or a core module with a component type, as binary or text.
    pub file: F::Guest,
}

/// A composition: the guest, the handlers linked with it, the adapters around them, and the rules that the result must
/// follow.
///
/// ```
/// use msgcompose::{Composition, adapters};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let mut composition = Composition::new("quote-desk.wasm", &guest[..]);
/// composition.adapters.push(adapters::get("reqreply-over-pubsub")?);
/// let composed = composition.set("reply-topic", "quotes.replies").compose()?;
/// assert_eq!(composed.report.adapters, ["reqreply-over-pubsub"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(
    test,
    schemars(
        bound = "F::Guest: schemars::JsonSchema, F::Adapter: schemars::JsonSchema, F::Host: schemars::JsonSchema, \
                 F::Config: schemars::JsonSchema",
        rename = "Composition"
    )
)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    bound(deserialize = "F::Guest: Deserialize<'de>, F::Adapter: Deserialize<'de>, F::Host: Deserialize<'de>, \
                         F::Config: Deserialize<'de>")
)]
#[non_exhaustive]
pub struct Composition<F: Files = Loaded<'static>> {
    /// The guest: a component, or a core module with a component type, as binary or text. It may be the output of
    /// another composition.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub guest: F::Guest,
    /// The handlers that are linked with the guest, from left to right. The adapters go around all of them.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(default)]
    pub handlers: Vec<Handler<F>>,
    /// What happens to a topic that no handler takes. By default, sending to it and requesting from it fails.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub unrouted: Option<Unrouted>,
    /// Who gets the messages that the host delivers. By default it is the guest, if that exports `incoming-handler`.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub deliver: Option<Deliver>,
    /// The most replies that one request to a handler may gather; 1024 by default.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub max_replies: Option<u32>,
    /// The most bytes that all replies to one request may have; 10 MiB by default.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub max_reply_bytes: Option<u32>,
    /// The adapters, innermost first. Each is a name (see `msgcompose adapters`), a folder with an `adapter.toml`, or a
    /// component.
    #[cfg_attr(feature = "cli", arg(long = "adapter", value_name = "NAME|PATH"))]
    #[serde(default)]
    pub adapters: Vec<F::Adapter>,
    /// The host that the composed component must run on (see `msgcompose check --help`). If no adapters are given,
    /// msgcompose chooses adapters with which it runs there, and their builds.
    #[cfg_attr(feature = "cli", arg(long, value_name = "HOST"))]
    pub host: Option<F::Host>,
    /// Refuse a composition that imports anything not matching PATTERN; `*` matches any text.
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATTERN"))]
    #[serde(default)]
    pub no_imports_except: Vec<String>,
    /// Set options of adapters; if one is set twice, the last value counts. KEY may be ADAPTER.KEY.
    #[cfg_attr(feature = "cli", arg(long = "set", value_name = "KEY=VALUE"))]
    #[serde(default, deserialize_with = "settings::assignments")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, settings::schema::OptionOrTable>"))]
    pub options: Vec<Assignment>,
    /// Options to set at run time, in the place that `config-from` names. Their values are not in the component.
    #[cfg_attr(feature = "cli", arg(long = "secret", value_name = "KEY"))]
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Bake the values of secret options into the component, where everybody can read them.
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(default)]
    pub bake_secrets: bool,
    /// A TOML file with options, one table for each adapter. Options that are set directly override those in it.
    #[cfg_attr(feature = "cli", arg(long, value_name = "FILE.toml"))]
    pub config: Option<F::Config>,
    /// Where the composed component reads options at run time. Options that are not set there keep their baked values.
    #[cfg_attr(feature = "cli", arg(long, value_enum, value_name = "PLACE", default_value_t))]
    #[serde(default)]
    pub config_from: ConfigFrom,
    /// Use the adapters' debug builds: backtraces show function names, and the adapters log to standard error.
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "strip"))]
    #[serde(default)]
    pub debug: bool,
    /// Remove names and other custom sections, from the adapters only or from the guest, too.
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            value_enum,
            value_name = "WHAT",
            num_args = 0..=1,
            require_equals = true,
            default_value_t,
            hide_default_value = true,
            default_missing_value = "adapters"
        )
    )]
    #[serde(default)]
    pub strip: Strip,
    /// The dialect of `wasi:messaging` that the host has. The guest and parts of adapters are lifted to it (see
    /// `msgcompose uplift --help`). By default it is the guest's own dialect, or the next one that the adapters
    /// support.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub dialect: Option<Dialect>,
    /// How much of the result to validate before it is written.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    #[serde(default)]
    pub validate: Validation,
}

impl<F: Files> Composition<F> {
    /// Replaces the files of the composition and keeps everything else.
    pub fn with_files<G: Files>(
        self,
        guest: G::Guest,
        handlers: Vec<Handler<G>>,
        adapters: Vec<G::Adapter>,
        host: Option<G::Host>,
        config: Option<G::Config>,
    ) -> Composition<G> {
        Composition {
            guest,
            handlers,
            unrouted: self.unrouted,
            deliver: self.deliver,
            max_replies: self.max_replies,
            max_reply_bytes: self.max_reply_bytes,
            adapters,
            host,
            no_imports_except: self.no_imports_except,
            options: self.options,
            secrets: self.secrets,
            bake_secrets: self.bake_secrets,
            config,
            config_from: self.config_from,
            debug: self.debug,
            strip: self.strip,
            dialect: self.dialect,
            validate: self.validate,
        }
    }
}

impl<'a> Composition<Loaded<'a>> {
    /// Starts a composition of `guest` alone. Messages call the guest `name`.
    pub fn new(name: impl Into<String>, guest: impl Into<Cow<'a, [u8]>>) -> Self {
        let bare = Composition::<Paths>::default();
        bare.with_files(Guest::new(name, guest), Vec::new(), Vec::new(), None, None)
    }

    /// Changes any fields, in a chain of calls.
    ///
    /// ```
    /// # use msgcompose::{Composition, Validation};
    /// # let guest = Vec::new();
    /// let composition = Composition::new("guest.wasm", guest).with(|all| all.validate = Validation::Full);
    /// assert_eq!(composition.validate, Validation::Full);
    /// ```
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Adds a handler to the right of all others. The guests to its left reach it by these patterns; it reaches none of
    /// them.
    #[must_use]
    pub fn handler<P: Into<String>>(
        mut self,
        topics: impl IntoIterator<Item = P>,
        name: impl Into<String>,
        handler: impl Into<Cow<'a, [u8]>>,
    ) -> Self {
        let topics = topics.into_iter().map(Into::into).collect();
        self.handlers.push(Handler { topics, file: Guest::new(name, handler) });
        self
    }

    /// Adds an adapter as the outermost one.
    #[must_use]
    pub fn adapter(mut self, adapter: Adapter) -> Self {
        self.adapters.push(adapter);
        self
    }

    /// Sets an option, `name` or `adapter.name`. A later value overrides an earlier one.
    #[must_use]
    pub fn set(mut self, option: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push(Assignment { adapter: None, key: option.into(), value: value.into(), file: None });
        self
    }
}
