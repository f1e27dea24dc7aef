//! Reads the guests from files into components, each with its types, in one arena.

use super::{
    error::Error,
    record::{Guest, Handler, Loaded},
};
use crate::{
    link::{LinkError, Linked, Linking},
    plan::Core,
    provenance::File,
    types::{
        component::{Arena, Component},
        dialect::Dialect,
    },
    uplift::{self, LiftedFunction, UpliftError},
    wasm::{binary::Binary, strip::Strip},
};
use std::collections::BTreeMap;

/// The guest, followed by the handlers that are linked with it. Each has the patterns of its topics; the guest has none.
#[derive(Debug, Clone)]
pub(super) struct Guests<'a>(Vec<(Read<'a>, Vec<String>)>);

/// A guest that was read.
#[derive(Debug, Clone)]
pub(super) struct Read<'a> {
    /// The name that messages use, and the hash of the original file.
    pub file: File,
    pub binary: Binary<'a>,
}

impl<'a> Read<'a> {
    fn new(Guest { name, bytes }: Guest<'a>, strip: Strip) -> Result<Self, Error> {
        let file = File::of(&name, &bytes);
        let binary = Binary::read(&name, bytes)?.strip(&name, strip)?;
        Ok(Self { file, binary })
    }

    /// Returns the guest without code and data; its types remain.
    fn skeleton(&self) -> Read<'static> {
        Read { file: self.file.clone(), binary: self.binary.to_skeleton() }
    }
}

impl<'a> Guests<'a> {
    pub fn read(guest: Guest<'a>, handlers: Vec<Handler<Loaded<'a>>>, strip: Strip) -> Result<Self, Error> {
        let guest = Handler { topics: Vec::new(), file: guest };
        let read = |Handler { topics, file }| Ok((Read::new(file, strip)?, topics));
        [guest].into_iter().chain(handlers).map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether handlers are linked with the guest.
    pub fn are_linked(&self) -> bool {
        self.0.len() > 1
    }

    /// Returns the guest, and then the handlers.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Read<'a>> {
        self.0.iter_mut().map(|(guest, _)| guest)
    }

    /// Returns the files, the guest's first.
    pub fn files(&self) -> Vec<File> {
        self.0.iter().map(|(guest, _)| guest.file.clone()).collect()
    }

    /// Returns the guests without code and data; their types remain.
    pub fn skeletons(&self) -> Guests<'static> {
        Guests(self.0.iter().map(|(guest, topics)| (guest.skeleton(), topics.clone())).collect())
    }
}

/// The guests in an arena, with their types read.
pub(super) struct Typed<'a> {
    pub arena: Arena<'a>,
    guest: Component,
    /// The handlers, with the patterns of their topics.
    handlers: Vec<(Component, Vec<String>)>,
}

