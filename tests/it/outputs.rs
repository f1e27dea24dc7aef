//! Files that are written: they keep their mode and the links that lead to them, and a build that is held to its lock
//! writes all of them or none.

use crate::support::fixture;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
};

fn msgcompose(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) {
    let output = msgcompose(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

const SECRET: [&str; 3] = ["--bake-secrets", "--set", "header.authorization=Bearer t"];

fn plug<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let adapter = ["--adapter", "messaging-over-http", "--set", "base-url=http://broker"];
    [&["plug", "ticker.wasm"][..], &adapter, &["-o", output], more].concat()
}

#[test]
fn a_component_with_secrets_is_for_its_owner_and_a_file_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("ticker.wasm"), fixture("ticker")).unwrap();
    succeeds(folder.path(), &plug("new.wasm", &SECRET));
    assert_eq!(mode(&path("new.wasm")), 0o600);
    succeeds(folder.path(), &plug("usual.wasm", &[]));
    assert_eq!(mode(&path("usual.wasm")), mode(&path("ticker.wasm")));
    fs::set_permissions(path("usual.wasm"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("usual.wasm", path("link.wasm")).unwrap();
    let before = fs::read(path("usual.wasm")).unwrap();
    succeeds(folder.path(), &plug("link.wasm", &SECRET));
    assert!(path("link.wasm").is_symlink());
    assert_eq!(mode(&path("usual.wasm")), 0o640);
    assert_ne!(fs::read(path("usual.wasm")).unwrap(), before);

    fs::set_permissions(path("usual.wasm"), PermissionsExt::from_mode(0o444)).unwrap();
    let before = fs::read(path("usual.wasm")).unwrap();
    let output = msgcompose(folder.path(), &plug("link.wasm", &[]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("0: `usual.wasm` is read-only"), "{said}");
    assert_eq!(fs::read(path("usual.wasm")).unwrap(), before);

    fs::create_dir(path("guests")).unwrap();
    fs::write(path("guests/a.wasm"), fixture("ticker")).unwrap();
    let adapter = ["--adapter", "messaging-over-http", "--set", "base-url=http://broker", "-o", "batch/"];
    succeeds(folder.path(), &[&["plug", "guests/"][..], &adapter, &SECRET].concat());
    assert_eq!(mode(&path("batch/a.wasm")), 0o600);
}

/// Two compositions, the second with a secret.
const PROJECT: &str = "
[composition.a]
guest = 'pricer.wasm'
adapters = ['reqreply-over-pubsub']
output = 'dist/a.wasm'

[composition.b]
guest = 'ticker.wasm'
adapters = ['messaging-over-http']
options = { base-url = 'http://broker', 'header.authorization' = 'Bearer t' }
bake-secrets = true
output = 'dist/b.wasm'
";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pricer", "ticker"] {
        fs::write(folder.path().join(format!("{name}.wasm")), fixture(name)).unwrap();
    }
    fs::write(folder.path().join("msgcompose.toml"), PROJECT).unwrap();
    folder
}

