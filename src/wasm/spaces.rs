//! Reads a component, and all components nested in it, into index spaces.
//!
//! Pictures and uplift ask the same question: where does this function or instance come from? [`read`] turns bytes into
//! lists of definitions. [`interpret()`] walks such a list and keeps what an analysis knows of each item. If a picture or
//! uplift follows something to the wrong place, start here.
//!
//! # Index spaces
//!
//! A component is a list of definitions. Each definition makes an *item*: a type, function, instance, component, core
//! module or value. Later definitions refer to an item by its kind and a number, such as "function 1". All items of one
//! kind, in the order of the binary, are an *index space*. The number is the item's *index* in that space.
//!
//! Each component is a [`Scope`] with index spaces of its own, also one that is nested in another. The type of an instance
//! or component is a scope too, with one index space, of types: a [`Body`].
//!
//! # Why the order matters
//!
//! - The binary does not contain the indices. A reader counts, and must count everything. Imports, aliases and exports
//!   make items too. One definition that is overlooked shifts all indices behind it.
//! - A definition refers only to items before it. So one pass from front to back is enough, and there are no cycles.
//! - A new type shifts the indices of all types behind it. Every later definition that names a type must then change.
//!
//! # An example
//!
//! A shop imports a function, gives it to a clerk, and exports what the clerk exports. The comment on a line says which
//! item the line makes. A unit test compares these comments with what [`read`] finds.
//!
//! ```wat
//! (component $shop
//!     (type $count (func (result u32)))                                  ;; type 0
//!     (import "stock" (func $stock (type $count)))                       ;; func 0
//!     (component $clerk                                                  ;; component 0
//!         (alias outer $shop $count (type $count))                       ;; type 0
//!         (import "stock" (func $stock (type $count)))                   ;; func 0
//!         (core func $call (canon lower (func $stock)))                  ;; lowers func 0
//!         (core module $code                                             ;; module 0
//!             (import "" "stock" (func $stock (result i32)))
//!             (func (export "price") (result i32) (call $stock)))
//!         (core instance $imports (export "stock" (func $call)))         ;; core instance
//!         (core instance $run (instantiate $code (with "" (instance $imports)))) ;; core instance
//!         (alias core export $run "price" (core func $core-price))
//!         (func $price (type $count) (canon lift (core func $core-price))) ;; func 1
//!         (export "price" (func $price))                                 ;; func 2
//!     )
//!     (instance $anna (instantiate $clerk (with "stock" (func $stock)))) ;; instance 0
//!     (alias export $anna "price" (func $price))                         ;; func 1
//!     (instance $desk (export "price" (func $price)))                    ;; instance 1
//!     (export "desk" (instance $desk))                                   ;; instance 2
//!     (export "price" (func $price))                                     ;; func 2
//! )
//! ```
//!
//! - `type 0`: a definition of a type makes an item of the kind type, nothing else.
//! - `func 0`: an import makes an item. The function is the first one, so its index is 0.
//! - `component 0`: a nested component. Its lines count from 0 again, in index spaces of their own.
//!   - `type 0`: an *outer alias* takes a type or a component from a scope around this one, one level up here.
//!   - `lowers func 0`: `canon lower` makes a core function, for core modules to call. It has an index in a core index
//!     space. Core index spaces are left out, except that of core modules: their items never leave a component.
//!   - `module 0`, `core instance`: the code. It is counted, and not looked into.
//!   - `func 1`: `canon lift` makes a function of a core function. Here, and only here, a function begins.
//!   - `func 2`: an export makes an item too. It is the same function as `func 1`, under another index.
//! - `instance 0`: *instantiates* component 0. Its argument `stock` is `func 0`.
//! - `func 1`: an *alias* takes a function out of `instance 0`, by the name of the export. The export itself was `func 2`
//!   of the clerk, and is `func 1` here.
//! - `instance 1`: a *bag* of items makes an instance without any component.
//! - `instance 2`, `func 2`: exports again. Whoever forgets them finds a wrong item behind every later index.
//!
//! The interpreter gives each item a value. With text as values, and "host" for imports of the shop, the shop's items are:
//!
//! ```text
//! type 0       own
//! func 0       host.stock
//! component 0  clerk
//! instance 0   clerk(stock = host.stock)
//! func 1       clerk(stock = host.stock).price
//! instance 1   {price = clerk(stock = host.stock).price}
//! instance 2   {price = clerk(stock = host.stock).price}
//! func 2       clerk(stock = host.stock).price
//! ```
//!
//! An analysis is a [`Domain`] of other values, and says how each kind of definition makes one:
//!
//! | analysis                    | a value is                                      | instantiating a component                |
//! | --------------------------- | ----------------------------------------------- | ---------------------------------------- |
//! | pictures: `picture/outline` | the instance or host that an item comes from    | adds a block, and does not look into it  |
//! | uplift: `uplift/classes`    | a union-find class of items that are one        | joins arguments with the imports         |
//! | uplift: `uplift/traps`      | a function with the instance that implements it | interprets the component once more       |

