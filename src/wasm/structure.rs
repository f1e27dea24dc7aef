//! Validates the types and the wiring of a component.

use wasmparser::{
    BinaryReaderError, FuncToValidate, FunctionBody, Parser, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// A function whose body is not validated yet.
pub type Body<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// Validates the types and the wiring of a component, of which a skeleton will do.
pub fn structure(component: &[u8]) -> Result<(), BinaryReaderError> {
    functions(component).map(drop)
}

/// Validates everything but the bodies of functions, and gives those.
pub fn functions(wasm: &[u8]) -> Result<Vec<Body<'_>>, BinaryReaderError> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            bodies.push((function, body));
        }
    }
    Ok(bodies)
}
