//! Reads the guests: files become components, each with its types and its place in one arena.

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
        dialect::Form,
    },
    uplift::{self, LiftedFunction},
    wasm::{binary::Binary, strip::Strip},
};

/// The guest, and the handlers that are linked with it.
#[derive(Debug, Clone)]
pub(super) struct Guests<'a> {
    pub guest: Read<'a>,
    /// With the patterns of their topics.
    pub handlers: Vec<(Read<'a>, Vec<String>)>,
}

/// A guest that was read.
#[derive(Debug, Clone)]
pub(super) struct Read<'a> {
    /// What it is called in messages, and its hash as it was given.
    pub file: File,
    pub binary: Binary<'a>,
}

impl<'a> Read<'a> {
    fn new(Guest { name, bytes }: Guest<'a>, strip: Strip) -> Result<Self, Error> {
        let file = File::of(&name, &bytes);
        let binary = Binary::read(&name, bytes)?.strip(&name, strip)?;
        Ok(Self { file, binary })
    }

    /// The same without code and data, for whoever looks at its types only.
    fn skeleton(&self) -> Read<'static> {
        Read { file: self.file.clone(), binary: self.binary.to_skeleton() }
    }
}

impl<'a> Guests<'a> {
    pub fn read(guest: Guest<'a>, handlers: Vec<Handler<Loaded<'a>>>, strip: Strip) -> Result<Self, Error> {
        let handlers = handlers.into_iter().map(|Handler { topics, file }| Ok((Read::new(file, strip)?, topics)));
        Ok(Self { guest: Read::new(guest, strip)?, handlers: handlers.collect::<Result<_, Error>>()? })
    }

    /// The files, the guest's first.
    pub fn files(&self) -> Vec<File> {
        let handlers = self.handlers.iter().map(|(handler, _)| &handler.file);
        [&self.guest.file].into_iter().chain(handlers).cloned().collect()
    }

    /// The same without code and data, for whoever looks at types only.
    pub fn skeletons(&self) -> Guests<'static> {
        let handlers = self.handlers.iter().map(|(handler, topics)| (handler.skeleton(), topics.clone()));
        Guests { guest: self.guest.skeleton(), handlers: handlers.collect() }
    }
}

/// The guests in an arena, by what they import and export.
pub(super) struct Typed<'a> {
    pub arena: Arena<'a>,
    guest: Component,
    /// With the patterns of their topics.
    handlers: Vec<(Component, Vec<String>)>,
}

impl<'a> Typed<'a> {
    /// Reads the types of all guests. A component that is given twice is in the arena once.
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
        let guest = add(guests.guest)?;
        let handlers = guests.handlers.into_iter().map(|(handler, topics)| Ok((add(handler)?, topics)));
        let handlers = handlers.collect::<Result<_, Error>>()?;
        Ok(Self { arena, guest, handlers })
    }

    /// The dialect that the guest is in, if it is in a known one.
    pub fn dialect(&self) -> Result<Form, Error> {
        Ok(Form::of(&self.guest, &self.arena)?.unwrap_or_default())
    }

    /// Lifts the guest to a dialect, and reads its types again.
    pub fn lift(self, dialect: Form) -> Result<(Self, Vec<LiftedFunction>), Error> {
        if dialect == Form::Sync {
            return Ok((self, Vec::new()));
        }
        let name = self.guest.name.clone();
        if !self.handlers.is_empty() {
            return Err(LinkError::NotLifted { app: name, dialect }.into());
        }
        let mut binary = self.arena.into_binary(&self.guest);
        let lifted = uplift::lift_any(&name, &mut binary, dialect)?;
        let (arena, guest) = Arena::of(&name, binary)?;
        Ok((Self { arena, guest, handlers: Vec::new() }, lifted))
    }

    /// The guest alone, or linked with the handlers.
    pub fn link(self, linking: Linking) -> Result<(Arena<'a>, Inner), Error> {
        let Self { mut arena, guest, handlers } = self;
        let inner = if handlers.is_empty() {
            Inner::Alone(guest)
        } else {
            Inner::Linked(Linked::new(guest, handlers, linking, &mut arena)?)
        };
        Ok((arena, inner))
    }
}

/// What adapters go around.
#[derive(Debug)]
pub(super) enum Inner {
    Alone(Component),
    Linked(Linked),
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
