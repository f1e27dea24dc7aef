//! Compares an export with an import of the same name, and finds where they first differ.
//!
//! The type checker of wac decides whether the two fit; this module only finds what to show. Functions come first,
//! because users know them best. If a function names a type that differs, the type is shown with it.

use crate::types::{
    difference::Found,
    wit_text::{WitText, item},
};
use wac_graph::types::{DefinedType, DefinedTypeId, FuncTypeId, ItemKind, ResourceId, Type, Types, ValueType};

/// How two types differ.
struct Mismatch {
    what: String,
    /// If a type definition differs: the definition of the import, then of the export.
    definitions: Option<[String; 2]>,
}

impl Mismatch {
    fn plain(what: String) -> Self {
        Self { what, definitions: None }
    }
}

/// Two types to compare, with the names around them. The export comes first, as in wac's checker.
pub(crate) struct Comparison<'a> {
    pub(crate) types: &'a Types,
    pub(crate) export: WitText<'a>,
    pub(crate) import: WitText<'a>,
}

impl Comparison<'_> {
    /// Returns the first difference, or none if no difference can be shown.
    pub(crate) fn first(&self, name: &str, export: ItemKind, import: ItemKind) -> Option<Found> {
        let (ItemKind::Instance(exports), ItemKind::Instance(imports)) = (export, import) else {
            return self.item(name, Some(export), import);
        };
        let exports = &self.types[exports].exports;
        let mut wanted: Vec<_> = self.types[imports].exports.iter().collect();
        // If a resource is missing, its functions are missing too. Report the resource.
        wanted.sort_by_key(|(_, kind)| match kind {
            ItemKind::Type(Type::Resource(_)) => 0,
            ItemKind::Func(_) => 1,
            _ => 2,
        });
        wanted.into_iter().find_map(|(name, import)| self.item(name, exports.get(name).copied(), *import))
    }

    fn item(&self, name: &str, export: Option<ItemKind>, import: ItemKind) -> Option<Found> {
        let subject = format!("`{}`", item(name));
        let mismatch = match (export, import) {
            (None, _) => Mismatch::plain(format!("{} {subject} is missing", import.desc(self.types))),
            (Some(ItemKind::Func(export)), ItemKind::Func(import)) => self.function(&subject, export, import)?,
            (Some(ItemKind::Type(Type::Value(export))), ItemKind::Type(Type::Value(import))) => {
                self.value(&subject, export, import)?
            }
            (Some(export), import) => {
                let (own, wanted) = (export.desc(self.types), import.desc(self.types));
                if own == wanted {
                    return None;
                }
                Mismatch::plain(format!("{subject} is a {own}, not a {wanted}"))
            }
        };
        let (mut imports, mut exports) = (vec![self.import.item(name, import)], Vec::new());
        exports.extend(export.map(|export| self.export.item(name, export)));
        match mismatch.definitions {
            // The item is itself the definition that differs.
            Some([imported, exported]) if matches!(import, ItemKind::Type(_)) => {
                (imports, exports) = (vec![imported], vec![exported]);
            }
            definitions => {
                let [imported, exported] = definitions.map_or([None, None], |both| both.map(Some));
                imports.extend(imported);
                exports.extend(exported);
            }
        }
        Some(Found { item: item(name), what: mismatch.what, imports, exports })
    }

    fn function(&self, subject: &str, export: FuncTypeId, import: FuncTypeId) -> Option<Mismatch> {
        let (export, import) = (&self.types[export], &self.types[import]);
        if export.is_async != import.is_async {
            let form = |is_async| if is_async { "async" } else { "sync" };
            let (own, wanted) = (form(export.is_async), form(import.is_async));
            return Some(Mismatch::plain(format!("{subject} is {own}, not {wanted}")));
        }
        let (own, wanted) = (export.params.len(), import.params.len());
        if own != wanted {
            let noun = if own == 1 { "parameter" } else { "parameters" };
            return Some(Mismatch::plain(format!("{subject} has {own} {noun}, not {wanted}")));
        }
        for ((own, export), (wanted, import)) in export.params.iter().zip(&import.params) {
            if own != wanted {
                return Some(Mismatch::plain(format!("{subject} has parameter `{own}` where `{wanted}` is wanted")));
            }
            if let Some(mismatch) = self.value(&format!("parameter `{own}` of {subject}"), *export, *import) {
                return Some(mismatch);
            }
        }
        match (export.result, import.result) {
            (None, None) => None,
            (Some(export), Some(import)) => self.value(&format!("the result of {subject}"), export, import),
            (Some(_), None) => Some(Mismatch::plain(format!("{subject} has a result, where none is wanted"))),
            (None, Some(_)) => Some(Mismatch::plain(format!("{subject} has no result"))),
        }
    }

    /// Compares two types. `subject` is the thing that has the type, as it stands in messages.
    fn value(&self, subject: &str, export: ValueType, import: ValueType) -> Option<Mismatch> {
        let is_same = |own, wanted| self.resource(own) == self.resource(wanted);
        let pair = (self.types.resolve_value_type(export), self.types.resolve_value_type(import));
        match pair {
            (ValueType::Primitive(own), ValueType::Primitive(wanted)) if own == wanted => return None,
            (ValueType::Own(own), ValueType::Own(wanted)) if is_same(own, wanted) => return None,
            (ValueType::Borrow(own), ValueType::Borrow(wanted)) if is_same(own, wanted) => return None,
            (ValueType::Defined(own), ValueType::Defined(wanted)) => {
                let mismatch = self.defined(own, wanted)?;
                if mismatch.definitions.is_some() {
                    return Some(mismatch);
                }
            }
            _ => {}
        }
        let (own, wanted) = (self.export.value(export), self.import.value(import));
        if own != wanted {
            return Some(Mismatch::plain(format!("{subject} is `{own}`, not `{wanted}`")));
        }
        // Both have the same name, but different definitions.
        let definitions = match (import, export) {
            (ValueType::Defined(import), ValueType::Defined(export)) => {
                Some([self.import.definition(&wanted, import, 0), self.export.definition(&own, export, 0)])
            }
            _ => None,
        };
        Some(Mismatch { what: format!("`{own}` is defined otherwise"), definitions })
    }

    fn resource(&self, id: ResourceId) -> &str {
        &self.types[self.types.resolve_resource(id)].name
    }

    /// Compares two type definitions. If the result has no `definitions`, the caller words the difference.
    fn defined(&self, own: DefinedTypeId, wanted: DefinedTypeId) -> Option<Mismatch> {
        let unnamed = || Mismatch::plain(String::new());
        let all = |pairs: Vec<(ValueType, ValueType)>| {
            let mut mismatches = pairs.into_iter().filter_map(|(own, wanted)| self.value("it", own, wanted));
            mismatches.next()
        };
        let maybe = |own: &Option<ValueType>, wanted: &Option<ValueType>| match (own, wanted) {
            (Some(own), Some(wanted)) => Ok(Some((*own, *wanted))),
            (None, None) => Ok(None),
            _ => Err(unnamed()),
        };
        let optional = |pairs: &[(&Option<ValueType>, &Option<ValueType>)]| {
            let pairs: Result<Vec<_>, _> = pairs.iter().map(|(own, wanted)| maybe(own, wanted)).collect();
            match pairs {
                Ok(pairs) => all(pairs.into_iter().flatten().collect()),
                Err(mismatch) => Some(mismatch),
            }
        };
        match (&self.types[own], &self.types[wanted]) {
            (DefinedType::List(own), DefinedType::List(wanted))
            | (DefinedType::Option(own), DefinedType::Option(wanted)) => all(vec![(*own, *wanted)]),
            (DefinedType::FixedSizeList(own, size), DefinedType::FixedSizeList(wanted, other)) if size == other => {
                all(vec![(*own, *wanted)])
            }
            (DefinedType::Map(key, value), DefinedType::Map(other, wanted)) => {
                all(vec![(*key, *other), (*value, *wanted)])
            }
            (DefinedType::Tuple(own), DefinedType::Tuple(wanted)) if own.len() == wanted.len() => {
                all(own.iter().copied().zip(wanted.iter().copied()).collect())
            }
            (DefinedType::Stream(own), DefinedType::Stream(wanted))
            | (DefinedType::Future(own), DefinedType::Future(wanted)) => optional(&[(own, wanted)]),
            (DefinedType::Result { ok, err }, DefinedType::Result { ok: other, err: wanted }) => {
                optional(&[(ok, other), (err, wanted)])
            }
            (own_type, wanted_type) => match (members(own_type), members(wanted_type)) {
                (Some(members), Some(others)) if own_type.desc(self.types) == wanted_type.desc(self.types) => {
                    self.members((own, &members), (wanted, &others))
                }
                _ => Some(unnamed()),
            },
        }
    }

    /// Compares two definitions of the same kind by their members.
    fn members(
        &self,
        (own, exported): (DefinedTypeId, &[Member<'_>]),
        (wanted, imported): (DefinedTypeId, &[Member<'_>]),
    ) -> Option<Mismatch> {
        let kind = self.types[own].desc(self.types);
        let noun = match kind {
            "record" => "field",
            "flags" => "flag",
            _ => "case",
        };
        let name = self.import.name(wanted).or(self.export.name(own)).unwrap_or("_");
        let lacks = |members: &[Member<'_>], name: &str| members.iter().all(|(other, _)| *other != name);
        let mismatch = |focus, what: String| {
            let own_name = self.export.name(own).unwrap_or(name);
            let definitions =
                [self.import.definition(name, wanted, focus), self.export.definition(own_name, own, focus)];
            Some(Mismatch { what, definitions: Some(definitions) })
        };
        if let Some((at, (member, _))) = imported.iter().enumerate().find(|(_, (name, _))| lacks(exported, name)) {
            return mismatch(at, format!("{kind} `{name}` has no {noun} `{member}`"));
        }
        if let Some((at, (member, _))) = exported.iter().enumerate().find(|(_, (name, _))| lacks(imported, name)) {
            return mismatch(at, format!("{kind} `{name}` has a {noun} `{member}` more"));
        }
        for (at, ((member, export), (other, import))) in exported.iter().zip(imported).enumerate() {
            if member != other {
                return mismatch(at, format!("{kind} `{name}` has {noun} `{member}` where `{other}` is wanted"));
            }
            let place = format!("{noun} `{member}` of {kind} `{name}`");
            let what = match (export, import) {
                (None, None) => continue,
                (Some(own), None) => format!("{place} holds `{}`, not nothing", self.export.value(*own)),
                (None, Some(wanted)) => format!("{place} holds nothing, not `{}`", self.import.value(*wanted)),
                (Some(own), Some(wanted)) => match self.value(&place, *own, *wanted) {
                    None => continue,
                    Some(deeper) if deeper.definitions.is_some() => return Some(deeper),
                    Some(Mismatch { what, .. }) => what,
                },
            };
            return mismatch(at, what);
        }
        None
    }
}

/// A field, case or flag, with its type.
type Member<'a> = (&'a str, Option<ValueType>);

/// Returns the members of a record, variant, flags or enum. Returns none for other types.
fn members(ty: &DefinedType) -> Option<Vec<Member<'_>>> {
    Some(match ty {
        DefinedType::Record(record) => record.fields.iter().map(|(name, ty)| (name.as_str(), Some(*ty))).collect(),
        DefinedType::Variant(variant) => variant.cases.iter().map(|(name, ty)| (name.as_str(), *ty)).collect(),
        DefinedType::Flags(names) => names.0.iter().map(|name| (name.as_str(), None)).collect(),
        DefinedType::Enum(names) => names.0.iter().map(|name| (name.as_str(), None)).collect(),
        _ => return None,
    })
}
