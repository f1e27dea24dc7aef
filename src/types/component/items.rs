//! What is in an interface of a component: its functions and types.

use super::{Arena, ComponentError, Extern};
use crate::types::shape::Signature;
use wac_graph::types::{DefinedType, Interface, ItemKind, Type, ValueType};

impl Arena<'_> {
    /// Returns the names of the interfaces whose types an imported or exported instance uses.
    pub(crate) fn uses(&self, item: &Extern) -> Result<Vec<String>, ComponentError> {
        let kind = self.kind(item)?;
        let graph = self.graph.borrow();
        let types = graph.types();
        let ItemKind::Instance(id) = kind else { return Ok(Vec::new()) };
        Ok(types[id].uses.values().filter_map(|used| types[used.interface].id.clone()).collect())
    }

    /// Returns whether an interface has a function of this name.
    pub(crate) fn has_function(&self, interface: &Extern, name: &str) -> Result<bool, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let ItemKind::Instance(id) = kind else { return Ok(false) };
        Ok(matches!(graph.types()[id].exports.get(name), Some(ItemKind::Func(_))))
    }

    /// Returns whether every function of an interface is in `functions` or belongs to a resource.
    pub(crate) fn has_only(&self, interface: &Extern, functions: &[String]) -> Result<bool, ComponentError> {
        let own = self.functions(interface)?;
        Ok(own.iter().all(|(name, _)| name.starts_with('[') || functions.contains(name)))
    }

    /// Returns whether an import or export is a type. A component imports the types of its exported functions, and they
    /// say themselves what they are.
    pub(crate) fn is_type(&self, item: &Extern) -> Result<bool, ComponentError> {
        Ok(matches!(self.kind(item)?, ItemKind::Type(_)))
    }

    /// Returns the names of an interface's functions, those of resources included.
    pub(crate) fn function_names(&self, interface: &Extern) -> Result<Vec<String>, ComponentError> {
        self.names(interface, |kind| matches!(kind, ItemKind::Func(_)))
    }

    /// Returns the names of an interface's types.
    pub(crate) fn type_names(&self, interface: &Extern) -> Result<Vec<String>, ComponentError> {
        self.names(interface, |kind| matches!(kind, ItemKind::Type(_)))
    }

    fn names(&self, interface: &Extern, wanted: fn(&ItemKind) -> bool) -> Result<Vec<String>, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let ItemKind::Instance(id) = kind else { return Ok(Vec::new()) };
        let items = graph.types()[id].exports.iter().filter(|(_, kind)| wanted(kind));
        Ok(items.map(|(name, _)| name.clone()).collect())
    }

    /// Returns whether an interface defines a resource, rather than using those of others.
    pub(crate) fn has_own_resources(&self, interface: &Extern) -> Result<bool, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let ItemKind::Instance(id) = kind else { return Ok(false) };
        let Interface { uses, exports, .. } = &graph.types()[id];
        let is_own = |(name, kind): (&String, &ItemKind)| {
            matches!(kind, ItemKind::Type(Type::Resource(_))) && !uses.contains_key(name)
        };
        Ok(exports.iter().any(is_own))
    }

    /// Returns whether a function of an interface takes or returns a resource. If its type cannot be read, it may.
    pub(crate) fn has_resource(&self, interface: &Extern, function: &str) -> bool {
        let Ok(ItemKind::Instance(id)) = self.kind(interface) else { return true };
        let graph = self.graph.borrow();
        let types = graph.types();
        let Some(ItemKind::Func(id)) = types[id].exports.get(function) else { return true };
        let mut open: Vec<_> = types[*id].params.values().chain(&types[*id].result).copied().collect();
        while let Some(ty) = open.pop() {
            let ValueType::Defined(id) = ty else {
                if matches!(ty, ValueType::Own(_) | ValueType::Borrow(_)) {
                    return true;
                }
                continue;
            };
            match &types[id] {
                DefinedType::Tuple(of) => open.extend(of),
                DefinedType::List(of)
                | DefinedType::FixedSizeList(of, _)
                | DefinedType::Option(of)
                | DefinedType::Alias(of) => open.push(*of),
                DefinedType::Map(key, value) => open.extend([*key, *value]),
                DefinedType::Result { ok, err } => open.extend(ok.iter().chain(err)),
                DefinedType::Variant(of) => open.extend(of.cases.values().flatten()),
                DefinedType::Record(of) => open.extend(of.fields.values()),
                DefinedType::Stream(of) | DefinedType::Future(of) => open.extend(of),
                DefinedType::Flags(_) | DefinedType::Enum(_) => {}
            }
        }
        false
    }

    /// Returns the functions of an interface, each with whether it is async.
    pub(crate) fn functions(&self, interface: &Extern) -> Result<Vec<(String, bool)>, ComponentError> {
        let signatures = self.signatures(interface)?;
        Ok(signatures.into_iter().map(|signature| (signature.function, signature.is_async)).collect())
    }

    /// Returns the functions of an interface. Returns none for anything but an interface.
    pub(crate) fn signatures<'i>(&self, interface: &'i Extern) -> Result<Vec<Signature<'i>>, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let types = graph.types();
        let (ItemKind::Instance(id), Some(interface)) = (kind, interface.name.interface()) else {
            return Ok(Vec::new());
        };
        let is_option =
            |ty: ValueType| matches!(ty, ValueType::Defined(id) if matches!(types[id], DefinedType::Option(_)));
        let signature = |(name, kind): (&String, &ItemKind)| {
            let ItemKind::Func(id) = kind else { return None };
            let function = &types[*id];
            Some(Signature {
                interface,
                function: name.clone(),
                is_async: function.is_async,
                parameters: function.params.len(),
                is_optional: function.result.is_some_and(is_option),
            })
        };
        Ok(types[id].exports.iter().filter_map(signature).collect())
    }
}
