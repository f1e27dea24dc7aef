//! Project files, their locks, and batches. These tests need several commands; single commands are golden cases.

use crate::support::{FLAGSHIP, compose, fixture, root};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(args).current_dir(folder).output().unwrap()
}

/// Runs a command that must succeed, and returns its output.
fn must(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(output.status.success(), "{args:?}: {printed}");
    printed
}

/// Runs a command that must be refused, and returns the message.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {message}");
    message
}

/// Returns a folder with guests and a project of two compositions, one with its own adapter.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for guest in ["quote-desk", "pricer"] {
        fs::write(path.join(format!("{guest}.wasm")), fixture(guest)).unwrap();
    }
    let adapter = path.join("mine");
    fs::create_dir(&adapter).unwrap();
    for file in fs::read_dir(root().join("adapters").join(FLAGSHIP)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), adapter.join(file.file_name())).unwrap();
    }
    let text = format!(
        "[composition.desk]\nguest = 'quote-desk.wasm'\nadapters = ['{FLAGSHIP}']\noptions.reply-topic = 'replies'\n\
         output = 'out/desk.wasm'\n[composition.pricer]\nguest = 'pricer.wasm'\nadapters = ['./mine']\n\
         output = 'out/pricer.wasm'\n"
    );
    fs::write(path.join("msgcompose.toml"), text).unwrap();
    folder
}

#[test]
fn a_build_gives_the_bytes_of_plug_and_a_lock_from_wherever_it_runs() {
    let folder = project();
    let path = folder.path();
    must(path, &["build"]);
    assert!(fs::read(path.join("out/desk.wasm")).unwrap() == compose("quote-desk", &[]));
    let lock = fs::read(path.join("msgcompose.lock")).unwrap();
    for args in [&["build"][..], &["build", "--locked"], &["build", "pricer"]] {
        fs::remove_dir_all(path.join("out")).unwrap();
        fs::create_dir_all(path.join("deep/er")).unwrap();
        must(&path.join("deep/er"), args);
        assert!(path.join("out/pricer.wasm").is_file());
        assert!(fs::read(path.join("msgcompose.lock")).unwrap() == lock, "{args:?}");
    }
    // The adapter's folder is a copy of the catalogue's, and so has the same hash. Other tools can compute it, too.
    let lock = msgcompose::project::Lock::parse(&String::from_utf8(lock).unwrap()).unwrap();
    let hash = &lock.composition["pricer"].adapters["./mine"];
    assert_eq!(hash, &lock.composition["desk"].adapters[FLAGSHIP]);
    let mut sums = Command::new("sh");
    sums.args(["-c", "sha256sum * | sha256sum"]).env("LC_ALL", "C").current_dir(path.join("mine"));
    let sums = sums.output().unwrap().stdout;
    assert_eq!(String::from_utf8(sums).unwrap().split(' ').next(), Some(hash.as_str()));
}

