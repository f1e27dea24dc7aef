//! Every command's help has examples and exit codes.

use std::process::Command;

/// Returns the help text of a command.
fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(command).arg("--help").output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let names = commands.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

/// Returns all commands and subcommands.
fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut next = 0;
    while next < found.len() {
        let command = found[next].clone();
        found.extend(listed(&help(&command)).into_iter().map(|name| [&command[..], &[name]].concat()));
        next += 1;
    }
    found
}

#[test]
fn every_command_has_examples_and_exit_codes() {
    let commands = commands();
    for name in ["plug", "adapters", "inspect", "check", "completions"] {
        assert!(commands.contains(&vec![name.to_owned()]), "`{name}` is not found in {commands:?}");
    }
    for command in commands {
        let (name, help) = (command.join(" "), help(&command));
        let Some((_, ends)) = help.split_once("\nExamples:\n") else {
            panic!("no examples in `{name} --help`\n{help}")
        };
        let (examples, codes) = ends.split_once("\nExit status:\n").unwrap_or_else(|| panic!("`{name}`\n{help}"));
        let uses: Vec<_> = examples.lines().filter(|line| line.contains(&format!("msgcompose {name}"))).collect();
        assert!(!uses.is_empty(), "no example in `{name} --help` uses it:\n{examples}");
        for code in ["  0  ", "  1  ", "  2  ", "  3  "] {
            assert!(codes.contains(code), "`{name} --help` does not explain exit status {code}");
        }
    }
}

/// Examples use only options that their command has.
#[test]
fn examples_name_options_that_exist() {
    for command in commands() {
        let help = help(&command);
        let Some((_, ends)) = help.split_once("\nExamples:\n") else { continue };
        for line in ends.lines().filter(|line| line.trim_start().starts_with("msgcompose ")) {
            // Each part of a pipe is an example.
            for used in line.split('|').map(str::trim).filter(|used| used.starts_with("msgcompose ")) {
                let words: Vec<_> = used.split_whitespace().skip(1).map(str::to_owned).collect();
                let all = commands();
                let starts = (0..=words.len()).rev().map(|end| &words[..end]);
                let command = starts.into_iter().find(|start| all.iter().any(|known| known == start)).unwrap();
                let text = self::help(command);
                for option in words.iter().filter(|word| word.starts_with('-') && *word != "-") {
                    let has = text.lines().any(|line| line.split([' ', ',']).any(|word| word == option));
                    assert!(has, "`{used}`: there is no `{option}`");
                }
            }
        }
    }
}

#[test]
fn a_command_that_is_not_listed_is_found_out() {
    assert_eq!(
        listed("Usage\n\nCommands:\n  plug  Put\n          around\n  help  Print\n\nOptions:\n  -h\n"),
        ["plug"]
    );
}
