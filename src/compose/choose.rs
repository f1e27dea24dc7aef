//! Chooses the adapters that a guest needs to run on a host, and says what would make a composition run there.
//!
//! Stacks grow from the inside out. An adapter is added only if it serves an import that the host lacks, or takes an
//! export that the host does not call. A stack that runs does not grow.

use super::{
    error::{ChoiceError, Error, StackCandidate},
    trial::{Trial, Wanted, declares, helps},
};
use crate::{
    adapters::{adapter::Adapter, option::DefaultValue, settings::Assignment},
    hosts::{
        check::Check,
        does_not_run::{DoesNotRun, Subject, Way},
    },
    types::dialect::Dialect,
};

/// The most adapters that are added.
const DEEPEST: usize = 3;

/// What was chosen.
#[derive(Default)]
pub(super) struct Choice {
    /// The adapters, innermost first.
    pub adapters: Vec<Adapter>,
    /// Options that choose builds which the host can run, if the default builds do not run.
    pub options: Vec<Assignment>,
}

/// What a search found.
#[derive(Default)]
struct Found {
    /// The stacks that run, in the order of the search: shorter ones first.
    running: Vec<Choice>,
    /// The check of the composition as it is.
    alone: Option<Check>,
    /// Checks of stacks that do not run, although they declare all options that were set.
    stopped: Vec<Check>,
}

impl Wanted<'_, '_> {
    /// Chooses among the adapters of `catalogue`.
    pub fn choose(self, catalogue: &[Adapter]) -> Result<Choice, Error> {
        let Found { mut running, alone, stopped } = self.search(self.composition.dialect, catalogue)?;
        let (guest, host) = (self.guests.files()[0].name.clone(), self.host.name.clone());
        let refusal = |outcome, subject| Err(DoesNotRun { outcome, subject, way: self.way(catalogue) }.into());
        if !running.iter().any(|choice| self.declares_all(&choice.adapters))
            && let Some(outcome) = stopped.into_iter().max_by_key(|check| check.unmet.len())
        {
            return refusal(outcome, Subject::Composed);
        }
        // The host has what the guest needs, in another dialect.
        if let Some(alone) = alone.as_ref().filter(|alone| alone.lift.is_some() && self.composition.options.is_empty())
        {
            return refusal(alone.clone(), Subject::Guest);
        }
        let rank = |choice: &Choice| self.rank(&choice.adapters);
        let Some(best) = running.iter().map(rank).min() else {
            // Without a check, composing says why the guest cannot be what was asked for.
            return alone.map_or(Ok(Choice::default()), |outcome| refusal(outcome, Subject::Guest));
        };
        running.retain(|choice| rank(choice) == best);
        if running.len() > 1 {
            return Err(ChoiceError { guest, host, stacks: candidates(&running) }.into());
        }
        Ok(running.remove(0))
    }

    /// Returns what to add to the composition to make it run on the host, if anything does. Tries other dialects too.
    pub fn way(self, catalogue: &[Adapter]) -> Option<Way> {
        let asked = self.composition.dialect;
        let others = self.host.dialects.iter().map(|dialect| Some(*dialect)).filter(|_| asked.is_none());
        let ways = [asked].into_iter().chain(others).filter_map(|dialect| {
            let found = self.search(dialect, catalogue).ok()?;
            let running = found.running.into_iter().filter(|choice| self.declares_all(&choice.adapters));
            let Choice { adapters, options } = running.min_by_key(|choice| self.rank(&choice.adapters))?;
            let way = Way {
                adapters: adapters[self.composition.adapters.len()..].iter().map(|it| it.name.clone()).collect(),
                options: options.into_iter().map(|option| (option.key, option.value)).collect(),
                dialect: dialect.filter(|_| asked.is_none()),
            };
            Some(way).filter(|way| *way != Way::default())
        });
        // Lifting alone is better than an adapter in place of what the host has.
        ways.min_by_key(|way| way.adapters.len())
    }

