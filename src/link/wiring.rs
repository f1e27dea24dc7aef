//! The guests and what stands between them, as a plan: from the bus, which has the messages, over the handlers from the
//! last to the first, to the application.

use super::{
    LinkError, Unrouted,
    parts::{BUS, DISPATCHER, DOOR, END, INBOUND, OUTSIDE, Part},
    roles::Role,
    wasi::{INCOMING_HANDLER, REQUEST_REPLY, TYPES, messaging},
};
use crate::{
    adapters::{adapter::Role as Side, config},
    plan::{Instance, LayerPart, Node, Open, Pace, Plan, Source},
    provenance::AdapterRecord,
    types::{
        component::{Arena, Component, Extern},
        dialect::Dialect,
        interface::ExternName,
    },
    wasm::{binary::Binary, hash::sha256},
};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// What the parts are called in messages, and the provenance.
pub(super) const LINK: &str = "link";

/// The parts that are needed, each as often as it stands in the composition.
#[derive(Debug)]
pub(super) struct Parts {
    bus: LayerPart,
    outside: Option<LayerPart>,
    end: Option<LayerPart>,
    /// One before each handler, in their order.
    dispatchers: Vec<LayerPart>,
    /// What the host delivers by.
    inbound: Option<[LayerPart; 2]>,
    /// The SHA-256 of each, by its name.
    hashes: BTreeMap<String, String>,
}

impl Parts {
    /// Takes into the arena what `roles` need, each component once: with `debug` the debug builds.
    pub fn of(roles: &[Role], unrouted: Unrouted, debug: bool, arena: &mut Arena<'_>) -> Result<Self, LinkError> {
        let is_host = unrouted == Unrouted::Host;
        let mut hashes = BTreeMap::new();
        let mut add = |part: Part| -> Result<LayerPart, LinkError> {
            let bytes = part.build(debug);
            hashes.insert(part.name.to_owned(), sha256(bytes));
            let component = arena.add(&format!("{LINK}/{}", part.name), Binary::own(bytes))?;
            Ok(LayerPart {
                name: part.name.to_owned(),
                role: Some(Side::Provider),
                with: None,
                wraps: Vec::new(),
                functions: Vec::new(),
                configured: part.name == BUS.name,
                component,
                pace: Pace::Sync,
            })
        };
        let bus = add(BUS)?;
        let outside = is_host.then(|| add(OUTSIDE)).transpose()?;
        let asks_last = roles.last().is_some_and(Role::asks);
        let end = asks_last.then(|| add(END[usize::from(is_host)])).transpose()?;
        let dispatcher = add(DISPATCHER[usize::from(is_host)])?;
        let handled = roles[0].component.exports.iter().any(|export| export.name == messaging(INCOMING_HANDLER));
        let inbound = if is_host && handled { Some([add(DOOR)?, add(INBOUND)?]) } else { None };
        let dispatchers = roles[1..].iter().map(|role| {
            let name = format!("{} for {}", dispatcher.name, role.component.name);
            let mut component = dispatcher.component.clone();
            component.name = format!("{LINK}/{name}");
            LayerPart {
                name,
                role: dispatcher.role,
                with: None,
                wraps: Vec::new(),
                functions: Vec::new(),
                configured: false,
                component,
                pace: Pace::Sync,
            }
        });
        Ok(Self { bus, outside, end, dispatchers: dispatchers.collect(), inbound, hashes })
    }

    /// What a composition says of them. `options` are those of the bus.
    pub fn record(&self, options: &[(&'static str, String)]) -> AdapterRecord {
        AdapterRecord {
            name: LINK.to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            parts: self.hashes.clone(),
            options: options.iter().map(|(key, value)| ((*key).to_owned(), Some(value.clone()))).collect(),
        }
    }
}

/// Plans the composition.
pub(super) fn plan<'a>(roles: &'a [Role], parts: &'a Parts, arena: &Arena<'_>) -> Result<Plan<'a>, LinkError> {
    let mut wiring = Wiring { arena, instances: Vec::new(), components: Vec::new() };
    let config = Node::Config { layer: 0, adapter: LINK };
    wiring.instances.push(Instance { node: config, outside: false, arguments: IndexMap::new() });
    wiring.components.push(None);
    let bus = wiring.part(&parts.bus, &[], false)?;
    let outside = match &parts.outside {
        Some(part) => Some(wiring.part(part, &[(bus, Take::NotMessaging)], true)?),
        None => None,
    };
    let under = |wired: &[usize]| {
        let all = wired.iter().copied().chain(outside).chain([bus]);
        all.map(|instance| (instance, Take::All)).collect::<Vec<_>>()
    };
    // What serves whoever stands next to the left.
    let mut next = match &parts.end {
        Some(end) => Some(wiring.part(end, &under(&[]), false)?),
        None => None,
    };
    // The end is no part of the chain.
    let mut chain = None;
    for (role, dispatcher) in roles[1..].iter().zip(&parts.dispatchers).rev() {
        let handler = wiring.guest(role, bus, next)?;
        let below: Vec<usize> = [Some(handler), chain].into_iter().flatten().collect();
        let dispatcher = wiring.part(dispatcher, &under(&below), false)?;
        (next, chain) = (Some(dispatcher), Some(dispatcher));
    }
    let app = wiring.guest(&roles[0], bus, next)?;
    let handler = messaging(INCOMING_HANDLER);
    let own = roles[0].component.exports.iter().filter(|export| export.name != handler);
    let mut exports: IndexMap<_, _> = own.map(|export| (export.name.clone(), app)).collect();
    if let Some([door, inbound]) = &parts.inbound {
        let door = wiring.part(door, &under(&[app]), false)?;
        let inbound = wiring.part(inbound, &[(door, Take::All), (bus, Take::NotMessaging)], true)?;
        wiring.instances[inbound].outside = true;
        exports.insert(handler, inbound);
    }
    let open = wiring.open();
    Ok(Plan { instances: wiring.instances, exports, open })
}

