//! Links guests: what one sends or requests reaches the handlers to its right, inside one component, without a broker.
//!
//! The pipeline is that of [`Composition`](crate::compose::Composition) with another plan. What becomes of messages is in
//! `docs/link.md`.

use crate::{
    adapters::config::{self, ConfigFrom},
    compose::{
        Composed,
        error::Error,
        graph,
        output::Output,
        report::{self, Route},
        validate::{self, Validation},
    },
    picture::Picture,
    provenance::{AdapterRecord, File, HandlerRecord, Provenance},
    types::component::{Arena, Component},
    wasm::{binary::Binary, strip::Strip},
};
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

mod error;
mod parts;
pub mod pattern;
mod roles;
mod wasi;
mod wiring;

pub use error::LinkError;

use roles::Role;

/// The most handlers: each stands on the stack of those that ask it, and a host's stack is bounded.
pub const MAX_HANDLERS: usize = 64;

/// The most replies that a request may gather, unless another number is set.
pub const MAX_REPLIES: u32 = 1024;

/// The most bytes of them, unless another number is set.
pub const MAX_REPLY_BYTES: u32 = 10 << 20;

/// What becomes of a topic that no handler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unrouted {
    /// `send` and `request` fail.
    #[default]
    Error,
    /// `send` succeeds, and `request` times out.
    Drop,
    /// The host's messaging has it. The host may deliver to the application, too.
    Host,
}

/// Guests that are to be linked.
#[derive(Debug)]
pub struct Link<'a> {
    app: Given<'a>,
    handlers: Vec<(Vec<String>, Given<'a>)>,
    unrouted: Unrouted,
    max_replies: u32,
    max_reply_bytes: u32,
    validation: Validation,
    debug: bool,
    strip: Strip,
}

/// A guest as it was given.
#[derive(Debug)]
struct Given<'a> {
    name: String,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Link<'a> {
    /// An application, whose exports are those of the whole. `name` is for messages.
    pub fn of(name: impl Into<String>, app: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            app: Given { name: name.into(), bytes: app.into() },
            handlers: Vec::new(),
            unrouted: Unrouted::default(),
            max_replies: MAX_REPLIES,
            max_reply_bytes: MAX_REPLY_BYTES,
            validation: Validation::default(),
            debug: false,
            strip: Strip::default(),
        }
    }

    /// Adds a handler to the right of all that are there: they reach it by these patterns, and it reaches none of them.
    #[must_use]
    pub fn handler<P: Into<String>>(
        mut self,
        patterns: impl IntoIterator<Item = P>,
        name: impl Into<String>,
        handler: impl Into<Cow<'a, [u8]>>,
    ) -> Self {
        let patterns = patterns.into_iter().map(Into::into).collect();
        self.handlers.push((patterns, Given { name: name.into(), bytes: handler.into() }));
        self
    }

    /// What becomes of a topic that no handler takes.
    #[must_use]
    pub fn unrouted(mut self, unrouted: Unrouted) -> Self {
        self.unrouted = unrouted;
        self
    }

    /// The most replies that a request may gather, and the most bytes of them.
    #[must_use]
    pub fn max_replies(mut self, replies: u32, bytes: u32) -> Self {
        (self.max_replies, self.max_reply_bytes) = (replies, bytes);
        self
    }

    /// How much of the result is checked.
    #[must_use]
    pub fn validation(mut self, validation: Validation) -> Self {
        self.validation = validation;
        self
    }

    /// Takes the debug builds of what stands between the guests, whose functions have names in backtraces.
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

    /// Links: the stages in their order.
    pub fn compose(self) -> Result<Composed<'a>, Error> {
        let options = self.options();
        let Self { app, handlers, unrouted, validation, debug, strip, .. } = self;
        if handlers.is_empty() {
            return Err(LinkError::NoHandler { app: app.name }.into());
        }
        if handlers.len() > MAX_HANDLERS {
            return Err(LinkError::TooManyHandlers { count: handlers.len() }.into());
        }

        let (mut arena, mut roles, mut files) = (Arena::new(), Vec::new(), Vec::new());
        for (texts, given) in [(Vec::new(), app)].into_iter().chain(handlers) {
            let patterns = if roles.is_empty() { Vec::new() } else { roles::patterns(&texts, &given.name)? };
            files.push(File::of(&given.name, &given.bytes));
            let component = guest(given, strip, &roles, &mut arena)?;
            arena.read(&component)?;
            roles.push(Role::new(component, patterns, &arena)?);
        }
        roles::check(&roles, &arena, unrouted == Unrouted::Host)?;
        let parts = wiring::Parts::of(&roles, unrouted, debug, &mut arena)?;
        let plan = wiring::plan(&roles, &parts, &arena)?;

        let configs = BTreeMap::from([(0, config::bake(&baked(&roles, &options)))]);
        let (encoded, wholes) = graph::build(&plan, arena, configs)?;
        let encoded = strip.composition(encoded)?;
        let provenance = provenance(files, &roles, parts.record(&options));
        let output = Output::splice(&encoded, wholes, &provenance)?;
        validate::validate(&encoded, &output, validation)?;
        let mut report = report::report(&plan, &[], &[], ConfigFrom::Baked, &encoded, &output)?;
        report.guest.clone_from(&roles[0].component.name);
        report.routes = routes(&roles);
        report.notes.extend(notes(&roles, unrouted));
        let picture = Picture::of_plan(&format!("{} (linked)", report.guest), &plan);
        Ok(Composed { component: output, report, plan: plan.to_string(), picture })
    }

    /// The options of the bus that follow from what was set.
    fn options(&self) -> [(&'static str, String); 3] {
        let unrouted = match self.unrouted {
            Unrouted::Error => "error",
            Unrouted::Drop => "drop",
            Unrouted::Host => "host",
        };
        [
            ("unrouted", unrouted.to_owned()),
            ("max-replies", self.max_replies.to_string()),
            ("max-reply-bytes", self.max_reply_bytes.to_string()),
        ]
    }
}

