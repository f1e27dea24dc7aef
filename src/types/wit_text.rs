//! Prints types as WIT, one function or definition a line. The types are wac's.

use std::{borrow::Cow, collections::HashMap};
use wac_graph::types::{DefinedType, DefinedTypeId, FuncTypeId, ItemKind, Type, Types, ValueType, World};

/// The most members of a definition that are shown. In longer ones, only the members around the one that matters are
/// shown.
const MANY: usize = 8;

/// The types of one component, and the names that it gives them.
pub(crate) struct WitText<'a> {
    types: &'a Types,
    names: HashMap<DefinedTypeId, &'a str>,
}

/// Where a function is declared in an interface.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Interface,
    Constructor,
    Method,
    Static,
}

impl<'a> WitText<'a> {
    /// Collects the names of types. Names in the instance `of` win over names in the rest of its component.
    pub(crate) fn new(types: &'a Types, world: &'a World, of: ItemKind) -> Self {
        let mut names = HashMap::new();
        let all = world.imports.values().chain(world.exports.values()).copied();
        let instances = [of].into_iter().chain(all).filter_map(|kind| match kind {
            ItemKind::Instance(id) => Some(&types[id].exports),
            _ => None,
        });
        for (name, kind) in instances.chain([&world.imports, &world.exports]).flatten() {
            if let ItemKind::Type(Type::Value(ValueType::Defined(id))) = kind {
                names.entry(*id).or_insert(name.as_str());
            }
        }
        Self { types, names }
    }

