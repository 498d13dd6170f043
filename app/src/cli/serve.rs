//! `keyglass serve`: lets Deno and Node use a database while it runs.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use keyglass_store::connect::{DEFAULT_ADDRESS, ServeError, ServeOptions, Token};
use keyglass_store::{Database, Writing};

use super::access::Access;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::write::Write;
use crate::serving;

/// Serves a database to Deno and Node over KV Connect until it is ended; makes it if nothing is there
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The database
    location: String,

    /// Where to listen. An address that other machines reach needs --token-file with a token that you chose
    #[arg(long, value_name = "ADDRESS", default_value_t = DEFAULT_ADDRESS)]
    listen: SocketAddr,

    /// The file with the token that programs must send; made, with a random one, if it is not there
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// The file with the token of the database itself, if that is on a server
    #[arg(long, value_name = "FILE")]
    database_token_file: Option<PathBuf>,

    /// A further name that programs call this machine by
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// Refuse every write
    #[arg(long)]
    read_only: bool,

    #[command(flatten)]
    write: Write,
}

impl Serve {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let interrupt = Interrupt::listen();
        let is_open = !self.listen.ip().to_canonical().is_loopback();
        if is_open && self.token_file.is_none() {
            return Err(ServeError::BeyondThisMachine(self.listen).into());
        }
        let access = Access {
            token_file: self.database_token_file,
        };
        let options = self.write.options().attachable();
        let (database, made) = access.open_or_create(options, &self.location)?;
        if made {
            note(format!("Made a new database: {}", self.location));
        }
        let file = match self.token_file {
            Some(file) => file,
            None => serving::token_file(&self.location)?,
        };
        let token = if is_open {
            // One that a person chose, and no random one from an earlier time.
            Token::read(&file)?
        } else {
            Token::read_or_make(&file)?.0
        };
        let mut options = ServeOptions::new().listen(self.listen).read_only(self.read_only);
        for host in self.hosts {
            options = options.host(host);
        }
        let server = options.token(token).serve(database.clone())?;
        if is_open {
            note(format!(
                "Other machines can reach this database at {}, and nothing on the way is encrypted",
                server.address()
            ));
        }
        let url = server.url();
        output.line(format!(
            "Serving {} at {url}{}",
            self.location,
            remark(self.read_only, database.as_ref())
        ))?;
        output.line(format!("The token is in {}", file.display()))?;
        output.line("")?;
        output.line("In the shell that starts a program:")?;
        output.line(format!("  {}", serving::shell_line(&file)))?;
        output.line("Deno, run with --unstable-kv --allow-env --allow-net:")?;
        output.line(format!("  {}", serving::deno_line(&url)))?;
        output.line("Node, after npm install @deno/kv:")?;
        for line in serving::node_lines(&url).lines() {
            output.line(format!("  {line}"))?;
        }
        output.flush()?;
        interrupt.wait();
        drop(server);
        if let Some(word) = database.parting_word() {
            note(word);
        }
        Ok(())
    }
}

/// Why programs cannot write, if they cannot.
fn remark(read_only: bool, database: &dyn Database) -> String {
    match database.capabilities().writing {
        _ if read_only => ", for reading only".to_owned(),
        Writing::Allowed => String::new(),
        Writing::Locked => ", for reading only: Deno's files are written only with --write".to_owned(),
        Writing::Impossible(reason) => format!(", for reading only: {reason}"),
    }
}
