//! Tries a stack of adapters: plans it, and checks the plan against a host. Nothing is encoded.

use super::{
    dialect,
    error::Error,
    guests::{Guests, Typed},
    layers::{Build, Layers},
    planned::Planned,
    record::{Composition, Loaded},
};
use crate::{
    adapters::{
        adapter::Adapter,
        providers::{provides, takes},
        settings::{self, Assignment, Secrets},
    },
    hosts::{
        check::{self, Check},
        profile::Profile,
    },
    plan::plan,
    types::{dialect::Dialect, interface::ExternName},
    wasm::strip::Strip,
};

/// The inputs of a choice.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a, 'g> {
    /// The composition without its guests. Stacks grow from its adapters. An option that a stack does not declare is
    /// ignored for that stack. The host must also offer what the config layer imports.
    pub composition: &'a Composition<Loaded<'g>>,
    /// The guests. Skeletons are enough.
    pub guests: &'a Guests<'a>,
    pub host: &'a Profile,
}

/// A stack to try.
#[derive(Clone, Copy)]
pub(super) struct Trial<'t, 'a, 'g> {
    pub wanted: Wanted<'a, 'g>,
    /// The adapters, innermost first.
    pub stack: &'t [Adapter],
    /// Options beside those of the user.
    pub options: &'t [Assignment],
    /// The dialect to lift to, if one is asked for.
    pub dialect: Option<Dialect>,
}

impl Trial<'_, '_, '_> {
    /// Checks whether the stack runs on the host. Returns none if it does not go around the guest.
    pub fn check(self) -> Result<Option<Check>, Error> {
        let Wanted { composition, guests, host } = self.wanted;
        let own = composition.options.iter().filter(|option| declares(self.stack, option)).chain(self.options);
        let own: Vec<_> = own.cloned().collect();
        let Ok(mut settings) = settings::resolve(self.stack, &own, &Secrets::default()) else { return Ok(None) };
        let typed = Typed::new(guests.clone())?;
        let dialect = match dialect::decide(composition, self.stack, &mut settings, self.dialect, &typed) {
            Err(Error::Settings(_)) => return Ok(None),
            decided => decided?,
        };
        let Ok((typed, _)) = typed.lift(dialect) else { return Ok(None) };
        let (mut arena, inner) = typed.link(composition.linking(dialect))?;
        let build = Build { debug: false, strip: Strip::Nothing, ..composition.build(dialect) };
        let layers = Layers::read(self.stack, &settings, build, &mut arena)?;
        let core = inner.core(&arena)?;
        let Ok(plan) = plan(&core, &layers.layers, &arena) else { return Ok(None) };
        let outside = plan.outside(&guests.files()[0].name);
        let planned = Planned { plan: &plan, linked: inner.linked(), adapters: self.stack, settings: &settings, build };
        Ok(Some(check::check_types(&outside, &arena, &planned.duties(&outside, &arena)?, host)?))
    }
}

/// Returns whether an adapter may help: it provides an import that the host lacks, or takes an export that the host
/// does not call.
pub(super) fn helps(adapter: &Adapter, check: &Check) -> bool {
    let mut missing = check.imports.iter().filter(|import| !import.offered);
    missing.any(|import| provides(adapter, &ExternName::parse(&import.name)))
        || check.not_called.iter().any(|export| takes(adapter, export))
}

/// Returns whether this stack declares an option and accepts its value. Secrets are ignored, because none chooses
/// between builds.
pub(super) fn declares(stack: &[Adapter], option: &Assignment) -> bool {
    settings::resolve(stack, std::slice::from_ref(option), &Secrets::default()).is_ok()
}
