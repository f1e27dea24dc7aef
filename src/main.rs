//! The command line.

fn main() -> std::process::ExitCode {
    msgcompose::cli::main()
}
