//! The man pages under `man/`, generated from `--help`. They are committed, so that packages can be built where the
//! program cannot run. The test compares them with the help; `BLESS=1 cargo test --lib man` rewrites them.

use super::Cli;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use roff::{Roff, roman};
use std::{collections::BTreeMap, fs, path::Path};

const SOURCE: &str = concat!("msgcompose ", env!("CARGO_PKG_VERSION"));

/// Adds the pages of a command and its subcommands, by file name.
fn pages(command: &Command, pages: &mut BTreeMap<String, String>) {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    pages.insert(format!("{name}.1"), page(command));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        self::pages(below, pages);
    }
}

fn page(command: &Command) -> String {
    let (man, mut text) = (Man::new(command.clone()).source(SOURCE), Vec::new());
    man.render_title(&mut text).unwrap();
    man.render_name_section(&mut text).unwrap();
    man.render_synopsis_section(&mut text).unwrap();
    man.render_description_section(&mut text).unwrap();
    man.render_options_section(&mut text).unwrap();
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut text).unwrap();
    }
    let help = command.get_after_help().expect("every command has examples and exit codes").to_string();
    let (examples, status) = help.split_once("Exit status:").expect("the exit codes are behind the examples");
    for (heading, body) in [("EXAMPLES", examples.trim_start_matches("Examples:")), ("EXIT STATUS", status)] {
        let mut section = Roff::new();
        section.control("SH", [heading]).control("nf", []);
        for line in body.trim_matches('\n').lines() {
            section.text([roman(line)]);
        }
        section.control("fi", []);
        section.to_writer(&mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn man_pages_are_what_the_help_says() {
    let mut command = Cli::command();
    command.build();
    let mut expected = BTreeMap::new();
    pages(&command, &mut expected);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        for (file, text) in &expected {
            fs::write(folder.join(file), text).unwrap();
        }
    }
    let entries = fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let found: BTreeMap<_, _> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "the pages");
    for (file, text) in expected {
        assert_eq!(found[&file], text, "`{file}`: BLESS=1 writes it");
    }
}