#[test]
fn a_locked_build_writes_all_or_nothing() {
    let folder = project();
    succeeds(folder.path(), &["build"]);
    let [a, b] = ["a", "b"].map(|name| folder.path().join(format!("dist/{name}.wasm")));
    let was = [&a, &b].map(|path| fs::read(path).unwrap());
    assert_eq!(mode(&b), 0o600);
    fs::remove_dir_all(folder.path().join("dist")).unwrap();
    succeeds(folder.path(), &["build", "--locked"]);
    assert!([&a, &b].map(|path| fs::read(path).unwrap()) == was);
    assert_eq!(mode(&b), 0o600);

    fs::remove_dir_all(folder.path().join("dist")).unwrap();
    let mut changed = fixture("ticker");
    changed.extend([0, 2, 1, b'x']);
    fs::write(folder.path().join("ticker.wasm"), changed).unwrap();
    let output = msgcompose(folder.path(), &["build", "--locked"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("guest `ticker.wasm` has changed") && !said.contains("composed"), "{said}");
    assert!(!folder.path().join("dist").exists());
}

/// An output that is an input by way of a link.
#[test]
fn an_input_is_not_overwritten_through_links() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (file, guest) in
        [("quote-desk.wasm", "quote-desk"), ("guests/front.wasm", "shop-front"), ("h.wasm", "shop-prices")]
    {
        fs::create_dir_all(path(file).parent().unwrap()).unwrap();
        fs::write(path(file), fixture(guest)).unwrap();
    }
    fs::write(path("options.toml"), "[reqreply-over-pubsub]\nreply-topic = 'r'\n").unwrap();
    fs::create_dir(path("mine")).unwrap();
    fs::write(path("mine/adapter.toml"), "").unwrap();
    fs::create_dir(path("composed")).unwrap();
    symlink("quote-desk.wasm", path("soft.wasm")).unwrap();
    symlink("soft.wasm", path("twice.wasm")).unwrap();
    fs::hard_link(path("quote-desk.wasm"), path("hard.wasm")).unwrap();
    symlink("h.wasm", path("handler.wasm")).unwrap();
    symlink("options.toml", path("options.wasm")).unwrap();
    symlink("mine/adapter.toml", path("manifest.wasm")).unwrap();
    symlink("mine", path("yours")).unwrap();
    symlink("../guests/front.wasm", path("composed/front.wasm")).unwrap();
    let project =
        "[composition.a]\nguest = 'quote-desk.wasm'\nadapters = ['reqreply-over-pubsub']\noutput = 'twice.wasm'\n";
    fs::write(path("msgcompose.toml"), project).unwrap();

    let adapter = ["--adapter", "reqreply-over-pubsub", "--config", "options.toml"];
    let plug = |output| [&["plug", "quote-desk.wasm"][..], &adapter, &["-o", output]].concat();
    let mine = |output| vec!["plug", "quote-desk.wasm", "--adapter", "./mine/", "-o", output];
    let refused: Vec<(Vec<&str>, &str)> = vec![
        (plug("soft.wasm"), "`soft.wasm` would overwrite guest `quote-desk.wasm`"),
        (plug("twice.wasm"), "`twice.wasm` would overwrite guest `quote-desk.wasm`"),
        (plug("hard.wasm"), "`hard.wasm` would overwrite guest `quote-desk.wasm`"),
        (plug("options.wasm"), "`options.wasm` would overwrite configuration `options.toml`"),
        (mine("manifest.wasm"), "`manifest.wasm` would be in the folder of adapter `./mine/`"),
        (mine("yours/new.wasm"), "`yours/new.wasm` would be in the folder of adapter `./mine/`"),
        (vec!["uplift", "quote-desk.wasm", "--dialect", "mixed", "-o", "soft.wasm"], "would overwrite guest"),
        (vec!["graph", "quote-desk.wasm", "--format", "dot", "-o", "soft.wasm"], "would overwrite guest"),
        (
            vec!["link", "guests/front.wasm", "--handler", "prices=h.wasm", "-o", "handler.wasm"],
            "`handler.wasm` would overwrite handler `h.wasm`",
        ),
        (
            [&["plug", "guests/"][..], &adapter, &["-o", "composed/"]].concat(),
            "`composed/front.wasm` would overwrite guest `guests/front.wasm`",
        ),
        (vec!["build"], "`twice.wasm` would overwrite guest `quote-desk.wasm`"),
    ];
    let inputs = ["quote-desk.wasm", "guests/front.wasm", "h.wasm", "options.toml", "mine/adapter.toml"];
    let before = inputs.map(|input| fs::read(path(input)).unwrap());
    for (arguments, message) in refused {
        let output = msgcompose(folder.path(), &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(message), "{arguments:?}: {said}");
        assert!(inputs.map(|input| fs::read(path(input)).unwrap()) == before, "{arguments:?}");
    }
    // Neither a plan nor a device overwrites anything.
    succeeds(folder.path(), &[&["plug", "quote-desk.wasm"][..], &adapter, &["--plan"]].concat());
    succeeds(folder.path(), &plug("/dev/null"));
}