    /// Returns the name of a defined type, if it has one.
    pub(crate) fn name(&self, id: DefinedTypeId) -> Option<&'a str> {
        self.names.get(&id).copied()
    }

    /// Prints an item of an interface or world.
    pub(crate) fn item(&self, name: &str, kind: ItemKind) -> String {
        match kind {
            ItemKind::Func(id) => self.function(name, id),
            ItemKind::Type(Type::Value(ValueType::Defined(id))) => self.definition(name, id, 0),
            ItemKind::Type(Type::Value(ty)) => format!("type {} = {}", identifier(name), self.value(ty)),
            kind => format!("{} {}", kind.desc(self.types), identifier(name)),
        }
    }

    /// Prints a function, for example `send: func(c: borrow<client>) -> result`. A function of a resource is printed as
    /// it stands inside the `resource` block.
    pub(crate) fn function(&self, name: &str, id: FuncTypeId) -> String {
        let function = &self.types[id];
        let (place, _, name) = parse(name);
        let params = function.params.iter().skip(usize::from(place == Place::Method));
        let params: Vec<_> = params.map(|(name, ty)| format!("{}: {}", identifier(name), self.value(*ty))).collect();
        let params = params.join(", ");
        // WIT shows the result of a constructor only if it is a `result`.
        let is_plain = |ty: &ValueType| place == Place::Constructor && matches!(ty, ValueType::Own(_));
        let result = function.result.filter(|ty| !is_plain(ty));
        let result = result.map(|ty| format!(" -> {}", self.value(ty))).unwrap_or_default();
        let form = if function.is_async { "async func" } else { "func" };
        let name = identifier(name);
        match place {
            Place::Constructor => format!("constructor({params}){result}"),
            Place::Static => format!("{name}: static {form}({params}){result}"),
            Place::Method | Place::Interface => format!("{name}: {form}({params}){result}"),
        }
    }

    /// Prints the use of a type: its name if it has one, else its structure.
    pub(crate) fn value(&self, ty: ValueType) -> String {
        match ty {
            ValueType::Primitive(primitive) => primitive.desc().to_owned(),
            ValueType::Own(id) => identifier(&self.types[id].name).into_owned(),
            ValueType::Borrow(id) => format!("borrow<{}>", identifier(&self.types[id].name)),
            ValueType::Defined(id) => match self.name(id) {
                Some(name) => identifier(name).into_owned(),
                None => self.unnamed(&self.types[id]),
            },
        }
    }

    /// Prints a definition, for example `record reply { data: list<u8> }`. If there are many members, only those around
    /// the index `focus` are shown.
    pub(crate) fn definition(&self, name: &str, id: DefinedTypeId, focus: usize) -> String {
        let ty = &self.types[id];
        let Some(mut members) = self.members(ty) else {
            return format!("type {} = {}", identifier(name), self.unnamed(ty));
        };
        if members.len() > MANY {
            // `focus` may come from the other side's definition, which can have more members.
            let focus = focus.min(members.len() - 1);
            let (from, to) = (focus.saturating_sub(1), (focus + 2).min(members.len()));
            let is_cut = [from > 0, to < members.len()].map(|cut| cut.then(|| "…".to_owned()));
            let [before, after] = is_cut;
            members = before.into_iter().chain(members.drain(from..to)).chain(after).collect();
        }
        format!("{} {} {{ {} }}", ty.desc(self.types), identifier(name), members.join(", "))
    }

    /// Prints the members of a record, variant, flags or enum. Returns none for other types.
    fn members(&self, ty: &DefinedType) -> Option<Vec<String>> {
        let held = |ty: &Option<ValueType>| ty.map(|ty| format!("({})", self.value(ty))).unwrap_or_default();
        Some(match ty {
            DefinedType::Record(record) => {
                let fields = record.fields.iter();
                fields.map(|(name, ty)| format!("{}: {}", identifier(name), self.value(*ty))).collect()
            }
            DefinedType::Variant(variant) => {
                variant.cases.iter().map(|(name, ty)| format!("{}{}", identifier(name), held(ty))).collect()
            }
            DefinedType::Flags(names) => names.0.iter().map(|name| identifier(name).into_owned()).collect(),
            DefinedType::Enum(names) => names.0.iter().map(|name| identifier(name).into_owned()).collect(),
            _ => return None,
        })
    }

    fn unnamed(&self, ty: &DefinedType) -> String {
        let of = |word: &str, ty: &Option<ValueType>| match ty {
            Some(ty) => format!("{word}<{}>", self.value(*ty)),
            None => word.to_owned(),
        };
        match ty {
            DefinedType::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|ty| self.value(*ty)).collect();
                format!("tuple<{}>", items.join(", "))
            }
            DefinedType::List(item) => of("list", &Some(*item)),
            DefinedType::FixedSizeList(item, size) => format!("list<{}, {size}>", self.value(*item)),
            DefinedType::Map(key, value) => format!("map<{}, {}>", self.value(*key), self.value(*value)),
            DefinedType::Option(some) => of("option", &Some(*some)),
            DefinedType::Stream(item) => of("stream", item),
            DefinedType::Future(item) => of("future", item),
            DefinedType::Result { ok, err: None } => of("result", ok),
            DefinedType::Result { ok, err: Some(err) } => {
                let ok = ok.map_or_else(|| "_".to_owned(), |ty| self.value(ty));
                format!("result<{ok}, {}>", self.value(*err))
            }
            DefinedType::Alias(ty) => self.value(*ty),
            // In WIT, these types always have a name.
            DefinedType::Record(_) | DefinedType::Variant(_) | DefinedType::Flags(_) | DefinedType::Enum(_) => {
                format!("{} {{ {} }}", ty.desc(self.types), self.members(ty).unwrap_or_default().join(", "))
            }
        }
    }
}

/// Returns the name of an item without annotations: `send`, `client.connect`, or `client` for the constructor of
/// `client`.
pub(crate) fn item(name: &str) -> String {
    match parse(name) {
        (_, Some(resource), function) => format!("{resource}.{function}"),
        (_, None, name) => name.to_owned(),
    }
}

/// Splits a name into where the function is declared, its resource, and its own name.
fn parse(name: &str) -> (Place, Option<&str>, &str) {
    let (place, rest) = match name.strip_prefix('[').and_then(|name| name.split_once(']')) {
        Some(("constructor", resource)) => return (Place::Constructor, None, resource),
        Some((words, rest)) if words.ends_with("method") => (Place::Method, rest),
        Some((words, rest)) if words.ends_with("static") => (Place::Static, rest),
        Some((_, rest)) => (Place::Interface, rest),
        None => (Place::Interface, name),
    };
    match rest.split_once('.') {
        Some((resource, function)) => (place, Some(resource), function),
        None => (Place::Interface, None, rest),
    }
}

/// Returns a name as WIT writes it. A keyword gets a `%` in front.
fn identifier(name: &str) -> Cow<'_, str> {
    let is_keyword = KEYWORDS.split(' ').any(|keyword| keyword == name);
    if is_keyword { Cow::Owned(format!("%{name}")) } else { Cow::Borrowed(name) }
}

