//! An adapter of your own: the files of `msgcompose adapter new`, and `docs/writing-adapters.md`, which leads from
//! there to a host.

use crate::{
    examples::{path, walk_in},
    support::root,
};
use std::{
    env, fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

/// Runs `msgcompose adapter new` in a folder.
fn new_adapter(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
    command.args(["adapter", "new"]).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn the_guide_from_a_new_adapter_to_a_host() {
    let compiler = env::var("MSGCOMPOSE_WASM_TOOLS").expect("`cargo xtask test` sets `MSGCOMPOSE_WASM_TOOLS`");
    let host = Path::new(env!("CARGO_BIN_EXE_msgcompose")).with_file_name("msgcompose-host");
    assert!(host.exists(), "`cargo test --workspace` builds `{}`", host.display());
    let path = env::join_paths([compiler.into()].into_iter().chain(env::split_paths(&path()))).unwrap();
    // Everything but the adapter itself is built in a folder that is kept.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-adapter");
    let variables =
        [("PATH", Path::new(&path)), ("CARGO_BUILD_BUILD_DIR", &built), ("CARGO_TARGET_DIR", Path::new("target"))];

    // Build once before, because the first build takes longer than the walk waits.
    let before = tempfile::tempdir().unwrap();
    assert!(new_adapter(before.path(), &["log"]).status.success());
    let mut make = Command::new("make");
    make.args(["-C", "log"]).current_dir(before.path()).envs(variables);
    assert!(make.status().unwrap().success());
    // The size that the guide names. rustup's standard library makes it larger than a library that is built for size.
    let size = fs::metadata(before.path().join("log/provider.wasm")).unwrap().len();
    assert!((12 << 10..32 << 10).contains(&size), "{size} bytes");

    let folder = tempfile::tempdir().unwrap();
    symlink(root().join("fixtures"), folder.path().join("fixtures")).unwrap();
    let guide = fs::read_to_string(root().join("docs/writing-adapters.md")).unwrap();
    walk_in(folder.path(), &variables, &guide).unwrap_or_else(|error| panic!("{error}"));

    // The guest cannot be told of a value that is wrong at run time.
    let compose =
        "msgcompose plug fixtures/prebuilt/logger.wasm --adapter ./log/ --config-from env --quiet -o out.wasm";
    let run = "msgcompose-host out.wasm=a --env MSGCOMPOSE_APP=shop --env MSGCOMPOSE_LEVEL=loud --deliver a=b --quiet";
    let told =
        "configuration: MSGCOMPOSE_LEVEL: the value is none of `trace`, `debug`, `info`, `warn`, `error`, `critical`";
    let wrong = format!("```sh\n{compose}\n{run}\n```\n```text\n{told}\n{told}\n```");
    walk_in(folder.path(), &variables, &wrong).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_guide_shows_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    assert!(new_adapter(folder.path(), &["log"]).status.success());
    let file = |path| fs::read_to_string(folder.path().join("log").join(path)).unwrap();
    let files = ["adapter.toml", "src/lib.rs", "wit/provider.wit"].map(file);
    let guide = fs::read_to_string(root().join("docs/writing-adapters.md")).unwrap();
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let shown: Vec<_> = blocks.filter(|(language, _)| ["toml", "rust", "wit"].contains(language)).collect();
    assert!(shown.len() >= files.len());
    for (language, text) in shown {
        assert!(files.iter().any(|file| file.contains(text)), "this {language} is in no file:\n{text}");
    }
}

#[test]
fn an_adapter_is_written_where_it_is_wanted_with_options_as_they_are_here() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    let output = new_adapter(folder.path(), &["my-log", "--in", "mine"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{told}");
    assert!(told.contains("make -C mine/my-log\n") && told.contains("--adapter mine/my-log/ "), "{told}");
    let adapter = folder.path().join("mine/my-log");
    let config = [adapter.join("wit/deps/config.wit"), root().join("wit/config/config.wit")];
    let [written, here] = config.map(|path| fs::read(path).unwrap());
    assert!(written == here);
    let crates = fs::read_to_string(root().join("adapters/crates/Cargo.toml")).unwrap();
    let cargo: toml::Table = fs::read_to_string(adapter.join("Cargo.toml")).unwrap().parse().unwrap();
    let crates: toml::Table = crates.parse().unwrap();
    assert_eq!(cargo["dependencies"]["wit-bindgen"], crates["workspace"]["dependencies"]["wit-bindgen"]);
    let left: Vec<_> = fs::read_dir(adapter.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Not even the superuser can write to `/proc`.
#[test]
fn a_folder_that_cannot_be_written_to_is_an_error() {
    let output = new_adapter(Path::new("/"), &["log", "--in", "proc"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.starts_with("error: failed to write the adapter `proc/log`\nCaused by:\n"), "{told}");
    assert!(told.ends_with("\nhint: choose a folder that you may write to with `--in DIR`\n"), "{told}");
}
