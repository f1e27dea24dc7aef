//! Which adapters a guest needs to run on a host: the shortest stack of the given ones that leaves nothing open which the
//! host does not offer, and exports something that it calls.

use crate::{
    adapters::{
        adapter::Adapter,
        config::ConfigFrom,
        settings::{self, Assignment, Secrets},
    },
    common::quote::quoted,
    compose::{Build, error::Error, layers},
    hosts::profile::Profile,
    plan::plan,
    types::{component::Arena, dialect::Form},
    uplift,
    wasm::{binary::Binary, strip::Strip},
};

/// Why no stack is chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// The guest cannot be read.
    #[error(transparent)]
    Guest(#[from] Error),
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
            ChoiceError::Guest(error) => error.hint(),
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

/// Chooses among `adapters`. Options count as far as they choose among builds; those of adapters that are not in a stack
/// are passed over. `name` is for messages.
///
/// ```
/// use msgcompose::{ConfigFrom, catalogue, choose::choose, profile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let known = catalogue::names().map(catalogue::get).collect::<Result<Vec<_>, _>>()?;
/// let host = profile::get("wasmtime-serve")?;
/// let stack = choose("quote-desk.wasm", guest, &known, &[], ConfigFrom::Baked, None, &host)?;
/// assert_eq!(stack.len(), 1);
/// assert_eq!(stack[0].name, "messaging-over-http");
/// # Ok(())
/// # }
/// ```
pub fn choose(
    name: &str,
    guest: &[u8],
    adapters: &[Adapter],
    assignments: &[Assignment],
    config_from: ConfigFrom,
    dialect: Option<Form>,
    profile: &Profile,
) -> Result<Vec<Adapter>, ChoiceError> {
    // What is wrong with the guest is wrong with it in every stack.
    let skeleton = Binary::read(name, guest).map_err(Error::from)?.skeleton;
    let guest = Binary { bytes: skeleton.as_slice().into(), skeleton: skeleton.clone() };
    let (arena, component) = Arena::of(name, guest.clone()).map_err(Error::from)?;
    let own_dialect = Form::of(&component, &arena).map_err(Error::from)?.unwrap_or_default();
    let options = Options { assignments, config_from, dialect, own_dialect };
    for length in 0..=adapters.len() {
        let mut found = Vec::new();
        for stack in stacks(adapters, length) {
            if runs(name, guest.clone(), &stack, options, profile)? {
                found.push(stack);
            }
        }
        // Of several, an option that was set means one that has it.
        let has_all = |stack: &Vec<Adapter>| assignments.iter().all(|one| knows(stack, one));
        if found.iter().any(has_all) {
            found.retain(has_all);
        }
        let names = |stack: &Vec<Adapter>| stack.iter().map(|adapter| adapter.name.clone()).collect();
        match (found.pop(), found.len()) {
            (None, _) => {}
            (Some(stack), 0) => return Ok(stack),
            (Some(stack), _) => {
                found.push(stack);
                let stacks = found.iter().map(names).collect();
                return Err(ChoiceError::Ambiguous { guest: name.to_owned(), host: profile.name.clone(), stacks });
            }
        }
    }
    let adapters = adapters.iter().map(|adapter| adapter.name.clone()).collect();
    Err(ChoiceError::None { guest: name.to_owned(), host: profile.name.clone(), adapters })
}

/// What a stack is composed with.
#[derive(Clone, Copy)]
struct Options<'a> {
    assignments: &'a [Assignment],
    config_from: ConfigFrom,
    /// That was asked for.
    dialect: Option<Form>,
    /// Of the guest.
    own_dialect: Form,
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

/// Whether an option can be set so with this stack. No secret chooses among builds.
fn knows(stack: &[Adapter], assignment: &Assignment) -> bool {
    settings::resolve(stack, std::slice::from_ref(assignment), &Secrets::default()).is_ok()
}

/// Whether the guest, of which the skeleton will do, runs on the host with this stack. One that does not fit around it
/// does not.
fn runs(
    name: &str,
    mut guest: Binary<'_>,
    stack: &[Adapter],
    Options { assignments, config_from, dialect, own_dialect }: Options<'_>,
    profile: &Profile,
) -> Result<bool, Error> {
    let own: Vec<_> = assignments.iter().filter(|one| knows(stack, one)).cloned().collect();
    let mut settings = settings::resolve(stack, &own, &Secrets::default())?;
    let Ok(dialect) = settings::dialect(stack, &mut settings, dialect, own_dialect) else { return Ok(false) };
    if uplift::lift_any(name, &mut guest, dialect).is_err() {
        return Ok(false);
    }
    let (mut arena, component) = Arena::of(name, guest)?;
    let build = Build { config_from, debug: false, strip: Strip::Nothing, dialect };
    let (layers, _) = layers(stack, &settings, build, &mut arena)?;
    let Ok(plan) = plan(&component, &layers, &arena) else { return Ok(false) };
    let offered = |import: &&_| profile.offers(import);
    Ok(plan.host_imports().iter().all(offered) && plan.exports.keys().any(|export| profile.calls(export)))
}