/// The keywords of WIT. They are those of `wit-parser`, which does not list them.
const KEYWORDS: &str = "\
    as async bool borrow char constructor enum error-context export f32 f64 flags float32 float64 from func future \
    import include interface list map option own package record resource result s16 s32 s64 s8 static stream string \
    tuple type u16 u32 u64 u8 use variant with world";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        types::component::{Arena, Packages},
        wasm::binary::Binary,
    };
    use std::collections::BTreeSet;
    use wit_component::{
        ComponentEncoder, OutputToString, StringEncoding, WitPrinter, dummy_module, embed_component_metadata,
    };
    use wit_parser::{ManglingAndAbi, Resolve};

    const WIT: &str = "
        package t:t;
        interface all {
          resource %resource {
            constructor(name: string);
            open: static func(%type: list<u8>) -> result<%resource, error>;
            close: func();
            peer: func() -> borrow-free;
            slow: async func(of: tuple<s8, f32>) -> option<string>;
          }
          record borrow-free { peer: option<list<u8>>, %use: char }
          variant error { none, coded(u16), %own(result<u8>) }
          enum colour { red, green }
          flags rights { %from, write }
          type topic = string;
          type topics = list<topic, 3>;
          both: func(a: result, b: result<_, colour>) -> result<u64, rights>;
          lend: func(lent: borrow<%resource>, given: %resource, then: topics);
          wait: async func() -> future<stream<u8>>;
          signal: func(a: future, b: stream) -> bool;
          numbers: func(a: s16, b: u32, c: s64, d: f64, e: s32);
        }
        interface user {
          use all.{%resource as other, error};
          take: func(it: other) -> result<_, error>;
        }
        world w { import all; import user; }
    ";

    /// Each printed line also stands in the output of `wit-component`'s printer.
    #[test]
    fn functions_and_definitions_are_printed_as_wit() {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("t.wit", WIT).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        let bytes = ComponentEncoder::default().module(&module).unwrap().encode().unwrap();

        let mut printer = WitPrinter::new(OutputToString::default());
        printer.print(&resolve, package, &[]).unwrap();
        let wit = printer.output.to_string();
        let words = wit.split_whitespace().collect::<Vec<_>>().join(" ").replace(", }", " }");

        let mut arena = Arena::new();
        let component = arena.add("t.wasm", Binary::own(bytes)).unwrap();
        arena.read(&component).unwrap();
        let Packages { graph, ids, .. } = arena.into_graph([&component]).unwrap();
        let types = graph.types();
        let world = &types[graph[ids[0]].ty()];
        let mut shown = BTreeSet::new();
        for import in world.imports.values() {
            let ItemKind::Instance(id) = *import else { panic!("{import:?}") };
            let text = WitText::new(types, world, *import);
            for (name, kind) in &types[id].exports {
                let is_used = types[id].uses.contains_key(name);
                if !is_used && !matches!(kind, ItemKind::Type(Type::Resource(_))) {
                    shown.insert(text.item(name, *kind));
                }
            }
        }
        assert_eq!(shown.len(), 17, "{shown:?}");
        for line in shown {
            assert!(words.contains(&line), "`{line}` is not in\n{wit}");
        }
    }

    #[test]
    fn a_long_definition_shows_the_members_around_the_focus() {
        let mut types = Types::default();
        let names = |count: u8| (0..count).map(|number| format!("c{number}")).collect();
        let many = types.add_defined_type(DefinedType::Enum(wac_graph::types::Enum(names(9))));
        let few = types.add_defined_type(DefinedType::Enum(wac_graph::types::Enum(names(3))));
        let world = World::default();
        let text = WitText::new(&types, &world, ItemKind::Value(ValueType::Defined(many)));
        assert_eq!(text.definition("e", few, 0), "enum e { c0, c1, c2 }");
        assert_eq!(text.definition("e", many, 4), "enum e { …, c3, c4, c5, … }");
        assert_eq!(text.definition("e", many, 0), "enum e { c0, c1, … }");
        assert_eq!(text.definition("e", many, 12), "enum e { …, c7, c8 }");
    }

    #[test]
    fn items_are_named_without_annotations() {
        for (name, called) in [
            ("send", "send"),
            ("[method]client.connect", "client.connect"),
            ("[static]client.open", "client.open"),
            ("[constructor]client", "client"),
            ("[async method]client.wait", "client.wait"),
        ] {
            assert_eq!(item(name), called);
        }
    }
}
