//! The fixture guests that are too large to be committed, mostly because they contain the engine of their language.
//! They are built into the cache, and rebuilt when their sources change.

use crate::{
    cache,
    lock::hash_files,
    tools::{COMPONENTIZE_JS, COMPONENTIZE_PY, NODE, run},
};
use anyhow::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// All sources of the guests, including this table. The tools' versions count as well.
const SOURCES: [&str; 4] = ["fixtures/guests/js", "fixtures/guests/python", "wit/messaging", "xtask/src/guests.rs"];

/// The guests, and how each is built.
const GUESTS: [(&str, Maker); 5] = [
    ("courier-js.wasm", Maker::JavaScript { source: "courier.js", features: "" }),
    // Like a real application: it has its own WASI imports beside messaging.
    ("courier-js-http.wasm", Maker::JavaScript { source: "courier.js", features: "random,stdio,clocks,http" }),
    (COURIER_PYTHON, Maker::Python { module: "courier" }),
    ("shop-stock-js.wasm", Maker::JavaScript { source: "shop-stock.js", features: "" }),
    (QUOTE_DESK, Maker::JavaScript { source: "quote-desk.js", features: "" }),
];

/// The guest that benches compose.
pub const QUOTE_DESK: &str = "quote-desk-js.wasm";

/// The largest guest. It contains all of Python.
pub const COURIER_PYTHON: &str = "courier-python.wasm";

/// The world of all these guests.
const WORLD: &str = "messaging-request-reply";

enum Maker {
    /// A source file, and the engine's features that it may use.
    JavaScript { source: &'static str, features: &'static str },
    /// A module.
    Python { module: &'static str },
}

/// Builds the guests if they are missing, and returns their folder.
pub fn get(root: &Path) -> Result<PathBuf> {
    let tools = [COMPONENTIZE_JS, COMPONENTIZE_PY, NODE].map(|tool| tool.version).join("-");
    let key = hash_files(root, &SOURCES, tools.as_bytes())?;
    let folder = cache::folder()?.join(format!("guests-{}", &key[..16]));
    cache::provide(&folder, QUOTE_DESK, |aside| {
        GUESTS.iter().try_for_each(|(file, maker)| {
            eprintln!("building `{file}`");
            maker.make(root, &aside.join(file))
        })
    })?;
    Ok(folder)
}

impl Maker {
    fn make(&self, root: &Path, guest: &Path) -> Result<()> {
        let wit = root.join("wit/messaging");
        match self {
            Self::JavaScript { source, features } => {
                let sources = root.join("fixtures/guests/js");
                run(Command::new(NODE.get()?)
                    .arg(sources.join("build.mjs"))
                    .args([COMPONENTIZE_JS.get()?, sources.join(source), wit])
                    .arg(WORLD)
                    .arg(guest)
                    .arg(features))
            }
            Self::Python { module } => {
                // Use a copy, because Python writes compiled files beside the source.
                let sources = guest.with_extension("sources");
                fs::create_dir(&sources)?;
                let file = format!("{module}.py");
                fs::copy(root.join("fixtures/guests/python").join(&file), sources.join(&file))?;
                run(Command::new("python3")
                    .arg(COMPONENTIZE_PY.get()?)
                    .env("PYTHONPATH", COMPONENTIZE_PY.folder()?)
                    .arg("--wit-path")
                    .arg(wit)
                    .args(["--world", WORLD, "componentize", module, "--python-path"])
                    .arg(&sources)
                    .arg("--output")
                    .arg(guest))?;
                Ok(fs::remove_dir_all(sources)?)
            }
        }
    }
}