impl<'a> Typed<'a> {
    /// Reads the types of all guests. A component that is given twice is added to the arena once.
    pub fn new(guests: Guests<'a>) -> Result<Self, Error> {
        let mut arena = Arena::new();
        let mut known: Vec<Component> = Vec::new();
        let mut add = |Read { file, binary }: Read<'a>| {
            if let Some(known) = known.iter().find(|known| arena.bytes(known) == &*binary.bytes) {
                return Ok(Component { name: file.name, ..known.clone() });
            }
            let component = arena.add(&file.name, binary)?;
            arena.read(&component)?;
            known.push(component.clone());
            Ok::<_, Error>(component)
        };
        let guests = guests.0.into_iter().map(|(guest, topics)| Ok((add(guest)?, topics)));
        let mut handlers = guests.collect::<Result<Vec<_>, Error>>()?;
        let (guest, _) = handlers.remove(0);
        Ok(Self { arena, guest, handlers })
    }

    /// Returns the guests without code and data; their types remain.
    pub fn skeleton(&self) -> Result<Typed<'static>, Error> {
        let skeleton = |component: &Component| {
            let (file, binary) = (File::of(&component.name, &[]), self.arena.skeleton(component));
            Read { file, binary }
        };
        let handlers = self.handlers.iter().map(|(handler, topics)| (skeleton(handler), topics.clone()));
        Typed::new(Guests([(skeleton(&self.guest), Vec::new())].into_iter().chain(handlers).collect()))
    }

    /// Returns whether handlers are linked with the guest.
    pub fn is_linked(&self) -> bool {
        !self.handlers.is_empty()
    }

    /// Returns the guest's dialect, or the default dialect if it has no known one. Linked guests have the dialect of the
    /// one with the most async functions.
    pub fn dialect(&self) -> Result<Dialect, Error> {
        let mut most = Dialect::default();
        for guest in self.all() {
            most = most.max(self.dialect_of(guest)?);
        }
        Ok(most)
    }

    fn dialect_of(&self, guest: &Component) -> Result<Dialect, Error> {
        Ok(Dialect::of(guest, &self.arena)?.unwrap_or_default())
    }

    /// Returns the guest, and then the handlers.
    fn all(&self) -> impl Iterator<Item = &Component> {
        [&self.guest].into_iter().chain(self.handlers.iter().map(|(handler, _)| handler))
    }

    /// Lifts the guest to a dialect and reads its types again. If the dialect has async functions, linked guests are
    /// lifted to `async`: whoever sends waits for the handlers.
    pub fn lift(self, dialect: Dialect) -> Result<(Self, Lifted), Error> {
        let is_linked = self.is_linked();
        if dialect == Dialect::Sync {
            let own = if is_linked { self.dialect()? } else { dialect };
            return match self.first_async()? {
                Some(guest) if own != dialect => Err(LinkError::NotSync { guest, dialect: own }.into()),
                _ => Ok((self, Lifted::default())),
            };
        }
        let is_async = if is_linked { self.first_async()? } else { None };
        let mut names = BTreeMap::new();
        for guest in self.all() {
            names.insert(guest.place, (guest.name.clone(), self.dialect_of(guest)?));
        }
        let Self { arena: old, guest, handlers } = self;
        let (mut arena, mut known, mut lifted) = (Arena::new(), BTreeMap::new(), Lifted::default());
        for (place, mut binary) in old.into_binaries() {
            let Some((name, own)) = names.get(&place) else { continue };
            if is_linked {
                let functions = uplift::lift_any(name, &mut binary, Dialect::Async);
                let functions = functions.map_err(|error| refusal(name, is_async.as_ref(), dialect, error))?;
                let is_lifted = *own == Dialect::Sync && functions.iter().any(|function| function.types > 0);
                lifted.guests.extend(is_lifted.then(|| name.clone()));
            } else {
                lifted.functions = uplift::lift_any(name, &mut binary, dialect)?;
            }
            let component = arena.add(name, binary)?;
            arena.read(&component)?;
            known.insert(place, component);
        }
        let again = |guest: Component| Component { name: guest.name, ..known[&guest.place].clone() };
        let handlers = handlers.into_iter().map(|(handler, topics)| (again(handler), topics)).collect();
        Ok((Self { guest: again(guest), handlers, arena }, lifted))
    }

    /// Returns the name of the first guest that is async.
    fn first_async(&self) -> Result<Option<String>, Error> {
        for guest in self.all() {
            if self.dialect_of(guest)? != Dialect::Sync {
                return Ok(Some(guest.name.clone()));
            }
        }
        Ok(None)
    }

    /// Links the guest with its handlers, if it has any.
    pub fn link(self, linking: Linking) -> Result<(Arena<'a>, Inner), Error> {
        let Self { mut arena, guest, handlers } = self;
        let inner = if handlers.is_empty() {
            Inner::Alone(guest)
        } else {
            Inner::Linked(Linked::new(guest, handlers, linking, &mut arena)?.into())
        };
        Ok((arena, inner))
    }
}

/// What lifting has changed.
#[derive(Debug, Default)]
pub(super) struct Lifted {
    /// The functions of a guest that is not linked.
    pub functions: Vec<LiftedFunction>,
    /// The names of the linked guests that were sync and were lifted.
    pub guests: Vec<String>,
}

/// Says why a linked guest cannot be async. `other` is a guest that is async already.
fn refusal(guest: &str, other: Option<&String>, dialect: Dialect, error: UpliftError) -> Error {
    let UpliftError::SyncExport { .. } = error else { return error.into() };
    let (guest, source) = (guest.to_owned(), Box::new(error));
    match other.filter(|other| **other != guest) {
        Some(other) => LinkError::CannotWait { guest, other: other.clone(), source },
        None => LinkError::NotLifted { guest, dialect, source },
    }
    .into()
}

/// The component or components that adapters go around.
#[derive(Debug)]
pub(super) enum Inner {
    Alone(Component),
    Linked(Box<Linked>),
}

impl Inner {
    pub fn core(&self, arena: &Arena<'_>) -> Result<Core<'_>, Error> {
        Ok(match self {
            Inner::Alone(guest) => Core::alone(guest),
            Inner::Linked(linked) => linked.core(arena)?,
        })
    }

    pub fn linked(&self) -> Option<&Linked> {
        match self {
            Inner::Alone(_) => None,
            Inner::Linked(linked) => Some(linked),
        }
    }
}
