//! The first stage: turns a binary, WebAssembly text or a core module into a component. If that fails, the error says
//! what the bytes are.

use crate::{
    common::{
        DynError,
        remedy::{Remedied, Remedy},
    },
    wasm::{skeleton::skeleton, strip::Strip},
};
use serde::Serialize;
use std::{borrow::Cow, fmt};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

const MAGIC: &[u8] = b"\0asm";

/// The bytes of a component, and its [skeleton](mod@crate::wasm::skeleton).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Binary<'a> {
    /// The whole component.
    pub bytes: Cow<'a, [u8]>,
    /// The component reduced to its types.
    pub skeleton: Vec<u8>,
    /// What it was made of.
    pub form: Form,
}

/// What a file has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Form {
    /// A component, as hosts take it.
    Component,
    /// A component as text.
    ComponentText,
    /// A core module that carries its component type, as binary or text.
    CoreModule,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Component => "a component",
            Self::ComponentText => "a component as text",
            Self::CoreModule => "a core module with a component type",
        })
    }
}

/// Why bytes cannot be read as a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BinaryError {
    /// The file is empty.
    #[error("`{name}` is empty")]
    Empty {
        /// The file's name.
        name: String,
    },
    /// The bytes are WebAssembly text that does not parse.
    #[error("`{name}` is WebAssembly text, but cannot be read as such")]
    Text {
        /// The file's name.
        name: String,
        /// What is wrong, and where.
        #[source]
        source: DynError,
    },
    /// The bytes are not WebAssembly.
    #[error("`{name}` is not WebAssembly: it begins with `{start}`, not with `{}`", MAGIC.escape_ascii())]
    NotWasm {
        /// The file's name.
        name: String,
        /// The first bytes, escaped.
        start: String,
    },
    /// The bytes are a component of before the component model's binary format was settled.
    #[error("`{name}` is a component in the format of 2023 (version {version:#04x}), which no tool reads any more")]
    OldEncoding {
        /// The file's name.
        name: String,
        /// The version of the format.
        version: u8,
    },
    /// The bytes begin like WebAssembly, but are truncated or damaged.
    #[error("`{name}` is truncated or damaged")]
    Damaged {
        /// The file's name.
        name: String,
        /// Where the parser gave up.
        #[source]
        source: DynError,
    },
    /// The bytes are a core module that does not contain a component type.
    #[error("`{name}` is a core module without a component type")]
    NoComponentType {
        /// The file's name.
        name: String,
    },
    /// The bytes are a core module for a version of WASI before preview 1.
    #[error("`{name}` is a core module for a WASI that was before preview 1: it imports `{import}`")]
    OldWasi {
        /// The file's name.
        name: String,
        /// The module name of the import.
        import: String,
    },
    /// The bytes are a core module that does not match its component type.
    #[error("core module `{name}` cannot become the component that its type describes")]
    NotEncodable {
        /// The file's name.
        name: String,
        /// The encoder's error.
        #[source]
        source: DynError,
    },
}

impl BinaryError {
    /// A truncated or damaged file.
    pub(crate) fn damaged(name: &str, source: impl Into<DynError>) -> Self {
        Self::Damaged { name: name.to_owned(), source: source.into() }
    }
}

impl Remedied for BinaryError {
    fn remedy(&self) -> Option<Remedy> {
        let remedy = match self {
            BinaryError::Empty { .. } => "has the build that makes it failed?",
            BinaryError::Text { .. } => "mend it there, or pass the binary",
            BinaryError::NoComponentType { .. } => {
                "build it for a component target (Rust: `--target wasm32-wasip2`), or give it its world with \
                 `wasm-tools component embed`"
            }
            BinaryError::OldEncoding { .. } => "build it again, with tools of today (Rust: `--target wasm32-wasip2`)",
            BinaryError::OldWasi { .. } => {
                "build it with a newer toolchain: for a component target (Rust: `--target wasm32-wasip2`), or for WASI \
                 preview 1"
            }
            BinaryError::Damaged { .. } => "fetch or build it again",
            BinaryError::NotWasm { .. } => "pass the file that a build for a component target makes",
            BinaryError::NotEncodable { .. } => "build it again, with bindings that are of its world",
        };
        Some(remedy.into())
    }
}

