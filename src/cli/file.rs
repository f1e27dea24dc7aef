//! Writes a file completely or not at all. A file that is replaced keeps its mode and its owner, and links to it stay.

use super::error::{NoFolder, Result};
use crate::common::remedy::{Remedied, Remedy};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Who may read a file that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Those whom the system lets by default.
    Usual,
    /// Its owner only, because it holds secrets.
    Owner,
}

impl Readers {
    /// Returns who may read a component. `holds_secrets` says whether secrets are baked into it.
    pub fn of(holds_secrets: bool) -> Self {
        if holds_secrets { Self::Owner } else { Self::Usual }
    }
}

/// A function that writes the whole content.
pub type Writer<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

/// A file may not be written to by anybody.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is read-only")]
struct ReadOnly(String);

impl Remedied for ReadOnly {
    fn remedy(&self) -> Option<Remedy> {
        Some("make it writable, or write another file".into())
    }
}

/// Writes a file. `readers` matters only for a file that is new.
pub fn write_file(path: &Path, readers: Readers, write: &Writer<'_>) -> Result<()> {
    let existing = fs::metadata(path).ok();
    // A device or pipe cannot be replaced by renaming.
    if existing.as_ref().is_some_and(|file| !file.is_file()) {
        return Ok(write(&mut OpenOptions::new().write(true).open(path)?)?);
    }
    let path = &followed(path)?;
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(NoFolder(folder.display().to_string()).into());
    }
    if let Some(file) = &existing {
        // Renaming needs no permission of the file, and the superuser needs none at all.
        if file.permissions().readonly() {
            return Err(ReadOnly(path.display().to_string()).into());
        }
        OpenOptions::new().write(true).open(path)?;
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match (&existing, readers) {
        (None, Readers::Usual) => 0o666,
        _ => 0o600,
    }));
    let mut file = builder.prefix(".msgcompose-").tempfile_in(folder)?;
    let mut pieces = BufWriter::new(&mut file);
    write(&mut pieces)?;
    pieces.flush()?;
    drop(pieces);
    if let Some(existing) = &existing {
        keep(existing, file.as_file())?;
    }
    file.persist(path)?;
    Ok(())
}

/// Returns the folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the file that a path leads to by links. The file may be missing.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // Linux follows as many.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Gives a file the owner and the mode of the one that it replaces.
fn keep(existing: &Metadata, file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (existing.uid(), existing.gid()) {
            // Only the superuser may give files away.
            let _ = fchown(file, Some(existing.uid()), Some(existing.gid()));
        }
    }
    file.set_permissions(existing.permissions())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn write(path: &Path, readers: Readers) -> Result<()> {
        write_file(path, readers, &|to| to.write_all(b"new"))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_new_one_with_secrets_is_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for before in [0o600, 0o644, 0o640, 0o755, 0o200] {
            for readers in [Readers::Usual, Readers::Owner] {
                fs::write(&path, "old").unwrap();
                fs::set_permissions(&path, PermissionsExt::from_mode(before)).unwrap();
                write(&path, readers).unwrap();
                assert_eq!(mode(&path), before);
                fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
                assert_eq!(fs::read(&path).unwrap(), b"new");
            }
        }
        let secret = folder.path().join("secret");
        write(&secret, Readers::Owner).unwrap();
        assert_eq!(mode(&secret), 0o600);
        let usual = folder.path().join("usual");
        write(&usual, Readers::Usual).unwrap();
        fs::write(&path, "").unwrap();
        let by_default = folder.path().join("by-default");
        fs::write(&by_default, "").unwrap();
        assert_eq!(mode(&usual), mode(&by_default));
    }

    #[test]
    fn a_link_is_followed_also_where_it_leads_nowhere_yet() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, twice, none] = ["in/file", "link", "twice", "none"].map(|name| folder.path().join(name));
        fs::create_dir(folder.path().join("in")).unwrap();
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        symlink("in/file", &link).unwrap();
        symlink(&link, &twice).unwrap();
        write(&twice, Readers::Usual).unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"new".to_vec(), 0o600));
        assert!(link.is_symlink() && twice.is_symlink());
        symlink("in/other", &none).unwrap();
        write(&none, Readers::Owner).unwrap();
        assert_eq!(mode(&folder.path().join("in/other")), 0o600);
        assert!(none.is_symlink());
        let itself = folder.path().join("itself");
        symlink("itself", &itself).unwrap();
        assert!(write(&itself, Readers::Usual).is_err());
        let nowhere = folder.path().join("nowhere");
        symlink("missing/file", &nowhere).unwrap();
        assert!(write(&nowhere, Readers::Usual).unwrap_err().messages().any(|text| text.contains("missing")));
    }

    #[test]
    fn a_file_that_nobody_may_write_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
        let error = write(&path, Readers::Usual).unwrap_err();
        assert!(error.messages().any(|text| text.ends_with("is read-only")), "{error:?}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
