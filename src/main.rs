//! The `holdpoint` program: parse, dispatch, exit.
#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
