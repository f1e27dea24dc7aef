//! The memory module of a part: the crate `memory`, with what depends on the part.

use super::{
    core_module::{CoreModule, Export, Segment},
    dropped::putting_on_the_list,
    layout::{DROPPED, MEMORY_STACK, STACK},
};
use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::{BlockType, EntityType, ExportKind, Function, InstructionSink, MemArg, ValType};
use wasmparser::{BinaryReader, FunctionBody, Operator, ValType::I32};

/// Names of what it exports.
pub const MEMORY: &str = "memory";
pub const REALLOC: &str = "cabi_realloc";
const ALLOCATE: &str = "allocate";
const RELEASE: &str = "release";
/// The function of `wasi:config/store` that parts call.
pub const GET_ALL: &str = "get-all";

/// The custom section that marks a module whose last two data segments are the number of options, and the options.
pub const OPTIONS: &str = "msgcompose:options";

/// The name of the destructor of this number.
pub fn destructor(number: usize) -> String {
    format!("drop-{number}")
}

/// What a part needs of its memory module.
pub struct Wants {
    /// The end of the main module's data.
    pub heap_base: i32,
    /// Pages of the memory.
    pub pages: u64,
    /// The number of destructors.
    pub destructors: usize,
    /// Whether it holds the options.
    pub options: bool,
}

/// Makes a part's memory module of the built crate.
pub fn memory_module(built: &[u8], wants: &Wants) -> Result<Vec<u8>> {
    let mut module = CoreModule::read(built)?;
    check(&module)?;
    module.custom.retain(|(name, _)| *name == "name");
    module.exports.retain(|export| [MEMORY, REALLOC, ALLOCATE, RELEASE].contains(&export.name.as_str()));
    // The only import is a function of the linker's knowledge; it becomes the first function.
    let [import] = module.imports[..] else { bail!("the memory module imports something else than `heap-base`") };
    let EntityType::Function(ty) = import.ty else { bail!("`heap-base` is no function") };
    module.imports.clear();
    let mut heap_base = Function::new([]);
    heap_base.instructions().i32_const(wants.heap_base).end();
    module.functions.insert(0, ty);
    module.bodies.insert(0, heap_base.into_raw_body());
    let memory = module.memory.as_mut().context("the memory module has a memory")?;
    memory.minimum = wants.pages;
    let allocate = module.exported(ALLOCATE).context("the memory module allocates")?;
    for number in 0..wants.destructors {
        let index = module.add(&[I32], &[], putting_on_the_list(number, allocate));
        module.exports.push(Export { name: destructor(number), kind: ExportKind::Func, index });
    }
    if wants.options {
        let index = module.add(&[I32], &[], get_all(allocate));
        module.exports.push(Export { name: GET_ALL.to_owned(), kind: ExportKind::Func, index });
        let number = 0u32.to_le_bytes().to_vec();
        module.data = [number, Vec::new()].map(|bytes| Segment { place: None, bytes }).to_vec();
        module.custom.push((OPTIONS, &[]));
    }
    Ok(module.write())
}

/// Refuses a module that would write elsewhere than in its place.
fn check(module: &CoreModule<'_>) -> Result<()> {
    ensure!(module.data.is_empty() && module.start.is_none(), "the memory module has data");
    let end = module.exported("__heap_base").and_then(|global| module.constant_global(global));
    let end = end.context("the memory module says where its data ends")?;
    ensure!(end <= DROPPED.cast_signed(), "the memory module has data up to {end}");
    // What a function takes of the stack is subtracted from the first global.
    let mut taken = 0;
    for body in &module.bodies {
        let operators = FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader()?;
        let operators = operators.into_iter().collect::<Result<Vec<_>, _>>()?;
        for three in operators.windows(3) {
            if let [Operator::GlobalGet { global_index: 0 }, Operator::I32Const { value }, Operator::I32Sub] = three {
                taken += value;
            }
        }
    }
    let room = (MEMORY_STACK - STACK).cast_signed();
    ensure!(taken <= room, "the memory module takes {taken} bytes of the stack, and has {room}");
    Ok(())
}

/// `get-all` of `wasi:config/store`, as the canonical ABI lowers it: `(address of the result)`.
///
/// The options' segment has 16 bytes for each: where its name is in the segment, how long that is, and the same of its
/// value. Each text is copied to a place of its own, as the main module frees each.
fn get_all(allocate: u32) -> Function {
    const COUNT: u32 = 0;
    const IMAGE: u32 = 1;
    const PAIR: i32 = 16;
    const TEXT: i32 = 8;
    const RESULT: u32 = 0;
    const LIST: u32 = 1;
    const END: u32 = 2;
    const AT: u32 = 3;
    const PLACE: u32 = 4;

    let word = |offset| MemArg { offset, align: 2, memory_index: 0 };
    let mut function = Function::new([(4, ValType::I32)]);
    let code = &mut function.instructions();
    // It is no error, and a list of so many.
    code.local_get(RESULT).i32_const(0).i32_store(word(0));
    code.local_get(RESULT).i32_const(8).i32_add().i32_const(0).i32_const(4).memory_init(0, COUNT);
    code.local_get(RESULT).i32_const(4).i32_store(word(4));
    code.local_get(RESULT).i32_load(word(8)).i32_const(PAIR).i32_mul().local_tee(END);
    code.if_(BlockType::Empty);
    let allocate_or_trap = |code: &mut InstructionSink<'_>, place| {
        code.call(allocate).local_tee(place).i32_eqz().if_(BlockType::Empty).unreachable().end();
    };
    code.local_get(END).i32_const(4);
    allocate_or_trap(code, LIST);
    code.local_get(RESULT).local_get(LIST).i32_store(word(4));
    code.local_get(LIST).i32_const(0).local_get(END).memory_init(0, IMAGE);
    code.local_get(LIST).local_tee(AT).local_get(END).i32_add().local_set(END);
    code.loop_(BlockType::Empty);
    // An empty text has no memory of its own.
    code.i32_const(1).local_set(PLACE);
    code.local_get(AT).i32_load(word(4)).if_(BlockType::Empty);
    code.local_get(AT).i32_load(word(4)).i32_const(1);
    allocate_or_trap(code, PLACE);
    code.local_get(PLACE).local_get(AT).i32_load(word(0)).local_get(AT).i32_load(word(4)).memory_init(0, IMAGE);
    code.end();
    code.local_get(AT).local_get(PLACE).i32_store(word(0));
    code.local_get(AT).i32_const(TEXT).i32_add().local_tee(AT).local_get(END).i32_lt_u().br_if(0);
    code.end().end().end();
    function
}
