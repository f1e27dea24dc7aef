//! Composes: runs the stages in order.

mod again;
pub mod bridged;
mod choose;
mod dialect;
mod duties;
pub mod error;
mod fitted;
pub mod graph;
mod guests;
pub mod imports;
mod join;
mod layers;
pub mod output;
mod planned;
pub mod record;
pub mod report;
pub mod reproduction;
pub mod stage;
mod trial;
pub mod validate;

use crate::{
    adapters::{
        catalogue,
        config::ConfigFrom,
        duty::Duty,
        settings::{self, Secrets, Settings},
    },
    hosts::{
        check::{self, Check},
        does_not_run::{DoesNotRun, Subject, Way},
    },
    link::{Linking, MAX_REPLIES, MAX_REPLY_BYTES},
    picture::Picture,
    plan,
    types::dialect::Dialect,
    wasm::{binary::Binary, outside::outside},
};
use bridged::Bridged;
use choose::Choice;
use error::Error;
use guests::{Guests, Typed};
use layers::{Build, Layers};
use output::Output;
use planned::Planned;
use record::{Composition, Loaded};
use report::{Made, Report};
use stage::Stage;
use std::mem::take;
use trial::Wanted;

/// A composed component and its descriptions.
#[derive(Debug)]
#[non_exhaustive]
pub struct Composed<'a> {
    /// The component.
    pub component: Output<'a>,
    /// What composing did, and what the host must do.
    pub report: Report,
    /// The plan as text: the instances and their wires, exact, and in the order of instantiation.
    pub plan: String,
    /// The plan as a picture, for people.
    pub picture: Picture,
}

