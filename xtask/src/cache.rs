//! The cache, outside the checkout: external programs, and build results that are not committed.

use anyhow::{Context, Result, ensure};
use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Returns the cache folder: `$MSGCOMPOSE_CACHE`, or `msgcompose` in the user's cache.
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

/// Calls `make` to fill a folder, unless the folder already contains `file`.
///
/// The folder appears only when it is complete: it is filled under another name and then renamed. If several processes
/// need it, one makes it and the others wait.
pub fn provide(folder: &Path, file: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let failed = || format!("failed to make `{}`", folder.display());
    let lock = File::create(beside(folder, ".lock")).with_context(failed)?;
    lock.lock().with_context(failed)?;
    if folder.join(file).exists() {
        return Ok(());
    }
    let aside = beside(folder, ".new");
    remove(&aside).with_context(failed)?;
    fs::create_dir(&aside).with_context(failed)?;
    make(&aside).with_context(failed)?;
    ensure!(aside.join(file).exists(), "`{}` should hold `{file}` by now, and does not", aside.display());
    remove(folder).with_context(failed)?;
    fs::rename(&aside, folder).with_context(failed)
}

fn beside(folder: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(folder);
    name.push(end);
    name.into()
}

fn remove(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::provide;
    use anyhow::bail;
    use std::{
        fs,
        sync::atomic::{AtomicU32, Ordering},
        thread,
        time::Duration,
    };

    #[test]
    fn of_several_one_makes_it_and_the_others_wait() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("tool-1.0.0");
        let made = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    provide(&folder, "program", |aside| {
                        made.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(Duration::from_millis(50));
                        Ok(fs::write(aside.join("program"), "whole")?)
                    })
                    .unwrap();
                    assert_eq!(fs::read_to_string(folder.join("program")).unwrap(), "whole");
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn what_failed_is_not_there_and_is_made_anew() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("tool-1.0.0");
        provide(&folder, "program", |aside| {
            fs::write(aside.join("program"), "half")?;
            bail!("the network is down")
        })
        .unwrap_err();
        assert!(!folder.exists());
        let error = provide(&folder, "program", |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("should hold `program`"), "{error}");
        provide(&folder, "program", |aside| {
            assert_eq!(fs::read_dir(aside)?.count(), 0);
            Ok(fs::write(aside.join("program"), "whole")?)
        })
        .unwrap();
        assert!(folder.join("program").exists());
    }
}