mod interpret;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use interpret::{Domain, Missing, Named, interpret};
pub(crate) use types::{Body, Label, Type, used};

use crate::wasm::{
    sections::{Section, id, sections},
    skeleton::{MAX_DEPTH, SectionError},
};
use std::ops::Range;
use wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExport,
    ComponentExternalKind as Kind, ComponentImport, ComponentInstance, ComponentName,
    ComponentOuterAliasKind as OuterKind, ComponentType, ComponentTypeRef, CustomSectionReader, FromReader, Instance,
    KnownCustom, SectionLimited,
};

/// An item of a scope: its kind and its index in the index space of that kind.
pub(crate) type Item = (Kind, u32);

/// How many kinds of items there are. `kind as usize` is less.
const KINDS: usize = 6;

/// A component: its definitions, and the index spaces that are known without following any item.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    /// The name that the component gives itself in its name section.
    pub name: Option<&'a str>,
    /// The names that its name section gives to its components and instances.
    pub names: Vec<(Item, &'a str)>,
    /// The component that it is nested in, by its place among all.
    pub outer: Option<usize>,
    /// Its definitions, in the order of the binary.
    pub definitions: Vec<Definition<'a>>,
    /// Its types, by index.
    pub types: Vec<Type<'a>>,
    /// Its components, by index: the place of each among all, if it is in the binary. One that is imported is not.
    pub components: Vec<Option<usize>>,
    /// Its sections, each with the definitions in it. Offsets are relative to the component.
    pub sections: Vec<(Section<'a>, Range<usize>)>,
    /// How many items of each kind there are.
    counts: [u32; KINDS],
}

/// A definition, and the item that it makes.
#[derive(Debug)]
pub(crate) struct Definition<'a> {
    /// The item. Some definitions make only items of core index spaces, and have none.
    pub item: Option<Item>,
    /// How the item is made.
    pub how: How<'a>,
}

