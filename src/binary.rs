//! The first stage: bytes become a component, whatever form they came in, or an error that says what they are instead.

use crate::{
    error::DynError,
    skeleton::{SectionError, skeleton},
};
use std::borrow::Cow;
use wasmparser::{BinaryReaderError, Parser, Payload};
use wit_component::ComponentEncoder;

const MAGIC: &[u8] = b"\0asm";

/// A component's bytes, and their [skeleton](mod@crate::skeleton).
#[derive(Debug)]
pub struct Binary<'a> {
    /// The whole component.
    pub bytes: Cow<'a, [u8]>,
    /// Its types.
    pub skeleton: Vec<u8>,
}

/// Why bytes are not a component.
#[derive(Debug, thiserror::Error)]
pub enum BinaryError {
    /// There are none.
    #[error("`{name}` is empty")]
    Empty {
        /// The file.
        name: String,
    },
    /// They are WebAssembly's text format.
    #[error("`{name}` is WebAssembly text, and a binary is needed")]
    Text {
        /// The file.
        name: String,
    },
    /// They are something else.
    #[error("`{name}` is not WebAssembly: it begins with `{start}`, not with `{}`", MAGIC.escape_ascii())]
    NotWasm {
        /// The file.
        name: String,
        /// Its first bytes, escaped.
        start: String,
    },
    /// They begin as WebAssembly, but do not go on so.
    #[error("`{name}` is truncated or damaged")]
    Damaged {
        /// The file.
        name: String,
        /// Where the parser gave up.
        #[source]
        source: SectionError,
    },
    /// They are a core module that does not say which component it is to become.
    #[error("`{name}` is a core module without a component type")]
    NoComponentType {
        /// The file.
        name: String,
    },
    /// They are a core module for the first preview of WASI.
    #[error("`{name}` is a core module for WASI preview 1: it imports `{import}`")]
    Preview1 {
        /// The file.
        name: String,
        /// The module name of the import.
        import: String,
    },
    /// They are a core module that does not fit its component type.
    #[error("core module `{name}` cannot become the component that its type describes")]
    NotEncodable {
        /// The file.
        name: String,
        /// The encoder's word.
        #[source]
        source: DynError,
    },
}

impl BinaryError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            BinaryError::Empty { .. } => "has the build that makes it failed?".into(),
            BinaryError::Text { name } => format!("make one with `wasm-tools parse {name} -o guest.wasm`"),
            BinaryError::NoComponentType { .. } => "build it for a component target (Rust: `--target wasm32-wasip2`), \
                 or give it its world with `wasm-tools component embed`"
                .into(),
            BinaryError::Preview1 { name, .. } => format!(
                "build it for a component target (Rust: `--target wasm32-wasip2`), or make a component with \
                 `wasm-tools component new {name} --adapt wasi_snapshot_preview1.reactor.wasm`"
            ),
            BinaryError::Damaged { .. } => "fetch or build it again".into(),
            BinaryError::NotWasm { .. } => "pass the file that a build for a component target makes".into(),
            BinaryError::NotEncodable { .. } => "build it again, with bindings that are of its world".into(),
        }
    }
}

impl<'a> Binary<'a> {
    /// Takes the bytes of a component, or of a core module that carries its component type. `name` is for messages.
    pub fn read(name: &str, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, BinaryError> {
        let bytes = bytes.into();
        let name = || name.to_owned();
        if bytes.is_empty() {
            return Err(BinaryError::Empty { name: name() });
        }
        if !bytes.starts_with(&MAGIC[..MAGIC.len().min(bytes.len())]) {
            return Err(if is_text(&bytes) {
                BinaryError::Text { name: name() }
            } else {
                let start = bytes[..bytes.len().min(8)].escape_ascii().to_string();
                BinaryError::NotWasm { name: name(), start }
            });
        }
        let damaged = |source| BinaryError::Damaged { name: name(), source };
        if Parser::is_core_wasm(&bytes) {
            let component = encode(&name(), &bytes)?;
            let skeleton = skeleton(&component).map_err(damaged)?;
            return Ok(Self { bytes: component.into(), skeleton });
        }
        let skeleton = skeleton(&bytes).map_err(damaged)?;
        Ok(Self { bytes, skeleton })
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let code = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(";;"));
    code.is_some_and(|code| ["(module", "(component", "(;"].iter().any(|start| code.starts_with(start)))
}

/// Makes a component of a core module.
fn encode(name: &str, module: &[u8]) -> Result<Vec<u8>, BinaryError> {
    let mut has_component_type = false;
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|source: BinaryReaderError| BinaryError::Damaged {
            name: name.to_owned(),
            source: source.into(),
        })? {
            Payload::CustomSection(custom) => has_component_type |= custom.name().starts_with("component-type"),
            Payload::ImportSection(imports) => {
                let mut modules = imports.into_imports().filter_map(Result::ok).map(|import| import.module);
                if let Some(import) = modules.find(|module| module.starts_with("wasi_")) {
                    return Err(BinaryError::Preview1 { name: name.to_owned(), import: import.to_owned() });
                }
            }
            _ => {}
        }
    }
    if !has_component_type {
        return Err(BinaryError::NoComponentType { name: name.to_owned() });
    }
    let encoded = ComponentEncoder::default().validate(false).module(module).and_then(ComponentEncoder::encode);
    encoded.map_err(|source| BinaryError::NotEncodable { name: name.to_owned(), source: source.into() })
}
