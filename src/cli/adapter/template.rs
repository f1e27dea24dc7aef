//! The files of a new adapter. It uses the interfaces of this project.

/// A file of the adapter.
pub struct File {
    /// The path in the adapter's folder.
    pub path: &'static str,
    /// A description in a few words.
    pub about: &'static str,
    /// The content.
    pub text: String,
}

/// Returns all files for an adapter called `name`.
pub fn files(name: &str) -> [File; 13] {
    let file = |path, about, text: &str| File {
        path,
        about,
        text: text.replace("{name}", name).replace("{module}", &name.replace('-', "_")),
    };
    // These contain no name to replace.
    let as_is = |path, about, text: &str| File { path, about, text: text.to_owned() };
    [
        file("README.md", "what it is", include_str!("template/README.md.in")),
        as_is("adapter.toml", "the manifest: its part and its options", include_str!("template/adapter.toml")),
        as_is("src/lib.rs", "the part, in Rust", include_str!("template/part.rs")),
        as_is("wit/provider.wit", "what the part imports and exports", include_str!("template/provider.wit")),
        as_is("wit/deps/logging.wit", "of `wasi:logging`", include_str!("template/deps/logging.wit")),
        as_is(
            "wit/deps/logging-draft.wit",
            "the same, with a version",
            include_str!("template/deps/logging-draft.wit"),
        ),
        as_is("wit/deps/cli.wit", "of `wasi:cli`", include_str!("template/deps/cli.wit")),
        as_is("wit/deps/io.wit", "of `wasi:io`", include_str!("template/deps/io.wit")),
        as_is("wit/deps/config.wit", "of `wasi:config`", include_str!("../../../wit/config/config.wit")),
        file("Cargo.toml", "how the part is built", include_str!("template/Cargo.toml.in")),
        as_is(".cargo/config.toml", "with a small stack", include_str!("template/config.toml")),
        as_is(".gitignore", "what is built, but for the part", include_str!("template/gitignore")),
        file("Makefile", "builds the part, and puts it beside the manifest", include_str!("template/Makefile.in")),
    ]
}

/// Returns whether both Cargo and Rust accept the name for a crate.
pub fn is_crate_name(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_word)
        && TAKEN.split(' ').all(|taken| taken != name)
}

/// Rust's keywords and built-in crates, and the crate that the part depends on.
const TAKEN: &str = "\
    Self abstract alloc as async await become box break const continue core crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override panic_abort priv proc-macro proc_macro \
    pub ref return self static std struct super test trait true try type typeof unsafe unsized use virtual where \
    while wit-bindgen yield";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cargo_or_rust_refuses_are_refused() {
        for name in ["log", "my-adapter", "a_b-3", "Log", "selfish"] {
            assert!(is_crate_name(name), "{name}");
        }
        for name in ["", "3d", "-x", "_", "a b", "a.b", "a/b", "..", "über", "fn", "std", "wit-bindgen"] {
            assert!(!is_crate_name(name), "{name}");
        }
    }

    #[test]
    fn the_name_is_put_in_wherever_it_belongs() {
        let files = files("my-log");
        let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
        assert!(text("Cargo.toml").contains("name = \"my-log\""));
        assert!(text("Makefile").contains("release/my_log.wasm"));
        for file in &files {
            assert!(!file.text.contains("{name}") && !file.text.contains("{module}"), "{}", file.path);
        }
    }
}