    /// Tries stacks that grow from the composition's own.
    fn search(self, dialect: Option<Dialect>, catalogue: &[Adapter]) -> Result<Found, Error> {
        let mut found = Found::default();
        let mut stacks = vec![self.composition.adapters.clone()];
        for depth in 0..=DEEPEST {
            let mut longer = Vec::new();
            for stack in stacks {
                let builds = self.builds(&stack);
                let mut open = None;
                for options in builds {
                    let trial = Trial { wanted: self, stack: &stack, options: &options, dialect };
                    let Some(check) = trial.check()? else { continue };
                    if check.runs {
                        found.running.push(Choice { adapters: stack.clone(), options });
                        open = None;
                        break;
                    }
                    // If no build runs, the stack grows around the default build.
                    open = open.or(Some(check));
                }
                let Some(check) = open else { continue };
                let may_grow =
                    |adapter: &&Adapter| stack.iter().all(|taken| taken.name != adapter.name) && helps(adapter, &check);
                if depth < DEEPEST {
                    longer.extend(
                        catalogue
                            .iter()
                            .filter(may_grow)
                            .map(|adapter| [&stack[..], std::slice::from_ref(adapter)].concat()),
                    );
                }
                if stack.is_empty() {
                    found.alone = Some(check);
                } else if !self.composition.options.is_empty() && self.declares_all(&stack) {
                    found.stopped.push(check);
                }
            }
            stacks = longer;
        }
        Ok(found)
    }

    /// Returns the options that choose each combination of builds, the default one first. Options that the user set
    /// stay as they are.
    fn builds(self, stack: &[Adapter]) -> Vec<Vec<Assignment>> {
        let mut builds = vec![Vec::new()];
        for adapter in stack {
            let chooses = |name: &str| adapter.parts.iter().any(|part| part.file.options().any(|by| by == name));
            let is_set = |name: &str| self.composition.options.iter().any(|option| option.key.ends_with(name));
            for option in adapter.options.iter().filter(|option| chooses(&option.name) && !is_set(&option.name)) {
                let others = option.kind.values().unwrap_or_default().iter();
                let others = others.filter(|value| option.default != Some(DefaultValue::Fixed((*value).clone())));
                let assign = |value: &String| {
                    let key = option.name.clone();
                    Assignment { adapter: Some(adapter.name.clone()), key, value: value.clone(), file: None }
                };
                let with = |value| builds.iter().map(move |build| [&build[..], &[assign(value)]].concat());
                let more: Vec<_> = others.flat_map(with).collect();
                builds.extend(more);
            }
        }
        builds
    }

    /// Says how good a stack is; less is better. A stack that has the options which were set comes first, then the
    /// shorter one, then the one that the host's profile prefers.
    fn rank(self, stack: &[Adapter]) -> (bool, usize, Vec<usize>) {
        let prefer = &self.host.prefer;
        let place = |adapter: &Adapter| prefer.iter().position(|name| *name == adapter.name).unwrap_or(prefer.len());
        (!self.declares_all(stack), stack.len(), stack.iter().map(place).collect())
    }

    fn declares_all(self, stack: &[Adapter]) -> bool {
        self.composition.options.iter().all(|option| declares(stack, option))
    }
}

/// Describes stacks, each with an option that no other one has. An option that must be set comes first.
fn candidates(choices: &[Choice]) -> Vec<StackCandidate> {
    let declares = |choice: &Choice, name: &str| choice.adapters.iter().any(|adapter| adapter.option(name).is_some());
    let candidate = |choice: &Choice| {
        let others = choices.iter().filter(|other| !std::ptr::eq(*other, choice));
        let own = choice.adapters.iter().flat_map(|adapter| &adapter.options);
        let mut own: Vec<_> = own.filter(|own| !others.clone().any(|other| declares(other, &own.name))).collect();
        own.sort_by_key(|option| !option.is_required());
        StackCandidate {
            adapters: choice.adapters.iter().map(|adapter| adapter.name.clone()).collect(),
            option: own.first().map(|option| option.name.clone()),
        }
    };
    choices.iter().map(candidate).collect()
}

#[cfg(test)]
mod tests;
