//! Runs checks that no compiler does. Each is a separate tool with its own file of rules.

use crate::{
    tools::{ACTIONLINT, CARGO_DENY, NODE, TYPOS, run as done},
    workspace::clean_cargo,
};
use anyhow::Result;
use clap::ValueEnum;
use std::{path::Path, process::Command};

/// The workspaces whose dependencies are checked.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "adapters/crates/Cargo.toml", "fixtures/guests/rust/Cargo.toml"];

/// The subject of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// The spelling, by `typos`; `typos.toml` lists words to accept
    Spelling,
    /// The workflows under `.github`, by `actionlint`
    Workflows,
    /// Licences, sources and banned crates, by `cargo deny`; `deny.toml` has the rules
    Dependencies,
    /// The files that `cargo package` would publish
    Package,
}

/// Checks one subject, or all.
pub fn run(root: &Path, subject: Option<Subject>) -> Result<()> {
    let subjects = subject.map_or_else(|| Subject::value_variants().to_vec(), |one| vec![one]);
    subjects.into_iter().try_for_each(|subject| match subject {
        Subject::Spelling => done(Command::new(TYPOS.get()?).current_dir(root)),
        Subject::Workflows => {
            let mut node = Command::new(NODE.get()?);
            done(node.arg(ACTIONLINT.get()?).arg(".github/workflows/*.yml").current_dir(root))
        }
        Subject::Dependencies => {
            let deny = CARGO_DENY.get()?;
            MANIFESTS.iter().try_for_each(|manifest| {
                let mut deny = Command::new(&deny);
                deny.args([
                    "--manifest-path",
                    manifest,
                    "--config",
                    "deny.toml",
                    "check",
                    "licenses",
                    "bans",
                    "sources",
                ]);
                done(deny.current_dir(root))
            })
        }
        Subject::Package => package(root),
    })
}

/// The packages that are published, each after those that it depends on.
const PACKAGES: [&str; 2] = ["msgcompose-options", "msgcompose"];

/// Makes the packages and builds the content of the last. Its other dependencies are those of the release build, so none
/// is rebuilt.
fn package(root: &Path) -> Result<()> {
    let mut package = clean_cargo();
    package.args(["package", "--no-verify", "--allow-dirty", "--quiet"]).current_dir(root);
    done(package.args(PACKAGES.iter().flat_map(|name| ["--package", *name])))?;
    let unpacked = tempfile::tempdir()?;
    let folder = |name: &str| unpacked.path().join(format!("{name}-{}", env!("CARGO_PKG_VERSION")));
    for name in PACKAGES {
        let file = root
            .join("target/package")
            .join(folder(name).file_name().unwrap_or_default())
            .with_added_extension("crate");
        done(Command::new("tar").arg("-xzf").arg(file).current_dir(&unpacked))?;
    }
    // The registry does not have the other package yet.
    let [options, msgcompose] = PACKAGES;
    let patch = format!("patch.crates-io.{options}.path='{}'", folder(options).display());
    let optimised_little = "profile.release.package.msgcompose.opt-level=0";
    let mut build = clean_cargo();
    build.args(["build", "--release", "--offline", "--quiet", "--config", optimised_little, "--config", &patch]);
    done(build.arg("--target-dir").arg(root.join("target")).current_dir(folder(msgcompose)))
}