impl<'a> Composition<Loaded<'a>> {
    /// Runs all stages and returns the composed component.
    pub fn compose(self) -> Result<Composed<'a>, Error> {
        self.compose_observed(&mut |_| {})
    }

    /// Runs all stages, like [`compose`](Self::compose), and calls `enter` before each stage.
    ///
    /// ```
    /// use msgcompose::{Composition, Stage, adapters};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/pricer.wasm"));
    /// let mut stages = Vec::new();
    /// Composition::new("pricer.wasm", &guest[..])
    ///     .adapter(adapters::get("reqreply-over-pubsub")?)
    ///     .compose_observed(&mut |stage| stages.push(stage))?;
    /// assert_eq!((stages.first(), stages.last()), (Some(&Stage::Guest), Some(&Stage::Report)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn compose_observed(mut self, enter: &mut dyn FnMut(Stage)) -> Result<Composed<'a>, Error> {
        self.take_config();
        enter(Stage::Guest);
        let mut guests = Guests::read(take(&mut self.guest), take(&mut self.handlers), self.strip)?;
        let bridged = self.bridge(&mut guests)?;
        let files = guests.files();
        let skeletons = self.host.as_ref().map(|_| guests.skeletons());
        let typed = Typed::new(guests)?;
        let mut chosen = None;
        if let (Some(wanted), true) = (self.wanted(skeletons.as_ref()), self.adapters.is_empty()) {
            enter(Stage::Choice);
            let Choice { adapters, options } = wanted.choose(&catalogue::all())?;
            self.adapters = adapters;
            self.options.extend(options.iter().cloned());
            chosen = Some(options);
        }
        enter(Stage::Options);
        let (settings, dialect) = self.settings(&typed, &bridged)?;
        if dialect != Dialect::Sync {
            enter(Stage::Uplift);
        }
        let (typed, lifted) = typed.lift(dialect)?;
        enter(Stage::Parts);
        let (mut arena, inner) = typed.link(self.linking(dialect))?;
        let (adapters, build) = (&self.adapters, self.build(dialect));
        let mut layers = Layers::read(adapters, &settings, build, &mut arena)?;
        enter(Stage::Plan);
        let core = inner.core(&arena)?;
        let mut plan = plan::plan(&core, &layers.layers, &arena)
            .map_err(|error| again::explain(layers.refused.explain(error), &core, &arena))?;
        let linked = inner.linked();
        let planned = Planned { plan: &plan, linked, adapters, settings: &settings, build };
        enter(Stage::Configuration);
        let configs = planned.configs()?;
        let duties = [bridged.duties.clone(), planned.duties(&plan.outside(&files[0].name), &arena)?].concat();
        enter(Stage::Encoding);
        let (encoded, wholes) = graph::build(&plan, arena, configs)?;
        let encoded = self.strip.composition(encoded).map_err(Error::unreadable)?;
        enter(Stage::Splicing);
        let wholes = planned.fit(wholes)?;
        let output = Output::splice(&encoded, wholes, &planned.provenance(&files, &duties)?)?;
        enter(Stage::Validation);
        validate::validate(&encoded, &output, self.validate)?;
        let outside = outside(&encoded).map_err(Error::unreadable)?;
        plan.name_imports(&outside.imports);
        let planned = Planned { plan: &plan, linked, adapters, settings: &settings, build };
        let wanted = self.wanted(skeletons.as_ref());
        let checked = wanted.map(|wanted| {
            enter(Stage::Host);
            wanted.accept(encoded, &duties)
        });
        let checked = checked.transpose()?;
        enter(Stage::Report);
        let made = Made {
            guest: &files[0].name,
            planned,
            lifted,
            bridged: &bridged,
            duties: &duties,
            checked,
            chosen: chosen.as_deref(),
            outside,
        };
        let report = made.report(&output);
        imports::check(&report.imports, &self.no_imports_except)?;
        let picture = Picture::of_plan(&report.title(), &plan);
        Ok(Composed { plan: plan.to_string(), component: output, report, picture })
    }

    /// Returns what to add to the composition so that it runs on its host: adapters of the catalogue, their builds, and
    /// a dialect. What is found is planned, and checked against the host. Returns none if nothing is found, or if the
    /// composition has no host.
    ///
    /// ```
    /// use msgcompose::{Composition, hosts};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
    /// let host = hosts::get("wasmtime-serve")?;
    /// let way = Composition::new("quote-desk.wasm", &guest[..]).with(|all| all.host = Some(host)).way()?;
    /// assert_eq!(way.expect("an adapter does it").adapters, ["messaging-over-http"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn way(mut self) -> Result<Option<Way>, Error> {
        self.take_config();
        let mut guests = Guests::read(take(&mut self.guest), take(&mut self.handlers), self.strip)?;
        self.bridge(&mut guests)?;
        let guests = guests.skeletons();
        Ok(self.wanted(Some(&guests)).and_then(|wanted| wanted.way(&catalogue::all())))
    }

    /// Puts the options of the configuration file before those that are set directly, which override them.
    fn take_config(&mut self) {
        let file = self.config.take().unwrap_or_default();
        self.options.splice(..0, file.options);
    }

    /// Returns the settings of each adapter, and the dialect of the composition.
    fn settings(&self, guests: &Typed<'_>, bridged: &Bridged) -> Result<(Vec<Settings>, Dialect), Error> {
        let secrets = Secrets { at_run_time: self.secrets.clone(), baked: self.bake_secrets };
        let mut settings = settings::resolve(&self.adapters, &self.options, &secrets)?;
        if self.adapters.is_empty() && self.host.is_none() {
            // Adapters around linked guests read options, too, and linked guests have a dialect without adapters.
            let config_from = if bridged.guests.is_empty() { self.config_from } else { ConfigFrom::Baked };
            let dialect = self.dialect.filter(|_| !guests.is_linked());
            settings::refuse_without_adapters(&secrets, config_from, dialect)?;
        }
        let dialect = dialect::decide(self, &self.adapters, &mut settings, self.dialect, guests)?;
        Ok((settings, dialect))
    }

    fn wanted<'w>(&'w self, guests: Option<&'w Guests<'static>>) -> Option<Wanted<'w, 'a>> {
        Some(Wanted { composition: self, guests: guests?, host: self.host.as_ref()? })
    }

    fn linking(&self, dialect: Dialect) -> Linking {
        Linking {
            unrouted: self.unrouted.unwrap_or_default(),
            deliver: self.deliver,
            max_replies: self.max_replies.unwrap_or(MAX_REPLIES),
            max_reply_bytes: self.max_reply_bytes.unwrap_or(MAX_REPLY_BYTES),
            debug: self.debug,
            dialect,
        }
    }

    fn build(&self, dialect: Dialect) -> Build {
        Build { config_from: self.config_from, debug: self.debug, strip: self.strip, dialect }
    }
}

impl Wanted<'_, '_> {
    /// Checks the composed component against the host. Fails if it does not run there. A skeleton is enough.
    fn accept(self, encoded: Vec<u8>, duties: &[Duty]) -> Result<Check, Error> {
        let outcome = check::check_binary(&self.guests.files()[0].name, Binary::own(encoded), duties, self.host)?;
        if outcome.runs {
            return Ok(outcome);
        }
        Err(DoesNotRun { outcome, subject: Subject::Composed, way: self.way(&catalogue::all()) }.into())
    }
}
