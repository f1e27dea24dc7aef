//! Composes a WebAssembly component that is written against `wasi:messaging@0.2.0-draft`, the **guest**, with prebuilt
//! **adapters**, so that the result runs on hosts that lack what the guest needs of them.
//!
//! The library takes bytes and gives bytes and a report. It reads and writes no files, prints nothing, and knows no
//! clock and no environment: the same inputs give the same bytes.
//!
//! ```
//! use msgcompose::{Composition, catalogue};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let guest = include_bytes!("../fixtures/prebuilt/quote-desk.wasm");
//! let composed = Composition::of("quote-desk.wasm", &guest[..])
//!     .adapter(catalogue::get("reqreply-over-pubsub")?)
//!     .set("reply-topic", "quotes.replies")
//!     .compose()?;
//! assert!(!composed.report.imports.contains("wasi:messaging/request-reply@0.2.0-draft"));
//! let bytes = composed.component.to_bytes();
//! # Ok(())
//! # }
//! ```

pub mod adapter;
pub mod binary;
pub mod catalogue;
pub mod check;
pub mod choose;
pub mod component;
pub mod config;
pub mod dialect;
pub mod difference;
mod error;
pub mod graph;
pub mod inspect;
pub mod interface;
pub mod link;
pub mod option;
pub mod output;
mod outside;
pub mod plan;
pub mod profile;
pub mod provenance;
pub mod quote;
pub mod report;
mod sections;
pub mod settings;
pub mod skeleton;
pub mod suggest;
mod template;
pub mod validate;
mod wit_text;

pub use adapter::Adapter;
pub use config::ConfigFrom;
pub use error::{DynError, Error, Kind};
pub use inspect::{Inspection, inspect};
pub use link::Link;
pub use output::Output;
pub use report::Report;
pub use settings::Assignment;
pub use validate::Validation;

use binary::Binary;
use component::Arena;
use plan::{Layer, LayerPart};
use provenance::Provenance;
use settings::Settings;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// What is to be composed.
#[derive(Debug)]
pub struct Composition<'a> {
    name: String,
    guest: Cow<'a, [u8]>,
    adapters: Vec<Adapter>,
    assignments: Vec<Assignment>,
    config_from: ConfigFrom,
    validation: Validation,
}

/// A composed component, and what there is to say about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Composed<'a> {
    /// The component.
    pub component: Output<'a>,
    /// What was done, and what the host must do now.
    pub report: Report,
    /// The instances and who feeds whom, in words.
    pub plan: String,
}

impl<'a> Composition<'a> {
    /// A composition around `guest`: a component, or a core module that carries its component type. `name` is for
    /// messages.
    pub fn of(name: impl Into<String>, guest: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            name: name.into(),
            guest: guest.into(),
            adapters: Vec::new(),
            assignments: Vec::new(),
            config_from: ConfigFrom::default(),
            validation: Validation::default(),
        }
    }

    /// Puts an adapter around what there is so far.
    #[must_use]
    pub fn adapter(mut self, adapter: Adapter) -> Self {
        self.adapters.push(adapter);
        self
    }

    /// Sets an option, `name` or `adapter.name`, over an earlier value.
    #[must_use]
    pub fn set(self, option: impl Into<String>, value: impl Into<String>) -> Self {
        self.assign([Assignment { adapter: None, key: option.into(), value: value.into() }])
    }

    /// Sets options, over earlier values.
    #[must_use]
    pub fn assign(mut self, assignments: impl IntoIterator<Item = Assignment>) -> Self {
        self.assignments.extend(assignments);
        self
    }

    /// Where options come from when the composed component runs. One without a default may then be left to that.
    #[must_use]
    pub fn config_from(mut self, config_from: ConfigFrom) -> Self {
        self.config_from = config_from;
        self
    }

    /// How much of the result is checked.
    #[must_use]
    pub fn validation(mut self, validation: Validation) -> Self {
        self.validation = validation;
        self
    }

    /// Composes: the stages in their order.
    pub fn compose(self) -> Result<Composed<'a>, Error> {
        let Self { name, guest, adapters, assignments, config_from, validation } = self;
        let guest = Binary::read(&name, guest)?;
        let settings = settings::resolve(&adapters, &assignments)?;

        let mut arena = Arena::new();
        let component = arena.add(&name, guest.skeleton.clone())?;
        arena.read(&component)?;
        let layers = layers(&adapters, &settings, config_from, &mut arena)?;
        let plan = plan::plan(&component, &layers, &arena)?;

        let mut configs = BTreeMap::new();
        for (layer, (adapter, settings)) in adapters.iter().zip(&settings).enumerate() {
            let parts = plan.part_names(layer);
            if config_from == ConfigFrom::Baked {
                settings.require(adapter, &parts)?;
            }
            let (baked, unset) = (settings.baked(adapter, &parts), settings.missing(adapter, &parts));
            configs.insert(layer, config::bake(&config_from.describe(adapter, baked, &unset)));
        }

        let encoded = graph::build(&plan, arena, configs)?;
        let provenance = Provenance::new(adapters.iter().map(|adapter| adapter.name.clone()).collect());
        let output = Output::splice(&encoded, &guest.skeleton, guest.bytes, &provenance)?;
        validate::validate(&encoded, &output, validation)?;
        let report = report::report(&plan, &adapters, &settings, config_from, &encoded, &output)?;
        Ok(Composed { component: output, report, plan: plan.to_string() })
    }
}

/// The adapters with all their parts, in the builds that the options choose.
fn layers(
    adapters: &[Adapter],
    settings: &[Settings],
    config_from: ConfigFrom,
    arena: &mut Arena,
) -> Result<Vec<Layer>, Error> {
    let config_layer = config_from.layer().map(|(name, bytes)| arena.add(name, bytes.to_vec())).transpose()?;
    let mut layers = Vec::new();
    for (adapter, settings) in adapters.iter().zip(settings) {
        let mut parts = Vec::new();
        for part in &adapter.parts {
            let name = adapter.part_name(part);
            let binary = Binary::read(&name, adapter.file(part, |option| settings.get(option))?)?;
            parts.push(LayerPart {
                name: part.name.clone(),
                role: part.role,
                with: part.with.clone(),
                wraps: part.wraps.clone(),
                configured: adapter.read_by(&BTreeSet::from([part.name.as_str()])).next().is_some(),
                component: arena.add(&name, binary.bytes.into_owned())?,
            });
        }
        layers.push(Layer { adapter: adapter.name.clone(), parts, config_layer: config_layer.clone() });
    }
    Ok(layers)
}
