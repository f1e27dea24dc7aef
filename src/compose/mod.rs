//! Composes: the stages in their order.

pub mod choose;
pub mod error;
pub mod graph;
mod guests;
pub mod imports;
mod layers;
pub mod output;
pub mod record;
pub mod report;
pub mod reproduction;
pub mod stage;
pub mod validate;

use crate::{
    adapters::{
        adapter::{Adapter, AdapterError},
        catalogue,
        config::{self, ConfigFrom},
        settings::{self, Assignment, Secrets, Settings},
    },
    hosts::{
        check::{self, Check, DoesNotRun},
        profile::Profile,
    },
    link::{Linked, Linking, MAX_REPLIES, MAX_REPLY_BYTES},
    picture::Picture,
    plan::{self, Owner, Plan},
    provenance::{AdapterRecord, File, HandlerRecord, Provenance},
    types::dialect::Form,
    wasm::{binary::Binary, outside::outside},
};
use choose::Wanted;
use error::Error;
use guests::{Guests, Typed};
use layers::{Build, Layers};
use output::Output;
use record::{Composition, Loaded};
use report::{Made, Report};
use stage::Stage;
use std::collections::BTreeMap;

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

impl<'a> Composition<Loaded<'a>> {
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
    /// Composition::new("pricer.wasm", &guest[..])
    ///     .adapter(catalogue::get("reqreply-over-pubsub")?)
    ///     .compose_observed(&mut |stage| stages.push(stage))?;
    /// assert_eq!((stages.first(), stages.last()), (Some(&Stage::Guest), Some(&Stage::Report)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn compose_observed(self, enter: &mut dyn FnMut(Stage)) -> Result<Composed<'a>, Error> {
        let (linking, options) = (self.linking(), self.all_options());
        enter(Stage::Guest);
        let guests = Guests::read(self.guest, self.handlers, self.strip)?;
        let files = guests.files();
        let skeletons = (self.adapters.is_empty() && self.host.is_some()).then(|| guests.skeletons());
        let typed = Typed::new(guests)?;
        let own_dialect = typed.dialect()?;
        let mut adapters = self.adapters;
        if let (Some(guests), Some(host)) = (&skeletons, &self.host) {
            enter(Stage::Choice);
            let (options, config_from, dialect) = (&options[..], self.config_from, self.dialect);
            let wanted = Wanted { guests, options, config_from, dialect, own_dialect, linking, host };
            adapters = wanted.choose(&catalogue::all())?;
        }
        enter(Stage::Options);
        let secrets = Secrets { at_run_time: self.secrets, baked: self.bake_secrets };
        let mut settings = settings::resolve(&adapters, &options, &secrets)?;
        if adapters.is_empty() && self.host.is_none() {
            settings::refuse_without_adapters(&secrets, self.config_from, self.dialect)?;
        }
        let dialect = settings::dialect(&adapters, &mut settings, self.dialect, own_dialect)?;
        if dialect != Form::Sync {
            enter(Stage::Uplift);
        }
        let (typed, lifted) = typed.lift(dialect)?;
        enter(Stage::Parts);
        let (mut arena, inner) = typed.link(linking)?;
        let linked = inner.linked();
        let build = Build { config_from: self.config_from, debug: self.debug, strip: self.strip, dialect };
        let mut layers = Layers::read(&adapters, &settings, build, &mut arena)?;
        enter(Stage::Plan);
        let core = inner.core(&arena)?;
        let plan = plan::plan(&core, &layers.layers, &arena).map_err(|error| layers.refused.explain(error))?;
        enter(Stage::Configuration);
        let configs = configs(&plan, linked, &adapters, &settings, self.config_from)?;
        enter(Stage::Encoding);
        let (encoded, wholes) = graph::build(&plan, arena, configs)?;
        let encoded = self.strip.composition(encoded)?;
        let provenance = provenance(&files, &plan, linked, &adapters, &settings, build)?;
        enter(Stage::Splicing);
        let output = Output::splice(&encoded, wholes, &provenance)?;
        enter(Stage::Validation);
        validate::validate(&encoded, &output, self.validate)?;
        let outside = outside(&encoded)?;
        let guest = &files[0].name;
        let checked = match &self.host {
            None => None,
            Some(host) => {
                enter(Stage::Host);
                Some(check(guest, encoded, host)?)
            }
        };
        enter(Stage::Report);
        let made = Made {
            guest,
            plan: &plan,
            linked,
            adapters: &adapters,
            settings: &settings,
            build,
            lifted,
            checked: checked.as_ref(),
            were_chosen: skeletons.is_some(),
            outside,
            output: &output,
        };
        let report = made.report();
        imports::check(&report.imports, &self.no_imports_except)?;
        let picture = Picture::of_plan(&report.title(), &plan);
        let plan = plan.to_string();
        Ok(Composed { component: output, report, plan, picture })
    }

    fn linking(&self) -> Linking {
        Linking {
            unrouted: self.unrouted.unwrap_or_default(),
            max_replies: self.max_replies.unwrap_or(MAX_REPLIES),
            max_reply_bytes: self.max_reply_bytes.unwrap_or(MAX_REPLY_BYTES),
            debug: self.debug,
        }
    }

    /// The options of the file, and those that are set beside it after them.
    fn all_options(&self) -> Vec<Assignment> {
        let file = self.config.iter().flat_map(|file| &file.options);
        file.chain(&self.options).cloned().collect()
    }
}

