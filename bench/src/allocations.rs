//! Counts the allocations of an adapter's parts. The function of each that allocates gets instructions that no part has
//! otherwise, and the engine counts how often they are executed: as fuel, where no other instruction costs any. Entering a
//! function always costs 1, so what a mark costs is far more.

use std::collections::BTreeMap;
use wasmparser::{BinaryReader, FunctionBody, Parser, Payload, TypeRef};
use wasmtime::{OperatorCost, Result, VariableOperatorCost, ensure, error::Context};

/// What an allocation costs, and so what one call must enter fewer functions than.
const WEIGHT: u64 = STEPS as u64 * COST as u64;

/// The instructions of a mark, and what each costs.
const STEPS: u8 = 250;
const COST: u8 = 250;

const PREAMBLE: usize = 8;
const COMPONENT: [u8; 4] = [0x0d, 0, 1, 0];

/// The sections of a component that hold core modules and components, and that of a core module which holds code.
const NESTED: [u8; 2] = [1, 4];
const CODE: u8 = 10;

/// Returns what instructions cost: only the mark costs anything.
pub fn costs() -> OperatorCost {
    let mut costs = OperatorCost::new();
    macro_rules! nothing {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            $(costs.$op = 0;)*
        };
    }
    wasmparser::for_each_operator!(nothing);
    costs.F64Nearest = COST;
    costs.variable = VariableOperatorCost {
        memory_copy_per_byte: 0,
        memory_fill_per_byte: 0,
        memory_init_per_byte: 0,
        memory_grow_per_page: 0,
        table_copy_per_element: 0,
        table_fill_per_element: 0,
        table_init_per_element: 0,
        table_grow_per_element: 0,
        array_copy_per_element: 0,
        array_fill_per_element: 0,
        array_new_data_per_element: 0,
        array_init_data_per_element: 0,
        array_new_elem_per_element: 0,
        array_init_elem_per_element: 0,
        array_new_default_per_element: 0,
        array_new_per_element: 0,
    };
    costs
}

/// Returns the allocations in some fuel that one call used.
pub fn count(fuel: u64) -> Result<u64> {
    let (allocations, entered) = (fuel / WEIGHT, fuel % WEIGHT);
    ensure!(entered < WEIGHT / 2, "a call enters too many functions to count its allocations");
    Ok(allocations)
}

/// Returns a component whose allocating functions are marked.
pub fn marked(component: &[u8]) -> Result<Vec<u8>> {
    let mut marks = 0;
    let marked = rewrite(component, &mut marks)?;
    ensure!(marks > 0, "no part allocates");
    Ok(marked)
}

/// Marks a component or a core module, and all in it.
fn rewrite(binary: &[u8], marks: &mut usize) -> Result<Vec<u8>> {
    let (preamble, rest) = binary.split_at_checked(PREAMBLE).context("it is cut off")?;
    let is_component = preamble[4..] == COMPONENT;
    let allocator = if is_component { None } else { allocator(binary)? };
    let (mut written, mut reader) = (preamble.to_vec(), BinaryReader::new(rest, 0));
    while !reader.eof() {
        let id = reader.read_u8()?;
        let data = sized(&mut reader)?;
        let data = match id {
            id if is_component && NESTED.contains(&id) => rewrite(data, marks)?,
            CODE if !is_component => mark(data, allocator, marks)?,
            _ => data.to_vec(),
        };
        written.push(id);
        write(&mut written, &data)?;
    }
    Ok(written)
}

/// Returns the function that allocates, by its place among the bodies, if this is the memory module of a part.
fn allocator(module: &[u8]) -> Result<Option<u32>> {
    let (mut imported, mut exported) = (0, BTreeMap::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    exported.insert(export.name, export.index);
                }
            }
            _ => {}
        }
    }
    let is_memory_module = ["memory", "allocate", "release"].iter().all(|name| exported.contains_key(name));
    let allocates = exported.get("allocate").filter(|_| is_memory_module);
    Ok(allocates.map(|index| index - imported))
}

/// Puts the mark at the beginning of a body of a code section.
fn mark(code: &[u8], function: Option<u32>, marks: &mut usize) -> Result<Vec<u8>> {
    let mut reader = BinaryReader::new(code, 0);
    let count = reader.read_var_u32()?;
    // `f64.const 0`, `f64.nearest` again and again, `drop`.
    let mark = [&[0x44, 0, 0, 0, 0, 0, 0, 0, 0], &[0x9e; STEPS as usize][..], &[0x1a]].concat();
    let mut written = Vec::new();
    write_number(&mut written, count);
    for at in 0..count {
        let body = sized(&mut reader)?;
        if function == Some(at) {
            let operators = FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader()?;
            let (locals, instructions) = body.split_at(operators.original_position());
            write(&mut written, &[locals, &mark, instructions].concat())?;
            *marks += 1;
        } else {
            write(&mut written, body)?;
        }
    }
    Ok(written)
}

/// Reads bytes that follow their number.
fn sized<'a>(reader: &mut BinaryReader<'a>) -> Result<&'a [u8]> {
    let size = reader.read_var_u32()?;
    Ok(reader.read_bytes(usize::try_from(size)?)?)
}

/// Writes bytes behind their number.
fn write(to: &mut Vec<u8>, data: &[u8]) -> Result<()> {
    write_number(to, u32::try_from(data.len())?);
    to.extend_from_slice(data);
    Ok(())
}

fn write_number(to: &mut Vec<u8>, mut number: u32) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return to.push(low);
        }
        to.push(low | 0x80);
    }
}
