//! Composes: the stages in their order.

pub mod choose;
pub mod error;
pub mod graph;
pub mod output;
pub mod report;
pub mod reproduction;
pub mod stage;
pub mod validate;

use self::{
    error::Error,
    output::Output,
    report::{Duty, Report},
    stage::Stage,
    validate::Validation,
};
use crate::{
    adapters::{
        adapter::Adapter,
        config,
        config::ConfigFrom,
        settings,
        settings::{Assignment, Secrets, Settings},
    },
    picture::Picture,
    plan::{self, Layer, LayerPart, Pace, PlanError},
    provenance::{File, Provenance},
    types::{component::Arena, dialect::Form},
    uplift::{self, LiftedFunction, UpliftError},
    wasm::{binary::Binary, strip::Strip},
};
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
    secrets: Secrets,
    config_from: ConfigFrom,
    validation: Validation,
    debug: bool,
    strip: Strip,
    dialect: Option<Form>,
}

/// A composed component, and what there is to say about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Composed<'a> {
    /// The component.
    pub component: Output<'a>,
    /// What was done, and what the host must do now.
    pub report: Report,
    /// The instances and who feeds whom, in words: exact, and in the order of instantiation.
    pub plan: String,
    /// The same for people, to be drawn.
    pub picture: Picture,
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
            secrets: Secrets::default(),
            config_from: ConfigFrom::default(),
            validation: Validation::default(),
            debug: false,
            strip: Strip::default(),
            dialect: None,
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

    /// How options are set whose values must not stand in the component.
    #[must_use]
    pub fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
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

    /// Takes the debug builds of the parts: their functions have names in backtraces, and they say what they do on
    /// standard error.
    #[must_use]
    pub fn debug(mut self, debug: bool) -> Self {
        self.debug = debug;
        self
    }

    /// What is stripped of names and other custom sections.
    #[must_use]
    pub fn strip(mut self, strip: Strip) -> Self {
        self.strip = strip;
        self
    }

    /// The form of messaging that the host has: the guest, and the parts of adapters that have no build for it, are
    /// [lifted](mod@uplift) to it. Without, it is the one that the guest is in, or the next that the adapters can be in.
    #[must_use]
    pub fn dialect(mut self, dialect: Form) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Composes.
    pub fn compose(self) -> Result<Composed<'a>, Error> {
        self.compose_observed(&mut |_| {})
    }

    /// Composes: the stages in their order. `enter` is told of each before it begins.
    ///
    /// ```
    /// use msgcompose::{Composition, Stage, catalogue};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/pricer.wasm"));
    /// let mut stages = Vec::new();
    /// Composition::of("pricer.wasm", &guest[..])
    ///     .adapter(catalogue::get("reqreply-over-pubsub")?)
    ///     .compose_observed(&mut |stage| stages.push(stage))?;
    /// assert_eq!((stages.first(), stages.last()), (Some(&Stage::Guest), Some(&Stage::Report)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn compose_observed(self, enter: &mut dyn FnMut(Stage)) -> Result<Composed<'a>, Error> {
        let Self { name, guest, adapters, assignments, secrets, config_from, validation, debug, strip, dialect } = self;
        enter(Stage::Guest);
        let file = File::of(&name, &guest);
        let guest = Binary::read(&name, guest)?.strip(&name, strip)?;
        let (mut arena, mut component) = Arena::of(&name, guest)?;
        let own_dialect = Form::of(&component, &arena)?.unwrap_or_default();
        enter(Stage::Options);
        let mut settings = settings::resolve(&adapters, &assignments, &secrets)?;
        let dialect = settings::dialect(&adapters, &mut settings, dialect, own_dialect)?;
        let mut lifted = Vec::new();
        if dialect != Form::Sync {
            enter(Stage::Uplift);
            let mut guest = arena.into_binary(&component);
            lifted = uplift::lift_any(&name, &mut guest, dialect)?;
            (arena, component) = Arena::of(&name, guest)?;
        }

        enter(Stage::Parts);
        let build = Build { config_from, debug, strip, dialect };
        let (layers, refused) = layers(&adapters, &settings, build, &mut arena)?;
        enter(Stage::Plan);
        let plan = plan::plan(&component, &layers, &arena).map_err(|error| reason(error, dialect, refused))?;

        enter(Stage::Configuration);
        let mut configs = BTreeMap::new();
        for (layer, (adapter, settings)) in adapters.iter().zip(&settings).enumerate() {
            let parts = plan.part_names(layer);
            if config_from == ConfigFrom::Baked {
                settings.require(adapter, &parts)?;
            }
            let (baked, unset) = (settings.baked(adapter, &parts), settings.missing(adapter, &parts));
            configs.insert(layer, config::bake(&config_from.describe(adapter, baked, &unset)));
        }

        enter(Stage::Encoding);
        let (encoded, wholes) = graph::build(&plan, arena, configs)?;
        let encoded = strip.composition(encoded)?;
        let provenance = Provenance::of(file, &plan, &adapters, &settings, build)?;
        enter(Stage::Splicing);
        let output = Output::splice(&encoded, wholes, &provenance)?;
        enter(Stage::Validation);
        validate::validate(&encoded, &output, validation)?;
        enter(Stage::Report);
        let mut report = report::report(&plan, &adapters, &settings, config_from, &encoded, &output)?;
        (report.dialect, report.lifted) = (dialect, lifted);
        if dialect != Form::Sync {
            report.host.insert(0, dialect_duty(dialect));
        }
        if debug {
            report.notes.extend(debug_notes(&plan, &adapters));
        }
        let picture = Picture::of_plan(&report.title(), &plan);
        Ok(Composed { component: output, report, plan: plan.to_string(), picture })
    }
}