/// What is taken from an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    All,
    /// For what has its messages from the host.
    NotMessaging,
}

struct Wiring<'a, 'b> {
    arena: &'b Arena<'b>,
    instances: Vec<Instance<'a>>,
    /// By instance; none for the configuration.
    components: Vec<Option<&'a Component>>,
}

impl<'a> Wiring<'a, '_> {
    /// A part, with what it takes from others, the nearest first.
    fn part(&mut self, part: &'a LayerPart, from: &[(usize, Take)], is_outside: bool) -> Result<usize, LinkError> {
        let mut arguments = IndexMap::new();
        for import in &part.component.imports {
            let is_config = import.name.interface().is_some_and(|id| id == config::interface());
            let source = if is_config {
                Source::Instance { instance: 0, export: None }
            } else {
                self.source(&part.component, import, from, is_outside)?
            };
            arguments.insert(import.name.clone(), source);
        }
        Ok(self.push(Node::Part { layer: 0, part }, &part.component, arguments))
    }

    /// A guest, with the messages of the bus, and what it asks by from the next to its right.
    fn guest(&mut self, role: &'a Role, bus: usize, next: Option<usize>) -> Result<usize, LinkError> {
        let mut arguments = IndexMap::new();
        for import in &role.component.imports {
            // Who only replies has that from the bus itself.
            let by_bus = import.name == messaging(TYPES) || (import.name == messaging(REQUEST_REPLY) && !role.requests);
            let from = if by_bus { Some(bus) } else { next };
            let from: Vec<_> = from.into_iter().map(|from| (from, Take::All)).collect();
            arguments.insert(import.name.clone(), self.source(&role.component, import, &from, false)?);
        }
        Ok(self.push(Node::Guest(&role.component), &role.component, arguments))
    }

    fn push(&mut self, node: Node<'a>, of: &'a Component, arguments: IndexMap<ExternName, Source>) -> usize {
        self.instances.push(Instance { node, outside: false, arguments });
        self.components.push(Some(of));
        self.instances.len() - 1
    }

    /// Where an import comes from. Messaging comes from the host only for what `is_outside`.
    fn source(
        &self,
        importer: &Component,
        import: &Extern,
        from: &[(usize, Take)],
        is_outside: bool,
    ) -> Result<Source, LinkError> {
        let is_messaging = import.name.interface().is_some_and(Dialect::is_messaging);
        for (instance, take) in from {
            let Some(exporter) = self.components[*instance] else { continue };
            let Some(export) = exporter.export_for(&import.name) else { continue };
            // What a guest exports beside its handler is nobody's.
            let is_guest = matches!(self.instances[*instance].node, Node::Guest(_));
            if (is_messaging && *take == Take::NotMessaging) || (is_guest && !is_messaging) {
                continue;
            }
            if let Err(difference) = self.arena.fits(export, import)? {
                let guest = if is_guest { exporter } else { importer };
                return Err(LinkError::DoesNotFit {
                    guest: guest.name.clone(),
                    interface: import.name.clone(),
                    dialects: Dialect::spoken(guest, self.arena)?,
                    difference,
                });
            }
            return Ok(Source::Instance { instance: *instance, export: Some(export.name.clone()) });
        }
        if is_messaging && !is_outside {
            return Err(LinkError::OtherMessaging {
                guest: importer.name.clone(),
                import: import.name.clone(),
                dialects: Dialect::spoken(importer, self.arena)?,
            });
        }
        Ok(Source::Host)
    }

    /// What is left to the host.
    fn open(&self) -> Vec<Open> {
        let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for instance in &self.instances {
            for (import, _) in instance.arguments.iter().filter(|(_, source)| **source == Source::Host) {
                open.entry(import.to_string()).or_default().push(instance.node.name());
            }
        }
        let parts = |instance: &Instance<'_>| matches!(instance.node, Node::Part { .. }).then(|| instance.node.name());
        let without: Vec<String> = self.instances.iter().filter_map(parts).collect();
        let left = open.into_iter().map(|(import, importers)| Open {
            import,
            importers,
            candidates: Vec::new(),
            without: without.clone(),
        });
        left.collect()
    }
}
