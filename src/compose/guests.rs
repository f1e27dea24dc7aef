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
    uplift::{self, LiftedFunction},
    wasm::{binary::Binary, strip::Strip},
};

/// The guest, followed by the handlers that are linked with it. Each has the patterns of its topics; the guest has none.
#[derive(Debug, Clone)]
pub(super) struct Guests<'a>(Vec<(Read<'a>, Vec<String>)>);

/// A guest that was read.
#[derive(Debug, Clone)]
struct Read<'a> {
    /// The name that messages use, and the hash of the original file.
    file: File,
    binary: Binary<'a>,
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

    /// Returns the guest's dialect, or the default dialect if it has no known one.
    pub fn dialect(&self) -> Result<Dialect, Error> {
        Ok(Dialect::of(&self.guest, &self.arena)?.unwrap_or_default())
    }

    /// Lifts the guest to a dialect and reads its types again. Returns the functions that were lifted.
    pub fn lift(self, dialect: Dialect) -> Result<(Self, Vec<LiftedFunction>), Error> {
        if dialect == Dialect::Sync {
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
