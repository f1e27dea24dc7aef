//! Wires the linked guests and the parts between them. Instances come in this order: the bus, the handlers from the
//! last to the first, the application.

use super::{
    Deliver, LinkError, Linking, Unrouted,
    members::Member,
    parts::{Prebuilt, Set},
    wasi::{INCOMING_HANDLER, REQUEST_REPLY, TYPES, messaging},
};
use crate::{
    adapters::{
        config::{self, slot},
        part::{Part, Role},
        part_name::PartName,
    },
    plan::{Core, Instance, LayerPart, Node, Owner, Pace, Source},
    types::{
        component::{Arena, Component, Extern},
        dialect::{Dialect, Messaging},
        interface::ExternName,
    },
    wasm::{binary::Binary, hash::sha256},
};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// The name of linking in messages and in the provenance.
pub(super) const LINK: &str = "link";

/// The parts that are used. There is one dispatcher for each handler.
#[derive(Debug)]
pub(super) struct Parts {
    bus: LayerPart,
    outside: Option<LayerPart>,
    end: Option<LayerPart>,
    /// One dispatcher for each handler, in the order of the handlers.
    dispatchers: Vec<LayerPart>,
    /// The parts that pass on what the host delivers: `door` and `inbound`.
    inbound: Option<[LayerPart; 2]>,
    /// The SHA-256 of each part, by name.
    pub hashes: BTreeMap<String, String>,
}

impl Parts {
    /// Adds the parts that `members` need to the arena, each component once. With `debug` it uses the debug builds.
    pub fn of(members: &[Member], linking: Linking, arena: &mut Arena<'_>) -> Result<Self, LinkError> {
        let is_host = linking.unrouted == Unrouted::Host;
        let set = Set::of(linking.dialect);
        let pace = if linking.dialect == Dialect::Sync { Pace::Sync } else { Pace::Concurrent };
        let mut hashes = BTreeMap::new();
        let mut add = |part: Prebuilt| -> Result<LayerPart, LinkError> {
            let bytes = part.build(linking.debug);
            hashes.insert(part.name.to_owned(), sha256(bytes));
            let name = PartName::new(LINK, part.name);
            let component = arena.add(&name.to_string(), Binary::own(bytes))?;
            let spec = Part::new(part.name, Some(Role::Provider), "");
            let (configured, has_slot) = (part.name == set.bus.name, slot::is_in(bytes));
            Ok(LayerPart { spec, wraps: Vec::new(), clashes: Vec::new(), name, configured, has_slot, component, pace })
        };
        let bus = add(set.bus)?;
        let outside = is_host.then(|| add(set.outside)).transpose()?;
        let last_sends = members.last().is_some_and(Member::sends_or_requests);
        let end = last_sends.then(|| add(set.end[usize::from(is_host)])).transpose()?;
        let dispatcher = add(set.dispatcher[usize::from(is_host)])?;
        let app = &members[0];
        let is_delivered_to = app.is_handler() && linking.deliver != Some(Deliver::None);
        let inbound =
            if is_delivered_to { Some([add(set.door)?, add(set.inbound[usize::from(app.replies)])?]) } else { None };
        let dispatchers = members[1..].iter().map(|member| {
            let name = PartName::new(LINK, &format!("{} for {}", dispatcher.spec.name, member.component.name));
            let component = Component { name: name.to_string(), ..dispatcher.component.clone() };
            LayerPart { name, component, ..dispatcher.clone() }
        });
        Ok(Self { bus, outside, end, dispatchers: dispatchers.collect(), inbound, hashes })
    }

    /// Returns whether the application gets the messages that the host delivers.
    pub fn is_delivered_to(&self) -> bool {
        self.inbound.is_some()
    }
}

/// Wires the members and the parts between them.
pub(super) fn wire<'a>(members: &'a [Member], parts: &'a Parts, arena: &Arena<'_>) -> Result<Core<'a>, LinkError> {
    let mut wiring = Wiring { arena, instances: Vec::new(), components: Vec::new(), config: None, open: Vec::new() };
    let bus = wiring.part(&parts.bus, &[], false)?;
    let outside = match &parts.outside {
        Some(part) => Some(wiring.part(part, &[(bus, Take::NotMessaging)], true)?),
        None => None,
    };
    let under = |wired: &[usize]| {
        let all = wired.iter().copied().chain(outside).chain([bus]);
        all.map(|instance| (instance, Take::All)).collect::<Vec<_>>()
    };
    // The instance that serves the next member to the left.
    let mut next = match &parts.end {
        Some(end) => Some(wiring.part(end, &under(&[]), false)?),
        None => None,
    };
    // Dispatchers form a chain. The end does not belong to it.
    let mut chain = None;
    for (member, dispatcher) in members[1..].iter().zip(&parts.dispatchers).rev() {
        let handler = wiring.guest(member, bus, next)?;
        let below: Vec<usize> = [Some(handler), chain].into_iter().flatten().collect();
        let dispatcher = wiring.part(dispatcher, &under(&below), false)?;
        (next, chain) = (Some(dispatcher), Some(dispatcher));
    }
    let app = wiring.guest(&members[0], bus, next)?;
    let handler = messaging(INCOMING_HANDLER);
    let own = members[0].component.exports.iter().filter(|export| export.name != handler);
    let mut exports: Vec<_> = own.map(|export| (export, app)).collect();
    if let Some([door, inbound_part]) = &parts.inbound {
        let door = wiring.part(door, &under(&[app]), false)?;
        let inbound = wiring.part(inbound_part, &[(door, Take::All), (bus, Take::NotMessaging)], true)?;
        for instance in [door, inbound] {
            wiring.instances[instance].outside = true;
        }
        let export = inbound_part.component.exports.iter().find(|export| export.name == handler);
        exports.extend(export.map(|export| (export, inbound)));
    }
    let outside = Component::seen(
        &members[0].component.name,
        wiring.open,
        exports.iter().map(|(export, _)| (*export).clone()).collect(),
    );
    let exports = exports.into_iter().map(|(export, instance)| (export.name.clone(), instance)).collect();
    Ok(Core { outside, instances: wiring.instances, exports })
}