/// Bakes the options that the taken parts read.
fn configs(
    plan: &Plan<'_>,
    linked: Option<&Linked>,
    adapters: &[Adapter],
    settings: &[Settings],
    config_from: ConfigFrom,
) -> Result<BTreeMap<Owner, Vec<u8>>, Error> {
    let mut configs = BTreeMap::new();
    configs.extend(linked.map(|linked| (Owner::Link, config::bake(&linked.baked()))));
    for (layer, (adapter, settings)) in adapters.iter().zip(settings).enumerate() {
        let parts = plan.part_names(layer);
        if config_from == ConfigFrom::Baked {
            settings.require(adapter, &parts)?;
        }
        let (baked, unset) = (settings.baked(adapter, &parts), settings.missing(adapter, &parts));
        configs.insert(Owner::Adapter(layer), config::bake(&config_from.describe(adapter, baked, &unset)));
    }
    Ok(configs)
}

/// What the composition says of itself. The first of `files` is the guest, the others are the handlers.
fn provenance(
    files: &[File],
    plan: &Plan<'_>,
    linked: Option<&Linked>,
    adapters: &[Adapter],
    settings: &[Settings],
    build: Build,
) -> Result<Provenance, Error> {
    let routes = linked.map(Linked::routes).unwrap_or_default();
    let handlers = files[1..].iter().zip(routes);
    let handlers = handlers.map(|(file, route)| HandlerRecord { file: file.clone(), patterns: route.patterns });
    let layers = adapters.iter().zip(settings).enumerate();
    let records = layers.map(|(layer, (adapter, settings))| {
        AdapterRecord::new(adapter, settings, &plan.part_names(layer), build.debug)
    });
    let adapters = linked.map(|linked| Ok(linked.record())).into_iter().chain(records);
    Ok(Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        guest: files[0].clone(),
        handlers: handlers.collect(),
        adapters: adapters.collect::<Result<_, AdapterError>>()?,
        config_from: build.config_from.name().map(str::to_owned),
        dialect: (build.dialect != Form::Sync).then_some(build.dialect),
    })
}

/// Fails if the composed component, of which the skeleton will do, does not run on the host.
fn check(guest: &str, encoded: Vec<u8>, host: &Profile) -> Result<Check, Error> {
    let outcome = check::check_binary(guest, Binary::own(encoded), host)?;
    if outcome.runs { Ok(outcome) } else { Err(DoesNotRun { outcome, is_composed: true }.into()) }
}