/// What the composition says of itself: the first file is the application's, the others the handlers'.
fn provenance(files: Vec<File>, roles: &[Role], between: AdapterRecord) -> Provenance {
    let mut files = files.into_iter().zip(roles);
    let app = files.next().map(|(file, _)| file).expect("there is an application");
    let patterns = |role: &Role| role.patterns.iter().map(ToString::to_string).collect();
    let handlers = files.map(|(file, role)| HandlerRecord { file, patterns: patterns(role) });
    Provenance::of_link(app, handlers.collect(), between)
}

/// Which pattern is whose, in the order of the handlers.
fn routes(roles: &[Role]) -> Vec<Route> {
    let route = |role: &Role| Route {
        handler: role.component.name.clone(),
        patterns: role.patterns.iter().map(ToString::to_string).collect(),
    };
    roles[1..].iter().map(route).collect()
}

/// What the user may want to know.
fn notes(roles: &[Role], unrouted: Unrouted) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(last) = roles.last().filter(|last| last.asks() && unrouted == Unrouted::Error) {
        let name = &last.component.name;
        notes.push(format!("no handler stands to the right of `{name}`: what that sends or requests fails"));
    }
    for role in &roles[1..] {
        let others =
            role.component.exports.iter().filter(|export| export.name != wasi::messaging(wasi::INCOMING_HANDLER));
        for export in others.filter(|export| export.name.interface().is_some()) {
            notes.push(format!(
                "`{}` of handler `{}` is not exported: that is only asked",
                export.name, role.component.name
            ));
        }
    }
    notes
}

/// What the bus must know, as its options. Handlers are numbered from the last one, which is 0.
fn baked(roles: &[Role], options: &[(&'static str, String)]) -> BTreeMap<String, String> {
    let numbered = || roles[1..].iter().rev().enumerate();
    let patterns = numbered().flat_map(|(number, role)| role.patterns.iter().map(move |pattern| (pattern, number)));
    let mut patterns: Vec<_> = patterns.collect();
    patterns.sort_by(|(one, _), (other, _)| one.specificity(other));
    let routes: Vec<_> = patterns.iter().map(|(pattern, number)| format!("{number} {pattern}")).collect();
    let names: Vec<_> = numbered().map(|(_, role)| role.component.name.replace('\n', " ")).collect();
    let known = [("routes", routes.join("\n")), ("handlers", names.join("\n"))];
    known.into_iter().chain(options.iter().cloned()).map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Takes a guest, once however often it is given; gives what it imports and exports, under its name.
fn guest<'a>(
    Given { name, bytes }: Given<'a>,
    strip: Strip,
    roles: &[Role],
    arena: &mut Arena<'a>,
) -> Result<Component, Error> {
    let binary = Binary::read(&name, bytes)?.strip(&name, strip)?;
    let known = roles.iter().find(|role| arena.bytes(&role.component) == &*binary.bytes);
    let Some(known) = known else { return Ok(arena.add(&name, binary)?) };
    Ok(Component { name, ..known.component.clone() })
}
