//! Chooses the adapters that a guest needs to run on a host. Takes the shortest stack of catalogue adapters that leaves
//! no import open which the host lacks, and exports something that the host calls.

use super::{
    dialect,
    error::{ChoiceError, Error},
    guests::{Guests, Typed},
    layers::{Build, Layers},
    record::{Composition, Loaded},
};
use crate::{
    adapters::{
        adapter::Adapter,
        settings::{self, Assignment, Secrets},
    },
    hosts::profile::Profile,
    plan::plan,
    wasm::strip::Strip,
};

/// The inputs of a choice.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a, 'g> {
    /// The composition without its guests. Its options matter only where they choose between builds. An option that a
    /// stack does not declare is ignored for that stack. The host must also offer what the config layer imports.
    pub composition: &'a Composition<Loaded<'g>>,
    /// The guests. Skeletons are enough.
    pub guests: &'a Guests<'a>,
    pub host: &'a Profile,
}

impl Wanted<'_, '_> {
    /// Chooses among `adapters`.
    pub fn choose(self, adapters: &[Adapter]) -> Result<Vec<Adapter>, Error> {
        let (guest, host) = (&self.guests.files()[0].name, &self.host.name);
        let names = |stack: &[Adapter]| stack.iter().map(|adapter| adapter.name.clone()).collect();
        for length in 0..=adapters.len() {
            let mut found = Vec::new();
            for stack in stacks(adapters, length) {
                if self.runs(&stack)? {
                    found.push(stack);
                }
            }
            // Among equally short stacks, prefer those that declare all options that were set.
            let declares_all =
                |stack: &Vec<Adapter>| self.composition.options.iter().all(|option| declares(stack, option));
            if found.iter().any(declares_all) {
                found.retain(declares_all);
            }
            if found.len() > 1 {
                let stacks = found.iter().map(|stack| names(stack)).collect();
                return Err(ChoiceError::Ambiguous { guest: guest.clone(), host: host.clone(), stacks }.into());
            }
            if let Some(stack) = found.pop() {
                return Ok(stack);
            }
        }
        Err(ChoiceError::None { guest: guest.clone(), host: host.clone(), adapters: names(adapters) }.into())
    }

    /// Returns whether the guest runs on the host with this stack. A stack that does not fit around the guest does not
    /// run.
    fn runs(&self, stack: &[Adapter]) -> Result<bool, Error> {
        let own: Vec<_> = self.composition.options.iter().filter(|option| declares(stack, option)).cloned().collect();
        let mut settings = settings::resolve(stack, &own, &Secrets::default())?;
        let typed = Typed::new(self.guests.clone())?;
        let dialect = match dialect::decide(self.composition, stack, &mut settings, &typed) {
            Err(Error::Settings(_)) => return Ok(false),
            decided => decided?,
        };
        let Ok((typed, _)) = typed.lift(dialect) else { return Ok(false) };
        let (mut arena, inner) = typed.link(self.composition.linking())?;
        let build = Build { debug: false, strip: Strip::Nothing, ..self.composition.build(dialect) };
        let layers = Layers::read(stack, &settings, build, &mut arena)?;
        let core = inner.core(&arena)?;
        let Ok(plan) = plan(&core, &layers.layers, &arena) else { return Ok(false) };
        let is_offered = |import: &&_| self.host.offers(import);
        Ok(plan.host_imports().iter().all(is_offered) && plan.exports.keys().any(|export| self.host.calls(export)))
    }
}

/// Returns all stacks of `length` different adapters, in every order.
fn stacks(adapters: &[Adapter], length: usize) -> Vec<Vec<Adapter>> {
    let mut stacks = vec![Vec::new()];
    for _ in 0..length {
        stacks = stacks
            .iter()
            .flat_map(|stack: &Vec<Adapter>| {
                let others = adapters.iter().filter(|adapter| stack.iter().all(|taken| taken.name != adapter.name));
                others.map(|adapter| [&stack[..], std::slice::from_ref(adapter)].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    stacks
}

/// Returns whether this stack declares an option and accepts its value. Secrets are ignored, because none chooses
/// between builds.
fn declares(stack: &[Adapter], option: &Assignment) -> bool {
    settings::resolve(stack, std::slice::from_ref(option), &Secrets::default()).is_ok()
}