/// How a definition makes its item.
#[derive(Debug)]
pub(crate) enum How<'a> {
    /// A core module. It is not looked into.
    CoreModule,
    /// An instance of a core module, or one that is put together of core items.
    CoreInstance,
    /// A nested component, by its place among all.
    Component(usize),
    /// A type. [`Scope::types`] has it.
    Type,
    /// The type of a resource with a destructor. [`Scope::types`] has it.
    Destroyed,
    /// An outer alias: an item of a scope around this one. [`Scope::types`] or [`Scope::components`] has it.
    Outer,
    /// Something that an instance exports under a name.
    Alias { instance: u32, name: &'a str },
    /// An instance of a component, which gets arguments for its imports.
    Instantiate { component: u32, arguments: Vec<(&'a str, Item)> },
    /// An instance that is put together of items, without a component.
    Bag(Vec<(&'a str, Item)>),
    /// An import. Functions, instances and components have a type by index.
    Import { name: &'a str, ty: Option<u32> },
    /// An export of another item, by a type if one is ascribed. It makes that item anew, under an index of its own.
    Export { name: &'a str, item: Item, ty: Option<u32> },
    /// `canon lift`: a function of a type, made of a core function.
    CanonLift { ty: u32, is_async: bool },
    /// `canon lower`: a core function, made of a function by index. Core modules can call it.
    CanonLower(u32),
}

impl Definition<'_> {
    /// Returns the index of the type by which the definition makes or exports a function, instance or component.
    pub fn ty(&self) -> Option<u32> {
        match self.how {
            How::CanonLift { ty, .. } => Some(ty),
            How::Import { ty, .. } | How::Export { ty, .. } => ty,
            _ => None,
        }
    }

    /// Returns the items that it passes on by name, to a component or in a bag.
    pub fn passed(&self) -> &[(&str, Item)] {
        match &self.how {
            How::Instantiate { arguments: items, .. } | How::Bag(items) => items,
            _ => &[],
        }
    }
}

/// Reads a component and all that are nested in it. A component comes before the one that it is nested in, so the
/// outermost is the last. Nothing is validated: an index may point to nothing.
pub(crate) fn read(component: &[u8]) -> Result<Vec<Scope<'_>>, SectionError> {
    let mut reader = Reader::default();
    reader.component(component, 0)?;
    Ok(reader.done)
}

#[derive(Default)]
struct Reader<'a> {
    /// The components that are read.
    done: Vec<Scope<'a>>,
    /// The components that are being read, from the outermost to the innermost.
    open: Vec<Scope<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads a component that begins at `offset` of the file. Returns its place among all.
    fn component(&mut self, component: &'a [u8], offset: u64) -> Result<usize, SectionError> {
        if self.open.len() > MAX_DEPTH {
            return Err(SectionError::TooDeep);
        }
        self.open.push(Scope::default());
        for section in sections(component, offset)? {
            let before = self.scope().definitions.len();
            if section.id == id::COMPONENT {
                let nested = self.component(section.data, offset + section.data_start as u64)?;
                self.scope().define(Kind::Component, How::Component(nested));
                self.scope().components.push(Some(nested));
            } else {
                self.section(section.id, section.reader(offset))?;
            }
            let after = self.scope().definitions.len();
            self.scope().sections.push((section, before..after));
        }
        let scope = self.open.pop().unwrap_or_default();
        let place = self.done.len();
        for definition in &scope.definitions {
            if let How::Component(nested) = definition.how {
                self.done[nested].outer = Some(place);
            }
        }
        self.done.push(scope);
        Ok(place)
    }

    /// The component that is being read.
    fn scope(&mut self) -> &mut Scope<'a> {
        self.open.last_mut().expect("a component is being read")
    }

    /// Reads a section that has no component in it.
    fn section(&mut self, id: u8, reader: BinaryReader<'a>) -> Result<(), BinaryReaderError> {
        let scope = self.scope();
        match id {
            id::CORE_MODULE => scope.define(Kind::Module, How::CoreModule),
            id::CORE_INSTANCE => each(reader, |_: Instance<'_>| scope.define(None, How::CoreInstance))?,
            id::COMPONENT_TYPE => each(reader, |ty| scope.ty(ty))?,
            id::COMPONENT_IMPORT => each(reader, |import| scope.import(&import))?,
            id::COMPONENT_EXPORT => each(reader, |export| self.export(&export))?,
            id::COMPONENT_ALIAS => each(reader, |alias| self.alias(&alias))?,
            id::COMPONENT_INSTANCE => each(reader, |instance| scope.instance(&instance))?,
            id::COMPONENT_CANONICAL => each(reader, |function| scope.canonical(&function))?,
            id::CUSTOM => scope.names(reader),
            _ => {}
        }
        Ok(())
    }

    fn export(&mut self, export: &ComponentExport<'a>) {
        let item = (export.kind, export.index);
        match item {
            (Kind::Type, index) => self.scope().types.push(Type::Same(index)),
            (Kind::Component, index) => self.known_component(0, index),
            _ => {}
        }
        let ty = export.ty.and_then(used).map(|(_, ty)| ty);
        self.scope().define(export.kind, How::Export { name: export.name.name, item, ty });
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>) {
        self.scope().types.extend(Type::aliased(alias));
        match *alias {
            ComponentAlias::InstanceExport { kind, instance_index: instance, name } => {
                if kind == Kind::Component {
                    self.scope().components.push(None);
                }
                self.scope().define(kind, How::Alias { instance, name });
            }
            ComponentAlias::Outer { kind, count, index } => {
                let kind = match kind {
                    OuterKind::CoreModule => Kind::Module,
                    OuterKind::Type => Kind::Type,
                    OuterKind::Component => {
                        self.known_component(count, index);
                        Kind::Component
                    }
                    OuterKind::CoreType => return,
                };
                self.scope().define(kind, How::Outer);
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }

    /// Gives the next index to a component that has an index already, in the scope `count` levels up.
    fn known_component(&mut self, count: u32, index: u32) {
        let scope = self.open.iter().rev().nth(count as usize);
        let place = scope.and_then(|scope| scope.components.get(index as usize)).copied().flatten();
        self.scope().components.push(place);
    }
}

/// Reads each item of a section.
fn each<'a, T: FromReader<'a>>(reader: BinaryReader<'a>, mut read: impl FnMut(T)) -> Result<(), BinaryReaderError> {
    for item in SectionLimited::new(reader)? {
        read(item?);
    }
    Ok(())
}

impl<'a> Scope<'a> {
    fn define(&mut self, kind: impl Into<Option<Kind>>, how: How<'a>) {
        let item = kind.into().map(|kind| {
            let count = &mut self.counts[kind as usize];
            *count += 1;
            (kind, *count - 1)
        });
        self.definitions.push(Definition { item, how });
    }

    fn ty(&mut self, ty: ComponentType<'a>) {
        let is_destroyed = matches!(ty, ComponentType::Resource { dtor: Some(_), .. });
        self.types.push(Type::of(ty));
        self.define(Kind::Type, if is_destroyed { How::Destroyed } else { How::Type });
    }

    fn import(&mut self, import: &ComponentImport<'a>) {
        match import.ty {
            ComponentTypeRef::Type(bounds) => self.types.push(Type::bounded(bounds)),
            ComponentTypeRef::Component(_) => self.components.push(None),
            _ => {}
        }
        let ty = used(import.ty).map(|(_, ty)| ty);
        self.define(import.ty.kind(), How::Import { name: import.name.name, ty });
    }

    fn instance(&mut self, instance: &ComponentInstance<'a>) {
        let how = match instance {
            ComponentInstance::Instantiate { component_index, args } => How::Instantiate {
                component: *component_index,
                arguments: args.iter().map(|argument| (argument.name, (argument.kind, argument.index))).collect(),
            },
            ComponentInstance::FromExports(items) => {
                How::Bag(items.iter().map(|item| (item.name.name, (item.kind, item.index))).collect())
            }
        };
        self.define(Kind::Instance, how);
    }

    fn canonical(&mut self, function: &CanonicalFunction) {
        match function {
            CanonicalFunction::Lift { type_index: ty, options, .. } => {
                let is_async = options.contains(&CanonicalOption::Async);
                self.define(Kind::Func, How::CanonLift { ty: *ty, is_async });
            }
            CanonicalFunction::Lower { func_index, .. } => self.define(None, How::CanonLower(*func_index)),
            _ => {}
        }
    }

    /// Takes names from a custom section, if it has any. Names that cannot be read are left out.
    fn names(&mut self, reader: BinaryReader<'a>) {
        let custom = CustomSectionReader::new(reader);
        let Ok(KnownCustom::ComponentName(names)) = custom.as_ref().map(CustomSectionReader::as_known) else { return };
        for name in names.into_iter().map_while(Result::ok) {
            let (kind, names) = match name {
                ComponentName::Component { name, .. } => {
                    self.name = Some(name);
                    continue;
                }
                ComponentName::Components(names) => (Kind::Component, names),
                ComponentName::Instances(names) => (Kind::Instance, names),
                _ => continue,
            };
            self.names.extend(names.into_iter().flatten().map(|name| ((kind, name.index), name.name)));
        }
    }
}
