//! Builds the documentation pages, and writes the public API as text.
//!
//! `cargo doc` would check all dependencies again. `cargo test --doc` has built them already and passes them to
//! rustdoc. So this program takes rustdoc's place there: it replaces the arguments for tests by arguments for pages or
//! JSON.

use crate::{
    tools::run,
    workspace::{self, cargo},
};
use anyhow::{Context, Result, bail, ensure};
use public_api::Builder;
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Set when cargo calls this program as rustdoc; its value is [`PAGES`] or [`JSON`].
const AS_RUSTDOC: &str = "MSGCOMPOSE_XTASK_AS_RUSTDOC";
const PAGES: &str = "pages";
const JSON: &str = "json";

/// The path of the committed API text.
const API: &str = "docs/public-api.txt";

/// Builds the pages of the workspace's libraries. A warning is an error.
pub fn pages(root: &Path) -> Result<()> {
    rustdoc(root, PAGES)?;
    println!("{}", out()?.display());
    Ok(())
}

/// Writes the public API of the library as text; with `check`, compares it with the committed text.
pub fn api(root: &Path, check: bool) -> Result<()> {
    rustdoc(root, JSON)?;
    let api = Builder::from_rustdoc_json(out()?.join("msgcompose.json"));
    let api = api.omit_blanket_impls(true).omit_auto_trait_impls(true).omit_auto_derived_impls(true).build()?;
    let (path, found) = (root.join(API), api.to_string());
    if !check {
        return fs::write(&path, found).with_context(|| format!("failed to write `{API}`"));
    }
    let committed = fs::read_to_string(&path).with_context(|| format!("failed to read `{API}`"))?;
    let changes = changes(&committed, &found);
    if changes.is_empty() {
        return Ok(());
    }
    bail!("the public API is not that of `{API}`; `cargo xtask api` writes it anew\n{}", changes.join("\n"))
}

/// Returns the lines that only one of two sorted texts has.
fn changes(committed: &str, found: &str) -> Vec<String> {
    let only = |sign: char, one: &str, other: &str| -> Vec<String> {
        let other: Vec<_> = other.lines().collect();
        one.lines().filter(|line| !other.contains(line)).map(|line| format!("{sign} {line}")).collect()
    };
    [only('-', committed, found), only('+', found, committed)].concat()
}

/// Returns rustdoc's output folder.
fn out() -> Result<PathBuf> {
    Ok(workspace::folder()?.with_file_name("doc"))
}

/// Makes cargo call this program as rustdoc.
fn rustdoc(root: &Path, format: &str) -> Result<()> {
    let this = env::current_exe()?.display().to_string();
    let mut cargo = cargo(root, "test");
    cargo.args(["--quiet", "--doc", "--config"]).arg(format!("build.rustdoc={this:?}"));
    run(cargo.env(AS_RUSTDOC, format))
}

/// Runs rustdoc with other arguments, if cargo called this program as rustdoc.
pub fn as_rustdoc() -> Option<Result<()>> {
    let format = env::var(AS_RUSTDOC).ok()?;
    Some(out().and_then(|out| {
        let mut rustdoc = Command::new("rustdoc");
        rustdoc.args(arguments(env::args_os().skip(1), &format, &out)).env_remove(AS_RUSTDOC);
        if format == JSON {
            // A stable compiler writes JSON only with this variable. The crate `public-api` must fit the compiler's
            // JSON format.
            rustdoc.env("RUSTC_BOOTSTRAP", "1");
        }
        ensure!(rustdoc.status().context("failed to run `rustdoc`")?.success(), "`rustdoc` failed");
        Ok(())
    }))
}

/// Returns the arguments for pages or JSON, if `given` asks for tests. Any others, such as `-vV`, stay unchanged.
fn arguments(mut given: impl Iterator<Item = OsString>, format: &str, out: &Path) -> Vec<OsString> {
    let (mut arguments, mut is_test) = (Vec::new(), false);
    while let Some(argument) = given.next() {
        if argument == "--test" {
            is_test = true;
        } else if argument == "--test-run-directory" {
            given.next();
        } else {
            arguments.push(argument);
        }
    }
    if is_test {
        let wanted: &[&str] = match format {
            JSON => &["-Zunstable-options", "--output-format=json"],
            _ => &["-Dwarnings"],
        };
        arguments.extend(wanted.iter().map(OsString::from));
        arguments.extend(["--out-dir".into(), out.into()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::{JSON, PAGES, arguments, changes};
    use std::path::Path;

    fn rustdoc(given: &str, format: &str) -> String {
        let arguments = arguments(given.split(' ').map(Into::into), format, Path::new("doc"));
        arguments.iter().map(|argument| argument.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pages_are_asked_for_in_place_of_tests() {
        let given = "--crate-name a --test src/lib.rs --test-run-directory here --extern b=libb.rlib";
        let asked = "--crate-name a src/lib.rs --extern b=libb.rlib";
        assert_eq!(rustdoc(given, PAGES), format!("{asked} -Dwarnings --out-dir doc"));
        assert_eq!(rustdoc(given, JSON), format!("{asked} -Zunstable-options --output-format=json --out-dir doc"));
        assert_eq!(rustdoc("-vV", PAGES), "-vV");
    }

    #[test]
    fn a_change_of_the_api_is_shown_by_its_lines() {
        assert!(changes("a\nb\n", "a\nb\n").is_empty());
        assert_eq!(changes("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
    }
}
