//! Validates a component's types and wires.

use wasmparser::{
    BinaryReaderError, FuncToValidate, FunctionBody, Parser, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// A function whose body is not validated yet.
pub type Body<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

/// Validates a component's types and wires. A skeleton is enough.
pub fn structure(component: &[u8]) -> Result<(), BinaryReaderError> {
    functions(component).map(drop)
}

/// Validates everything except function bodies, and returns the bodies.
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
