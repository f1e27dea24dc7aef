//! The first stage: bytes become a component, whatever form they came in, or an error that says what they are instead.

use crate::{
    common::DynError,
    wasm::{
        skeleton::{SectionError, skeleton},
        strip::Strip,
    },
};
use std::borrow::Cow;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{BinaryReaderError, Parser, Payload};
use wit_component::ComponentEncoder;

const MAGIC: &[u8] = b"\0asm";

/// A component's bytes, and their [skeleton](mod@crate::wasm::skeleton).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Binary<'a> {
    /// The whole component.
    pub bytes: Cow<'a, [u8]>,
    /// Its types.
    pub skeleton: Vec<u8>,
}

/// Why bytes are not a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BinaryError {
    /// There are none.
    #[error("`{name}` is empty")]
    Empty {
        /// The file.
        name: String,
    },
    /// They are WebAssembly's text format, but with a mistake.
    #[error("`{name}` is WebAssembly text, but cannot be read as such")]
    Text {
        /// The file.
        name: String,
        /// Where, and what.
        #[source]
        source: wat::Error,
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
    /// They are a core module for a WASI before the first preview.
    #[error("`{name}` is a core module for a WASI that was before preview 1: it imports `{import}`")]
    OldWasi {
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
            BinaryError::Text { .. } => "mend it there, or pass the binary".into(),
            BinaryError::NoComponentType { .. } => "build it for a component target (Rust: `--target wasm32-wasip2`), \
                 or give it its world with `wasm-tools component embed`"
                .into(),
            BinaryError::OldWasi { .. } => "build it with a newer toolchain: for a component target (Rust: `--target \
                 wasm32-wasip2`), or for WASI preview 1"
                .into(),
            BinaryError::Damaged { .. } => "fetch or build it again".into(),
            BinaryError::NotWasm { .. } => "pass the file that a build for a component target makes".into(),
            BinaryError::NotEncodable { .. } => "build it again, with bindings that are of its world".into(),
        }
    }
}

impl<'a> Binary<'a> {
    /// Takes a component, or a core module that carries its component type, as binary or as text. `name` is for
    /// messages.
    pub fn read(name: &str, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, BinaryError> {
        let mut bytes = bytes.into();
        let name = || name.to_owned();
        if bytes.is_empty() {
            return Err(BinaryError::Empty { name: name() });
        }
        if !bytes.starts_with(MAGIC) && is_text(&bytes) {
            let parsed = wat::parse_bytes(&bytes).map_err(|mut source| {
                source.set_path(name());
                BinaryError::Text { name: name(), source }
            })?;
            bytes = parsed.into_owned().into();
        }
        if !bytes.starts_with(&MAGIC[..MAGIC.len().min(bytes.len())]) {
            let start = bytes[..bytes.len().min(8)].escape_ascii().to_string();
            return Err(BinaryError::NotWasm { name: name(), start });
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

    /// One of our own: a prebuilt part, or a configuration. Were it malformed, whoever reads its types would say so.
    pub(crate) fn own(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let bytes = bytes.into();
        let skeleton = skeleton(&bytes).unwrap_or_else(|_| bytes.to_vec());
        Self { bytes, skeleton }
    }

    /// A binary that is nothing but its skeleton.
    pub(crate) fn to_skeleton(&self) -> Binary<'static> {
        Binary { bytes: self.skeleton.clone().into(), skeleton: self.skeleton.clone() }
    }

    /// As a guest, stripped of what is to go.
    pub(crate) fn strip(self, name: &str, strip: Strip) -> Result<Self, BinaryError> {
        let bytes = strip.guest(self.bytes).map_err(|source| BinaryError::Damaged { name: name.to_owned(), source })?;
        Ok(Self { bytes, ..self })
    }

    /// As a part, stripped of what is to go.
    pub(crate) fn strip_part(self, name: &str, strip: Strip) -> Result<Self, BinaryError> {
        let bytes = strip.part(self.bytes).map_err(|source| BinaryError::Damaged { name: name.to_owned(), source })?;
        Ok(Self { bytes, ..self })
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let code = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(";;"));
    code.is_some_and(|code| ["(module", "(component", "(;"].iter().any(|start| code.starts_with(start)))
}

/// The first preview of WASI, as core modules import it.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Makes a component of a core module. One for the first preview of WASI gets wasmtime's adapter to the second: that for
/// programs, if it is one.
fn encode(name: &str, module: &[u8]) -> Result<Vec<u8>, BinaryError> {
    let (mut has_component_type, mut is_program, mut needs_preview1) = (false, false, false);
    let damaged = |source: BinaryReaderError| BinaryError::Damaged { name: name.to_owned(), source: source.into() };
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(damaged)? {
            Payload::CustomSection(custom) => has_component_type |= custom.name().starts_with("component-type"),
            Payload::ImportSection(imports) => {
                for import in imports.into_imports().filter_map(Result::ok) {
                    needs_preview1 |= import.module == PREVIEW1;
                    if import.module.starts_with("wasi_") && import.module != PREVIEW1 {
                        return Err(BinaryError::OldWasi { name: name.to_owned(), import: import.module.to_owned() });
                    }
                }
            }
            Payload::ExportSection(exports) => {
                is_program |= exports.into_iter().filter_map(Result::ok).any(|export| export.name == "_start");
            }
            _ => {}
        }
    }
    if !has_component_type {
        return Err(BinaryError::NoComponentType { name: name.to_owned() });
    }
    let preview1 = match (needs_preview1, is_program) {
        (false, _) => None,
        (true, false) => Some(WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER),
        (true, true) => Some(WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
    };
    let mut encoder = ComponentEncoder::default();
    let mut encode = || {
        encoder.validate(false).module(module)?;
        preview1.map(|adapter| encoder.adapter(PREVIEW1, adapter).map(drop)).transpose()?;
        encoder.encode()
    };
    encode().map_err(|source| BinaryError::NotEncodable { name: name.to_owned(), source: source.into() })
}
