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
mod read;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use interpret::{Domain, Missing, Named, interpret};
pub(crate) use read::read;
pub(crate) use types::{Body, Label, Type, used};

use crate::wasm::sections::Section;
use std::ops::Range;
use wasmparser::ComponentExternalKind as Kind;

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