/// In which builds parts are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Build {
    pub(crate) config_from: ConfigFrom,
    pub(crate) debug: bool,
    pub(crate) strip: Strip,
    pub(crate) dialect: Form,
}

/// The adapters with all their parts, in the builds that the options choose; and by their names, the parts that cannot be
/// lifted, which need not matter.
fn layers(
    adapters: &[Adapter],
    settings: &[Settings],
    build: Build,
    arena: &mut Arena<'_>,
) -> Result<(Vec<Layer>, BTreeMap<String, UpliftError>), Error> {
    let Build { config_from, debug, strip, dialect } = build;
    let config_layer = config_from.layer(debug).map(|(name, bytes)| arena.add(name, Binary::own(bytes))).transpose()?;
    let (mut layers, mut refused) = (Vec::new(), BTreeMap::new());
    for (adapter, settings) in adapters.iter().zip(settings) {
        let mut parts = Vec::new();
        for part in &adapter.parts {
            let name = adapter.part_name(part);
            let file = adapter.build(part, debug, |option| settings.get(option))?;
            let mut binary = Binary::read(&name, file.clone())?.strip_part(&name, strip)?;
            let pace = match uplift::lift_any(&name, &mut binary, dialect) {
                Ok(lifted) => pace(&lifted),
                Err(error) => {
                    refused.insert(name.clone(), error);
                    Pace::Sync
                }
            };
            parts.push(LayerPart {
                name: part.name.clone(),
                role: part.role,
                with: part.with.clone(),
                wraps: part.wraps.clone(),
                functions: part.functions.clone(),
                configured: adapter.read_by(&BTreeSet::from([part.name.as_str()])).next().is_some(),
                component: arena.add(&name, binary)?,
                pace,
            });
        }
        layers.push(Layer { adapter: adapter.name.clone(), parts, config_layer: config_layer.clone() });
    }
    Ok((layers, refused))
}

/// How many calls a part can be in at once, by what had to be changed for it to be async.
fn pace(lifted: &[LiftedFunction]) -> Pace {
    if lifted.is_empty() {
        Pace::Sync
    } else if lifted.iter().any(|function| function.types > 0) {
        Pace::Lifted
    } else {
        Pace::Concurrent
    }
}

/// A part that does not fit may be one that could not be lifted: then why it could not is what there is to say.
fn reason(error: PlanError, dialect: Form, mut refused: BTreeMap<String, UpliftError>) -> Error {
    let names = match &error {
        PlanError::DoesNotFit { part, other, .. } => [part.clone(), other.clone()],
        _ => return error.into(),
    };
    for part in names {
        if let Some(reason) = refused.remove(&part) {
            return PlanError::NotLifted { part, dialect, reason: reason.into() }.into();
        }
    }
    error.into()
}

/// What the host must be for a lifted component.
fn dialect_duty(dialect: Form) -> Duty {
    let which = match dialect {
        Form::Mixed => "`request` and `handle` are",
        _ => "`connect`, `send`, `request`, `reply` and `handle` are",
    };
    let text =
        format!("support async of the component model, and have messaging in the dialect `{dialect}`: {which} async");
    Duty::new("dialect", dialect.to_string(), text)
}

/// That this is a debug composition, and what of it is as ever.
fn debug_notes(plan: &plan::Plan<'_>, adapters: &[Adapter]) -> Vec<String> {
    let mut notes = vec!["debug builds: the adapters say on standard error what they do".to_owned()];
    for (layer, adapter) in adapters.iter().enumerate() {
        let taken = plan.part_names(layer);
        let parts = adapter.parts.iter().filter(|part| part.debug_file.is_none() && taken.contains(part.name.as_str()));
        notes.extend(parts.map(|part| format!("`{}` has no debug build, and is as it is", adapter.part_name(part))));
    }
    notes
}
