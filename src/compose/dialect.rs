//! Decides the dialect of a composition. A part that has a build for each dialect asks for lifting only if it is used.

use super::{
    error::Error,
    guests::Typed,
    layers::{Build, Layers},
    record::{Composition, Loaded},
};
use crate::{
    adapters::{
        adapter::Adapter,
        part::DIALECT,
        settings::{self, Settings},
    },
    plan::{self, Plan},
    types::dialect::Dialect,
    wasm::strip::Strip,
};

/// Returns the dialect of the composition with these adapters, and adds to the settings the one in which parts are built.
///
/// `asked` is the dialect that somebody asks for. `guests` are the guests of the composition. Skeletons are enough.
pub(super) fn decide(
    composition: &Composition<Loaded<'_>>,
    adapters: &[Adapter],
    settings: &mut [Settings],
    asked: Option<Dialect>,
    guests: &Typed<'_>,
) -> Result<Dialect, Error> {
    let own = guests.dialect()?;
    let dialect = settings::dialect(adapters, settings, asked, own)?;
    if asked.is_some() || dialect == own {
        return Ok(dialect);
    }
    // The adapters have no builds for the guest's own dialect. Without lifting, a plan is possible if it uses none of the
    // parts that have other builds.
    let lifted = settings.to_vec();
    settings::follow(adapters, settings, own);
    let (mut arena, inner) = guests.skeleton()?.link(composition.linking(own))?;
    let build = Build { debug: false, strip: Strip::Nothing, ..composition.build(own) };
    let layers = Layers::read(adapters, settings, build, &mut arena)?;
    let core = inner.core(&arena)?;
    let plan = plan::plan(&core, &layers.layers, &arena);
    if plan.is_ok_and(|plan| uses_no_build(&plan, settings)) {
        return Ok(own);
    }
    settings.clone_from_slice(&lifted);
    Ok(dialect)
}

/// Returns whether all parts that a plan uses have one build for all dialects.
fn uses_no_build(plan: &Plan<'_>, settings: &[Settings]) -> bool {
    settings.iter().enumerate().all(|(layer, settings)| {
        plan.parts(layer).all(|part| {
            let file = part.spec.file.with(|option| settings.get(option));
            file.is_none_or(|file| file.options().all(|option| option != DIALECT))
        })
    })
}