/// Which exports of an instance may be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    All,
    /// All but messaging, for a part that uses the host's messages.
    NotMessaging,
}

struct Wiring<'a, 'b> {
    arena: &'b Arena<'b>,
    instances: Vec<Instance<'a>>,
    /// The component of each instance. None for the config component.
    components: Vec<Option<&'a Component>>,
    /// The config component, if a part imports that.
    config: Option<usize>,
    /// The imports that nothing serves so far.
    open: Vec<Extern>,
}

impl<'a> Wiring<'a, '_> {
    /// Adds a part. Its imports are served by the instances in `from`, the nearest first.
    fn part(&mut self, part: &'a LayerPart, from: &[(usize, Take)], is_outside: bool) -> Result<usize, LinkError> {
        let mut arguments = IndexMap::new();
        for import in &part.component.imports {
            let is_config = import.name.interface().is_some_and(|id| id == config::interface());
            let source = if is_config {
                Source::Instance { instance: self.config(), export: None }
            } else {
                self.source(&part.component, import, from, is_outside)?
            };
            if source == Source::Host {
                self.open.push(import.clone());
            }
            arguments.insert(import.name.clone(), source);
        }
        Ok(self.push(Node::Part { owner: Owner::Link, part }, Some(&part.component), arguments))
    }

    /// Returns the instance of the config component, and adds it if it is not there yet.
    fn config(&mut self) -> usize {
        if let Some(config) = self.config {
            return config;
        }
        let config = self.push(Node::Config { owner: Owner::Link, adapter: LINK }, None, IndexMap::new());
        *self.config.insert(config)
    }

    /// Adds a guest. The bus serves its messages, and `next` serves what it sends and requests.
    fn guest(&mut self, member: &'a Member, bus: usize, next: Option<usize>) -> Result<usize, LinkError> {
        let mut arguments = IndexMap::new();
        for import in &member.component.imports {
            // The bus itself serves `reply`, which is all that a guest without `request` needs.
            let by_bus =
                import.name == messaging(TYPES) || (import.name == messaging(REQUEST_REPLY) && !member.requests);
            let from = if by_bus { Some(bus) } else { next };
            let from: Vec<_> = from.into_iter().map(|from| (from, Take::All)).collect();
            let source = self.source(&member.component, import, &from, false)?;
            if source == Source::Host {
                self.open.push(import.clone());
            }
            arguments.insert(import.name.clone(), source);
        }
        Ok(self.push(Node::Guest(&member.component), Some(&member.component), arguments))
    }

    fn push(&mut self, node: Node<'a>, of: Option<&'a Component>, arguments: IndexMap<ExternName, Source>) -> usize {
        self.instances.push(Instance { node, outside: false, arguments });
        self.components.push(of);
        self.instances.len() - 1
    }

    /// Returns where an import comes from. The host may serve messaging only if `is_outside`.
    fn source(
        &self,
        importer: &Component,
        import: &Extern,
        from: &[(usize, Take)],
        is_outside: bool,
    ) -> Result<Source, LinkError> {
        let is_messaging = import.name.interface().is_some_and(Messaging::is_messaging);
        for (instance, take) in from {
            let Some(exporter) = self.components[*instance] else { continue };
            let Some(export) = exporter.export_for(&import.name) else { continue };
            // Of a guest's exports, only the handler is used.
            let is_guest = matches!(self.instances[*instance].node, Node::Guest(_));
            if (is_messaging && *take == Take::NotMessaging) || (is_guest && !is_messaging) {
                continue;
            }
            if let Err(difference) = self.arena.fits(export, import)? {
                let guest = if is_guest { exporter } else { importer };
                return Err(LinkError::DoesNotFit {
                    guest: guest.name.clone(),
                    interface: import.name.clone(),
                    dialects: Messaging::of(guest, self.arena)?,
                    difference,
                });
            }
            return Ok(Source::Instance { instance: *instance, export: Some(export.name.clone()) });
        }
        if is_messaging && !is_outside {
            return Err(LinkError::OtherMessaging {
                guest: importer.name.clone(),
                import: import.name.clone(),
                dialects: Messaging::of(importer, self.arena)?,
            });
        }
        Ok(Source::Host)
    }
}
