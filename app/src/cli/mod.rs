//! The command line: `keyglass LOCATION` opens the window, `keyglass COMMAND LOCATION …` works without one.
//!
//! Data goes to stdout and nothing else does. A command that fails says why in one sentence on stderr and ends
//! with 1; one that was called wrongly ends with 2, and one that was stopped by a signal on its way with 130. `diff`
//! ends as the program of that name does: with 1 if there are differences, and with 2 if it fails. `commit` ends with 3 if a
//! check does not hold, `backup` if keys changed whenever they were read, and `watch` with 124 if what it waits for does not come in time. A reader of stdout
//! that goes away early is no failure.

mod access;
mod backup;
mod commit;
mod consent;
mod copy;
mod delete;
mod diff;
mod error;
mod export;
mod get;
mod history;
mod import;
mod info;
mod interrupt;
mod ls;
mod misspelt;
mod output;
mod progress;
mod recover;
mod restore;
mod serve;
mod set;
mod text;
mod unseen_expiry;
mod verify;
mod watch;
mod write;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use error::CommandError;
use output::Output;

/// Looks into Deno KV databases.
#[derive(Debug, Parser)]
#[command(name = "keyglass", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Opens a window on this database: a Keyglass folder, one of Deno's SQLite files, or the URL of a server
    location: Option<String>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ls(ls::Ls),
    Get(get::Get),
    Set(set::Set),
    Delete(delete::Delete),
    Commit(commit::Commit),
    Export(export::Export),
    Import(import::Import),
    Copy(copy::Copy),
    Diff(diff::Diff),
    Backup(backup::Backup),
    Verify(verify::Verify),
    Restore(restore::Restore),
    Recover(recover::Recover),
    Watch(Box<watch::Watch>),
    History(history::History),
    Serve(serve::Serve),
    Info(info::Info),
}

/// Does what the process's arguments say.
#[must_use]
pub fn run() -> ExitCode {
    leave_contained_panics_to_their_errors();
    crate::serving::allow_many_files();
    let arguments = Arguments::parse();
    if let Some(error) = misspelt::command(&mut Arguments::command(), arguments.location.as_deref()) {
        error.exit();
    }
    let result = match arguments.command {
        None => crate::window::run(arguments.location)
            .map(|()| ExitCode::SUCCESS)
            .map_err(CommandError::from),
        Some(command) => run_command(command),
    };
    match result {
        Ok(code) => code,
        Err(error) if !error.is_closed_pipe() => {
            // Nothing can be done when even this cannot be written.
            let _written = writeln!(io::stderr(), "{}", text::one_line(&error.to_string()));
            error.exit_code()
        }
        Err(_reader_has_gone) => ExitCode::SUCCESS,
    }
}

/// A store turns the panics of its engine on damaged files into errors, which are told in their place.
fn leave_contained_panics_to_their_errors() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !keyglass_store::embedded::contains_panics() {
            tell(panic);
        }
    }));
}

fn run_command(command: Command) -> Result<ExitCode, CommandError> {
    let mut output = Output::new();
    match command {
        Command::Ls(ls) => ls.run(&mut output),
        Command::Get(get) => get.run(&mut output),
        Command::Set(set) => set.run(&mut output),
        Command::Delete(delete) => delete.run(&mut output),
        Command::Commit(commit) => commit.run(&mut output),
        Command::Export(export) => export.run(&mut output),
        Command::Import(import) => import.run(&mut output),
        Command::Copy(copy) => copy.run(&mut output),
        Command::Diff(diff) => {
            let code = diff.run(&mut output)?;
            output.finish()?;
            return Ok(code);
        }
        Command::Backup(backup) => backup.run(&mut output),
        Command::Verify(verify) => verify.run(&mut output),
        Command::Restore(restore) => restore.run(&mut output),
        Command::Recover(recover) => recover.run(&mut output),
        Command::Watch(watch) => {
            let code = watch.run(&mut output)?;
            output.finish()?;
            return Ok(code);
        }
        Command::History(history) => history.run(&mut output),
        Command::Serve(serve) => serve.run(&mut output),
        Command::Info(info) => info.run(&mut output),
    }?;
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as a shell reads them, without variables.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quote, mut is_word) = (vec![String::new()], None, false);
        for char in line.chars() {
            match (quote, char) {
                (Some(open), _) if char == open => quote = None,
                (None, '\'' | '"') => (quote, is_word) = (Some(char), true),
                (None, ' ') if is_word => {
                    words.push(String::new());
                    is_word = false;
                }
                (None, ' ') => {}
                (None, '#') if !is_word => break,
                _ => {
                    words.last_mut().unwrap().push(char);
                    is_word = true;
                }
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn every_command_line_that_the_pages_show_is_one() {
        let mut num_shown = 0;
        for page in [
            include_str!("../../../README.md"),
            include_str!("../../../CONTRIBUTING.md"),
        ] {
            for line in page.lines() {
                let own = line.strip_prefix("keyglass ");
                let cargo = line.strip_prefix("cargo run -- ");
                let Some(arguments) = own.or(cargo) else { continue };
                let line: Vec<String> = [vec!["keyglass".to_owned()], words(arguments)].concat();
                if let Err(error) = Arguments::try_parse_from(&line) {
                    panic!("{line:?}: {error}");
                }
                num_shown += 1;
            }
        }
        assert!(num_shown > 8, "only {num_shown} lines were found");
        assert_eq!(words("a 'b c' \"d\" # e"), ["a", "b c", "d"]);
    }
}
