//! The fixture guests that are too large to be committed, most of each the engine of its language: built into the
//! cache, and built again when what they are made from changes.

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

/// All that the guests are made from, this table included; the tools' versions beside it.
const SOURCES: [&str; 6] = [
    "fixtures/guests/js",
    "fixtures/guests/python",
    "fixtures/guests/wit",
    "wit/messaging",
    "wit/wasmcloud-messaging",
    "xtask/src/guests.rs",
];

/// What each is made from and by.
const GUESTS: [(&str, Maker); 7] = [
    ("courier-js.wasm", Maker::JavaScript { source: "courier.js", features: "", world: MESSAGING }),
    // With what a real application has: its own WASI imports beside messaging.
    (
        "courier-js-http.wasm",
        Maker::JavaScript { source: "courier.js", features: "random,stdio,clocks,http", world: MESSAGING },
    ),
    (COURIER_PYTHON, Maker::Python { module: "courier" }),
    ("shop-stock-js.wasm", Maker::JavaScript { source: "shop-stock.js", features: "", world: MESSAGING }),
    (QUOTE_DESK, Maker::JavaScript { source: "quote-desk.js", features: "", world: MESSAGING }),
    ("subscriber-js.wasm", Maker::JavaScript { source: "subscriber.js", features: "", world: CONFIGURE }),
    ("wasmcloud-desk-js.wasm", Maker::JavaScript { source: "wasmcloud-desk.js", features: "", world: WASMCLOUD }),
];

/// The guest that benches compose.
pub const QUOTE_DESK: &str = "quote-desk-js.wasm";

/// The largest guest, with all of Python in it.
pub const COURIER_PYTHON: &str = "courier-python.wasm";

/// A world: its folder and its name.
type World = (&'static str, &'static str);

const MESSAGING: World = ("wit/messaging", "messaging-request-reply");
const CONFIGURE: World = ("fixtures/guests/wit/messaging-configure", "messaging-request-reply");
const WASMCLOUD: World = ("wit/wasmcloud-messaging", "messaging");

enum Maker {
    /// A file, the features of the engine that it may use, and its world.
    JavaScript { source: &'static str, features: &'static str, world: World },
    /// A module.
    Python { module: &'static str },
}

/// Builds the guests if they are not there yet; gives the folder that holds them.
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
        match self {
            Self::JavaScript { source, features, world: (wit, world) } => {
                let sources = root.join("fixtures/guests/js");
                run(Command::new(NODE.get()?)
                    .arg(sources.join("build.mjs"))
                    .args([COMPONENTIZE_JS.get()?, sources.join(source), root.join(wit)])
                    .arg(world)
                    .arg(guest)
                    .arg(features))
            }
            Self::Python { module } => {
                // A copy, because what Python compiles it writes beside the source.
                let sources = guest.with_extension("sources");
                fs::create_dir(&sources)?;
                let file = format!("{module}.py");
                fs::copy(root.join("fixtures/guests/python").join(&file), sources.join(&file))?;
                run(Command::new("python3")
                    .arg(COMPONENTIZE_PY.get()?)
                    .env("PYTHONPATH", COMPONENTIZE_PY.folder()?)
                    .arg("--wit-path")
                    .arg(root.join(MESSAGING.0))
                    .args(["--world", MESSAGING.1, "componentize", module, "--python-path"])
                    .arg(&sources)
                    .arg("--output")
                    .arg(guest))?;
                Ok(fs::remove_dir_all(sources)?)
            }
        }
    }
}
