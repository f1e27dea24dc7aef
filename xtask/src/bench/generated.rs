//! Makes a guest larger, by code that nobody calls.

use wasm_encoder::{CodeSection, Component, Function, FunctionSection, Module, ModuleSection, TypeSection, ValType};

/// The instructions of a generated function, in fours.
const STEPS: i32 = 500;

/// Returns a component with one more core module, of about so many bytes. No instance is made of the module.
pub fn enlarged(component: &[u8], bytes: usize) -> Vec<u8> {
    let mut function = Function::new([]);
    for step in 0..STEPS {
        // Of the same length each, so that the size is what was asked for.
        function.instructions().local_get(0).i32_const(step + (1 << 20)).i32_add().local_set(0);
    }
    function.instructions().local_get(0).end();
    let mut one = CodeSection::new();
    one.function(&function);
    let count = bytes / one.byte_len();
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([ValType::I32], [ValType::I32]);
    for _ in 0..count {
        functions.function(0);
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    let mut added = Component::new();
    added.section(&ModuleSection(&module));
    // A component without its preamble is a list of sections.
    [component, &added.as_slice()[Component::HEADER.len()..]].concat()
}

#[cfg(test)]
mod tests {
    use super::enlarged;
    use crate::root;
    use wasmparser::{Validator, WasmFeatures};

    #[test]
    fn a_generated_guest_is_valid_and_as_large_as_asked_for() {
        let guest = std::fs::read(root().join("fixtures/prebuilt/probe.wasm")).unwrap();
        let large = enlarged(&guest, 3_000_000);
        assert!((2_900_000..3_200_000).contains(&(large.len() - guest.len())), "{} bytes", large.len());
        Validator::new_with_features(WasmFeatures::all()).validate_all(&large).unwrap();
    }
}