impl<'a> Binary<'a> {
    /// Reads a component, or a core module that carries its component type, as binary or text. `name` is used in
    /// messages.
    pub fn read(name: &str, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, BinaryError> {
        let mut bytes = bytes.into();
        let mut form = Form::Component;
        let name = || name.to_owned();
        if bytes.is_empty() {
            return Err(BinaryError::Empty { name: name() });
        }
        if !bytes.starts_with(MAGIC) && is_text(&bytes) {
            let parsed = wat::parse_bytes(&bytes).map_err(|mut source| {
                source.set_path(name());
                BinaryError::Text { name: name(), source: source.into() }
            })?;
            bytes = parsed.into_owned().into();
            form = Form::ComponentText;
        }
        if !bytes.starts_with(&MAGIC[..MAGIC.len().min(bytes.len())]) {
            let start = bytes[..bytes.len().min(8)].escape_ascii().to_string();
            return Err(BinaryError::NotWasm { name: name(), start });
        }
        if Parser::is_core_wasm(&bytes) {
            let component = encode(&name(), &bytes)?;
            let skeleton = skeleton(&component).map_err(|error| BinaryError::damaged(&name(), error))?;
            return Ok(Self { bytes: component.into(), skeleton, form: Form::CoreModule });
        }
        if let [_, _, _, _, version @ ..0x0d, 0, 1, 0, ..] = *bytes {
            return Err(BinaryError::OldEncoding { name: name(), version });
        }
        let skeleton = skeleton(&bytes).map_err(|error| BinaryError::damaged(&name(), error))?;
        Ok(Self { bytes, skeleton, form })
    }

    /// Takes a binary that msgcompose brings or makes: a prebuilt part or a config component. A malformed one is
    /// reported later, when its types are read.
    pub(crate) fn own(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let bytes = bytes.into();
        let skeleton = skeleton(&bytes).unwrap_or_else(|_| bytes.to_vec());
        Self { bytes, skeleton, form: Form::Component }
    }

    /// Returns a binary that consists of the skeleton only.
    pub(crate) fn to_skeleton(&self) -> Binary<'static> {
        Binary { bytes: self.skeleton.clone().into(), skeleton: self.skeleton.clone(), form: self.form }
    }

    /// Strips the custom sections of a guest, if `strip` covers guests.
    pub(crate) fn strip(self, name: &str, strip: Strip) -> Result<Self, BinaryError> {
        let bytes = strip.guest(self.bytes).map_err(|error| BinaryError::damaged(name, error))?;
        Ok(Self { bytes, ..self })
    }
}

/// Returns the component in a file, as composing reads a guest: a component as it is, text parsed, and a core module with
/// its component type made into a component. `name` is used in messages.
///
/// ```
/// let text = &b"(component)"[..];
/// let component = msgcompose::read_component("nothing.wat", text)?;
/// assert_eq!(component[..8], *b"\0asm\x0d\0\x01\0");
/// # Ok::<(), msgcompose::BinaryError>(())
/// ```
pub fn read_component<'a>(name: &str, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Cow<'a, [u8]>, BinaryError> {
    Binary::read(name, bytes).map(|binary| binary.bytes)
}

fn is_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let code = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(";;"));
    code.is_some_and(|code| ["(module", "(component", "(;"].iter().any(|start| code.starts_with(start)))
}

/// The module name under which core modules import WASI preview 1.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Turns a core module into a component. A module for WASI preview 1 gets wasmtime's adapter to preview 2. Wasmtime has
/// one adapter for programs, and one for everything else.
fn encode(name: &str, module: &[u8]) -> Result<Vec<u8>, BinaryError> {
    let (mut has_component_type, mut is_program, mut needs_preview1) = (false, false, false);
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| BinaryError::damaged(name, error))? {
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
