//! Finds the functions of `wasi:messaging` in a component and in all that are nested in it, by the types that validation
//! finds.

use crate::{
    common::panic_message,
    types::{component::ComponentError, dialect::Dialect, interface::InterfaceId, shape::Signature},
    wasm::spaces::{How, Label, Scope},
};
use std::panic::catch_unwind;
use wasmparser::{
    BinaryReaderError, ComponentExternalKind as Kind, Encoding, Parser, Payload, ValidPayload, Validator, WasmFeatures,
    component_types::{ComponentDefinedType, ComponentEntityType, ComponentFuncType, ComponentItem, ComponentValType},
    types::Types,
};

/// A function of an interface that a component imports or exports.
#[derive(Debug)]
pub(super) struct Function<'a> {
    /// The component, by its place among all.
    pub component: usize,
    /// The name of the interface, as it is imported or exported.
    pub label: Label<'a>,
    /// The interface.
    pub interface: InterfaceId,
    /// Its name.
    pub name: String,
    /// Whether it is async.
    pub is_async: bool,
    /// The number of its parameters.
    pub parameters: usize,
    /// Whether its result is an `option`.
    pub is_optional: bool,
}

impl Function<'_> {
    /// Returns what tells shapes of messaging apart.
    pub fn signature(&self) -> Signature<'_> {
        Signature {
            interface: &self.interface,
            function: self.name.clone(),
            is_async: self.is_async,
            parameters: self.parameters,
            is_optional: self.is_optional,
        }
    }

    /// Returns its name with that of its interface.
    pub fn full_name(&self) -> String {
        format!("{}#{}", self.interface, self.name)
    }
}

/// Validates a component, and returns all its functions of `wasi:messaging` in the version that has dialects, in the order
/// of `scopes`. A skeleton of the component is enough. `name` is for errors.
pub(super) fn functions<'a>(
    name: &str,
    component: &[u8],
    scopes: &[Scope<'a>],
) -> Result<Vec<Function<'a>>, ComponentError> {
    let types = match catch_unwind(|| types(component)) {
        Ok(Ok(types)) => types,
        Ok(Err(source)) => return Err(ComponentError::Invalid { name: name.to_owned(), source: source.into() }),
        Err(panic) => {
            return Err(ComponentError::Panicked { name: name.to_owned(), message: panic_message(&*panic) });
        }
    };
    let mut functions = Vec::new();
    for (place, (scope, types)) in scopes.iter().zip(&types).enumerate() {
        let instances = scope.definitions.iter().filter(|made| matches!(made.item, Some((Kind::Instance, _))));
        for instance in instances {
            let label = match instance.how {
                How::Import { name, .. } => Label::Import(name),
                How::Export { name, .. } => Label::Export(name),
                _ => continue,
            };
            functions.extend(interface(place, label, types).into_iter().flatten());
        }
    }
    Ok(functions)
}

/// Returns the types of each component. A component comes before the one that it is nested in.
fn types(component: &[u8]) -> Result<Vec<Types>, BinaryReaderError> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let (mut types, mut components) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        if let Payload::Version { encoding, .. } = payload {
            components.push(encoding == Encoding::Component);
        }
        if let ValidPayload::End(ended) = validator.payload(&payload)?
            && components.pop() == Some(true)
        {
            types.push(ended);
        }
    }
    Ok(types)
}

/// Returns the functions of an interface, if it is one of messaging.
fn interface<'a>(component: usize, label: Label<'a>, types: &Types) -> Option<Vec<Function<'a>>> {
    let (name, item) = match label {
        Label::Import(name) => (name, types.component_item_for_import(name)?),
        Label::Export(name) => (name, types.component_item_for_export(name)?),
    };
    let interface: InterfaceId = item.implements.as_deref().unwrap_or(name).parse().ok()?;
    let ComponentEntityType::Instance(instance) = item.ty else { return None };
    if !Dialect::is_of(&interface) {
        return None;
    }
    let function = |(name, item): (&String, &ComponentItem)| {
        let ComponentEntityType::Func(function) = item.ty else { return None };
        let ComponentFuncType { async_: is_async, params, result, .. } = &types[function];
        let is_option = |ty: &ComponentValType| matches!(ty, ComponentValType::Type(id) if matches!(types[*id], ComponentDefinedType::Option { .. }));
        Some(Function {
            component,
            label,
            interface: interface.clone(),
            name: name.clone(),
            is_async: *is_async,
            parameters: params.len(),
            is_optional: result.as_ref().is_some_and(is_option),
        })
    };
    Some(types[instance].exports.iter().filter_map(function).collect())
}
