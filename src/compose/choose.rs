//! Chooses the adapters that a guest needs to run on a host: the shortest stack of the catalogue's that leaves nothing
//! open which the host does not offer, and exports something that the host calls.

use super::{
    error::Error,
    guests::{Guests, Typed},
    layers::{Build, Layers},
};
use crate::{
    adapters::{
        adapter::Adapter,
        config::ConfigFrom,
        settings::{self, Assignment, Secrets},
    },
    common::quote::quoted,
    hosts::profile::Profile,
    link::Linking,
    plan::plan,
    types::dialect::Form,
    wasm::strip::Strip,
};

/// Why no stack is chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// None will do.
    #[error("no stack of {} makes `{guest}` run on `{host}`", stack_of(.adapters))]
    None {
        /// The guest.
        guest: String,
        /// The host.
        host: String,
        /// What there was to choose from.
        adapters: Vec<String>,
    },
    /// Several of the same length will do.
    #[error("`{guest}` would run on `{host}` with {}", .stacks.iter().map(|stack| stack_of(stack)).collect::<Vec<_>>().join(", or with "))]
    Ambiguous {
        /// The guest.
        guest: String,
        /// The host.
        host: String,
        /// The stacks, by the adapters' names, the innermost first.
        stacks: Vec<Vec<String>>,
    },
}

impl ChoiceError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ChoiceError::None { guest, host, .. } => {
                Some(format!("`msgcompose check {guest} --host {host}` says what the host does not offer"))
            }
            ChoiceError::Ambiguous { stacks, .. } => {
                let first = stacks.first()?.iter().map(|adapter| format!("--adapter {adapter}")).collect::<Vec<_>>();
                Some(format!("say which, for instance `{}`", first.join(" ")))
            }
        }
    }
}

fn stack_of(names: &[String]) -> String {
    match names {
        [] => "no adapter".to_owned(),
        names => quoted(names, " + "),
    }
}

/// What is chosen for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The guests, of which skeletons will do.
    pub guests: &'a Guests<'a>,
    /// Options count as far as they choose among builds. Those of adapters that are not in a stack are passed over.
    pub options: &'a [Assignment],
    /// What a config layer imports must be offered, too.
    pub config_from: ConfigFrom,
    /// The dialect that was asked for.
    pub dialect: Option<Form>,
    /// The guest's own dialect.
    pub own_dialect: Form,
    pub linking: Linking,
    pub host: &'a Profile,
}

impl Wanted<'_> {
    /// Chooses among `adapters`.
    pub fn choose(self, adapters: &[Adapter]) -> Result<Vec<Adapter>, Error> {
        let (guest, host) = (&self.guests.guest.file.name, &self.host.name);
        let names = |stack: &[Adapter]| stack.iter().map(|adapter| adapter.name.clone()).collect();
        for length in 0..=adapters.len() {
            let mut found = Vec::new();
            for stack in stacks(adapters, length) {
                if self.runs(&stack)? {
                    found.push(stack);
                }
            }
            // Of several, those count that declare all options which are set.
            let declares_all = |stack: &Vec<Adapter>| self.options.iter().all(|option| declares(stack, option));
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

    /// Whether the guest runs on the host with this stack. With one that does not fit around it, it does not.
    fn runs(&self, stack: &[Adapter]) -> Result<bool, Error> {
        let own: Vec<_> = self.options.iter().filter(|option| declares(stack, option)).cloned().collect();
        let mut settings = settings::resolve(stack, &own, &Secrets::default())?;
        let Ok(dialect) = settings::dialect(stack, &mut settings, self.dialect, self.own_dialect) else {
            return Ok(false);
        };
        let Ok((typed, _)) = Typed::new(self.guests.clone())?.lift(dialect) else { return Ok(false) };
        let (mut arena, inner) = typed.link(self.linking)?;
        let build = Build { config_from: self.config_from, debug: false, strip: Strip::Nothing, dialect };
        let layers = Layers::read(stack, &settings, build, &mut arena)?;
        let core = inner.core(&arena)?;
        let Ok(plan) = plan(&core, &layers.layers, &arena) else { return Ok(false) };
        let is_offered = |import: &&_| self.host.offers(import);
        Ok(plan.host_imports().iter().all(is_offered) && plan.exports.keys().any(|export| self.host.calls(export)))
    }
}

/// All stacks of so many different adapters, in every order.
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

/// Whether this stack declares an option, and takes its value. No secret chooses among builds.
fn declares(stack: &[Adapter], option: &Assignment) -> bool {
    settings::resolve(stack, std::slice::from_ref(option), &Secrets::default()).is_ok()
}
