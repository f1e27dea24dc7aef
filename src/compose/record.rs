//! The record of a composition: all that is said of it, once. Flags and project files fill one of paths; a loader at the
//! edge makes one of bytes, which is what composing takes.

use crate::{
    adapters::{
        adapter::Adapter,
        config::ConfigFrom,
        settings::{self, Assignment, ConfigFile},
    },
    compose::validate::Validation,
    hosts::profile::Profile,
    link::Unrouted,
    types::dialect::Form,
    wasm::strip::Strip,
};
use serde::Deserialize;
use std::{borrow::Cow, error::Error, fmt::Debug, marker::PhantomData, str::FromStr};

/// What files are in a [`Composition`]: [`Paths`], or what was [`Loaded`] from them.
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

/// Files as they are named on a command line and in a project file. An adapter or host may be a name, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paths;

impl Files for Paths {
    type Guest = String;
    type Adapter = String;
    type Host = String;
    type Config = String;
}

/// Files that were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded<'a>(PhantomData<&'a [u8]>);

impl<'a> Files for Loaded<'a> {
    type Guest = Guest<'a>;
    type Adapter = Adapter;
    type Host = Profile;
    type Config = ConfigFile;
}

/// A guest or handler that was read: a component, or a core module with a component type, as binary or as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guest<'a> {
    /// What it is called in messages.
    pub name: String,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
}

impl<'a> Guest<'a> {
    /// A guest of these bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// A handler that serves a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(bound = "F::Guest: schemars::JsonSchema", rename = "Handler"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "F::Guest: Deserialize<'de>"))]
pub struct Handler<F: Files> {
    /// Patterns of the topics that it takes: tokens between dots, `*` for one token, a last `>` for the rest.
    pub topics: Vec<String>,
    /// The handler: a component, or a core module with a component type, as binary or as text.
    pub file: F::Guest,
}

/// All that is said of a composition: the guests, the adapters around them, and what the result must keep to.
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
    /// The guest: a component, or a core module with a component type, as binary or as text. It may be the output of
    /// another composition.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub guest: F::Guest,
    /// The handlers that serve the guest, from left to right: they are linked with it, and the adapters go around all of
    /// them.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(default)]
    pub handlers: Vec<Handler<F>>,
    /// What becomes of a topic that no handler takes. Without it, sending or requesting fails.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub unrouted: Option<Unrouted>,
    /// The most replies that a request to a handler may gather; 1024 without it.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub max_replies: Option<u32>,
    /// The most bytes of all replies to one request; 10 MiB without it.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub max_reply_bytes: Option<u32>,
    /// The adapters, the innermost first. Each is a name (see `msgcompose adapters`), a folder with an `adapter.toml`, or
    /// a component.
    #[cfg_attr(feature = "cli", arg(long = "adapter", value_name = "NAME|PATH"))]
    #[serde(default)]
    pub adapters: Vec<F::Adapter>,
    /// The host that the composed component must run on (see `msgcompose check --help`). Without adapters, the shortest
    /// stack of adapters is taken with which it does.
    #[cfg_attr(feature = "cli", arg(long, value_name = "HOST"))]
    pub host: Option<F::Host>,
    /// Refuse a composition that imports anything else; `*` stands for any text.
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATTERN"))]
    #[serde(default)]
    pub no_imports_except: Vec<String>,
    /// An option of an adapter; the last value counts. The name of its adapter may stand before it.
    #[cfg_attr(feature = "cli", arg(long = "set", value_name = "KEY=VALUE"))]
    #[serde(default, deserialize_with = "settings::assignments")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, settings::schema::Setting>"))]
    pub options: Vec<Assignment>,
    /// An option that is set when the component runs, in the place that `config-from` says, and is not in it.
    #[cfg_attr(feature = "cli", arg(long = "secret", value_name = "KEY"))]
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Put values of secret options into the component, where everybody can read them.
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(default)]
    pub bake_secrets: bool,
    /// A TOML file with options, one table for each adapter. Options that are set beside it override those in it.
    #[cfg_attr(feature = "cli", arg(long, value_name = "FILE.toml"))]
    pub config: Option<F::Config>,
    /// Where options come from when the composed component runs. Those that are not set there are as they were baked.
    #[cfg_attr(feature = "cli", arg(long, value_enum, value_name = "PLACE", default_value_t))]
    #[serde(default)]
    pub config_from: ConfigFrom,
    /// Take the adapters' debug builds: they have names in backtraces, and say what they do on standard error.
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "strip"))]
    #[serde(default)]
    pub debug: bool,
    /// Remove names and other custom sections: those of the adapters, or the guest's too.
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
    /// The dialect of `wasi:messaging` that the host has: the guest, and parts of adapters, are lifted to it (see
    /// `msgcompose uplift --help`). Without it, it is the guest's own, or the next that the adapters can be in.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub dialect: Option<Form>,
    /// How much of the result is checked before it is written.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    #[serde(default)]
    pub validate: Validation,
}

impl<F: Files> Composition<F> {
    /// The same composition of other files.
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
    /// A composition around a guest, with nothing else said yet. `name` is what messages call the guest.
    pub fn new(name: impl Into<String>, guest: impl Into<Cow<'a, [u8]>>) -> Self {
        let bare = Composition::<Paths>::default();
        bare.with_files(Guest::new(name, guest), Vec::new(), Vec::new(), None, None)
    }

    /// Changes what is said, in a chain of calls.
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

    /// Adds a handler to the right of all that are there. They reach it by these patterns, and it reaches none of them.
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

    /// Puts an adapter around what there is so far.
    #[must_use]
    pub fn adapter(mut self, adapter: Adapter) -> Self {
        self.adapters.push(adapter);
        self
    }

    /// Sets an option, `name` or `adapter.name`, over an earlier value.
    #[must_use]
    pub fn set(mut self, option: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push(Assignment { adapter: None, key: option.into(), value: value.into() });
        self
    }
}