#[test]
fn a_locked_build_refuses_what_has_changed_and_writes_nothing_then() {
    let folder = project();
    let path = folder.path();
    must(path, &["build"]);
    fs::remove_dir_all(path.join("out")).unwrap();
    let locked = |changed: &str, says: &str| {
        let file = path.join(changed);
        let before = fs::read(&file).unwrap();
        let mut after = before.clone();
        after.extend(b"\n# more\n");
        fs::write(&file, after).unwrap();
        let message = refused(path, &["build", "pricer", "--locked"]);
        assert!(message.contains(says) && message.contains("without `--locked`"), "{message}");
        assert!(!path.join("out/pricer.wasm").exists());
        fs::write(&file, before).unwrap();
    };
    locked("pricer.wasm", "guest `pricer.wasm` has changed: it is ");
    locked("mine/adapter.toml", "adapter `./mine` has changed: it is ");
    must(path, &["build", "pricer", "--locked"]);
    fs::remove_dir_all(path.join("out")).unwrap();

    // The inputs are the same, but an option is not.
    let file = path.join("msgcompose.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("'replies'", "'other.replies'")).unwrap();
    let lock = fs::read(path.join("msgcompose.lock")).unwrap();
    let message = refused(path, &["build", "--locked"]);
    assert!(message.contains("what is composed for `out/desk.wasm` has changed: it is "), "{message}");
    assert!(!path.join("out/desk.wasm").exists());
    assert!(fs::read(path.join("msgcompose.lock")).unwrap() == lock);
    must(path, &["build"]);
    assert!(fs::read(path.join("msgcompose.lock")).unwrap() != lock);
    must(path, &["build", "--locked"]);
}

#[test]
fn a_lock_is_written_when_all_is_made_and_knows_what_the_project_knows() {
    let folder = project();
    let path = folder.path();
    fs::write(path.join("pricer.wasm"), "no").unwrap();
    let message = refused(path, &["build"]);
    assert!(message.contains("failed to build `pricer`"), "{message}");
    assert!(!path.join("msgcompose.lock").exists());

    must(path, &["build", "desk"]);
    let lock = fs::read_to_string(path.join("msgcompose.lock")).unwrap();
    assert!(lock.contains("composition.desk]") && !lock.contains("composition.pricer]"), "{lock}");
    assert!(refused(path, &["build", "desk", "--locked"]).contains("no composition `pricer`"));
    let file = path.join("msgcompose.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("composition.desk", "composition.counter")).unwrap();
    must(path, &["build", "counter"]);
    let lock = fs::read_to_string(path.join("msgcompose.lock")).unwrap();
    assert!(lock.contains("composition.counter]") && !lock.contains("composition.desk]"), "{lock}");
}

/// The commands of the document print what it shows, except for sizes.
#[cfg(unix)]
#[test]
fn the_example_of_the_document_is_built() {
    let document = fs::read_to_string(root().join("docs/project-file.md")).unwrap();
    let blocks: Vec<_> = document.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect();
    let kinds: Vec<_> = blocks.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["toml", "sh", "text", "sh", "text"]);

    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("fixtures"), folder.path().join("fixtures")).unwrap();
    fs::write(folder.path().join("msgcompose.toml"), blocks[0].1).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_msgcompose")).parent().unwrap().display();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    for commands in blocks[1..].chunks(2) {
        let script = format!("set -e; exec 2>&1\n{}", commands[0].1);
        let mut shell = Command::new("bash");
        let output = shell.args(["-c", &script]).env("PATH", &path).current_dir(folder.path()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let without_size = |line: &str| match line.rsplit_once(", ").filter(|(_, size)| size.ends_with(" bytes")) {
            Some((line, _)) => format!("{line}, … bytes\n"),
            None => format!("{line}\n"),
        };
        assert!(output.status.success(), "{printed}");
        assert_eq!(printed.lines().map(without_size).collect::<String>(), commands[1].1);
    }
}

#[test]
fn a_batch_gives_the_bytes_of_single_compositions_also_of_text() {
    let folder = project();
    let path = folder.path();
    let text = fs::read(root().join("tests/cases/plug-text/guest.wat.txt")).unwrap();
    fs::create_dir(path.join("guests")).unwrap();
    fs::write(path.join("guests/text.wat"), text).unwrap();
    fs::copy(path.join("quote-desk.wasm"), path.join("guests/quote-desk.wasm")).unwrap();
    fs::write(path.join("guests/notes.txt"), "no guest").unwrap();
    let with = ["--adapter", FLAGSHIP, "--set", "reply-topic=replies", "-o"];
    must(path, &[&["plug", "guests"], &with[..], &["out"]].concat());
    let mut names: Vec<_> = fs::read_dir(path.join("out")).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["quote-desk.wasm", "text.wasm"]);
    assert!(fs::read(path.join("out/quote-desk.wasm")).unwrap() == compose("quote-desk", &[]));
    must(path, &[&["plug", "guests/text.wat"], &with[..], &["single.wasm"]].concat());
    assert!(fs::read(path.join("out/text.wasm")).unwrap() == fs::read(path.join("single.wasm")).unwrap());
}

/// On a terminal there is a bar, and no line for each guest. With `--quiet` there is nothing.
#[test]
fn a_batch_shows_its_progress_on_a_terminal() {
    let folder = project();
    let on_a_terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let printed = |more: &[&str]| {
        let output = Command::new("python3")
            .args(["-c", on_a_terminal, env!("CARGO_BIN_EXE_msgcompose"), "plug", "*.wasm", "--adapter", FLAGSHIP])
            .args(["--set", "reply-topic=replies", "-o", "out"])
            .args(more)
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .output()
            .expect("python3 is there");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{printed}");
        printed
    };
    let bar = printed(&[]);
    assert!(bar.contains("pricer.wasm") && bar.contains("| 0/2 ") && bar.contains("| 2/2 "), "{bar:?}");
    assert!(!bar.contains("with `"), "{bar:?}");
    assert!(bar.ends_with("\rcomposed 2 of 2 guests into `out`\r\n"), "{bar:?}");
    assert_eq!(printed(&["--quiet"]), "");
}
