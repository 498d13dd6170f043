//! The two servers, each a process of its own, so that its processor time is known.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use keyglass_store::connect::{ServeOptions, Token};
use keyglass_store::embedded::Store;

use super::Failure;

/// What clients send to both.
pub const TOKEN: &str = "a-token-of-the-bench";
/// The first argument of the process that is our server; the folder follows.
const BE_SERVER: &str = "--be-server";
/// Lines that tell it whether somebody looks; it answers with the same.
const LOOK: &str = "look";
const LOOK_AWAY: &str = "look away";
/// How often somebody looks, as a window does.
const FRAME: Duration = Duration::from_millis(16);
/// How long a server may take until it listens.
const START: Duration = Duration::from_secs(20);

#[derive(Clone, Copy)]
pub enum Kind {
    Ours,
    Official,
}

/// A server that runs until it is dropped.
pub struct Running {
    child: Child,
    url: String,
    /// What ours says.
    told: Option<BufReader<ChildStdout>>,
}

/// Is our server where this process shall be it, until its input ends.
pub fn is_server() -> Result<bool, Failure> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(BE_SERVER) {
        return Ok(false);
    }
    let folder = arguments.next().ok_or("which folder?")?;
    // Each commit waits until the disk has it, unless one asks for less.
    let store = Store::create(folder)?;
    let options = ServeOptions::new().listen("127.0.0.1:0".parse()?);
    let server = options.token(Token::new(TOKEN)?).serve(Arc::new(store))?;
    println!("{}", server.url());
    let mut looking: Option<(Arc<AtomicBool>, JoinHandle<()>)> = None;
    for line in std::io::stdin().lines() {
        let line = line?;
        if let Some((stop, thread)) = looking.take() {
            stop.store(true, Ordering::Relaxed);
            let _ended = thread.join();
        }
        if line == LOOK {
            let stop = Arc::new(AtomicBool::new(false));
            let requests = server.requests();
            #[expect(clippy::disallowed_methods, reason = "it is joined at the next line")]
            let thread = std::thread::spawn({
                let stop = Arc::clone(&stop);
                move || {
                    while !stop.load(Ordering::Relaxed) {
                        requests.take_all().for_each(drop);
                        std::thread::sleep(FRAME);
                    }
                }
            });
            looking = Some((stop, thread));
        }
        println!("{line}");
    }
    Ok(true)
}

impl Running {
    /// Starts a server of a new database in a folder, and waits until it listens.
    pub fn start(kind: Kind, folder: &Path) -> Result<Self, Failure> {
        match kind {
            Kind::Ours => {
                let mut child = Command::new(std::env::current_exe()?)
                    .arg(BE_SERVER)
                    .arg(folder.join("ours"))
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()?;
                let mut told = BufReader::new(child.stdout.take().ok_or("no output")?);
                let mut url = String::new();
                told.read_line(&mut url)?;
                let url = url.trim_end().to_owned();
                let told = Some(told);
                Ok(Self { child, url, told })
            }
            Kind::Official => {
                let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                let address = format!("127.0.0.1:{port}");
                let program = official();
                let child = Command::new(&program)
                    .arg("--sqlite-path")
                    .arg(folder.join("official.sqlite3"))
                    .args(["serve", "--addr", &address, "--access-token", TOKEN])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .map_err(|error| {
                        format!("install the official server ({error}): {}", program.display())
                    })?;
                let url = format!("http://{address}");
                let running = Self {
                    child,
                    url,
                    told: None,
                };
                let begun = Instant::now();
                while TcpStream::connect(&address).is_err() {
                    if begun.elapsed() > START {
                        return Err("the official server does not listen".into());
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                Ok(running)
            }
        }
    }

    /// Has somebody look at what the clients of ours ask, or nobody.
    pub fn look(&mut self, look: bool) -> Result<(), Failure> {
        let (Some(told), Some(tell)) = (&mut self.told, &mut self.child.stdin) else {
            return Err("only ours can be looked at".into());
        };
        writeln!(tell, "{}", if look { LOOK } else { LOOK_AWAY })?;
        told.read_line(&mut String::new())?;
        Ok(())
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What its threads have taken of processors so far.
    pub fn processor_time(&self) -> Result<Duration, Failure> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name, which may hold spaces; user and system time are the 14th and 15th field of all.
        let (_name, rest) = stat.rsplit_once(") ").ok_or("an unknown form of /proc")?;
        let ticks = rest.split(' ').skip(11).take(2);
        let mut sum = 0;
        for number in ticks {
            sum += number.parse::<u64>()?;
        }
        // Linux tells programs hundredths of a second, whatever it counts by itself.
        Ok(Duration::from_millis(sum * 10))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn official() -> PathBuf {
    std::env::var_os("DENOKV").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers/bin/denokv"),
        PathBuf::from,
    )
}

/// The machine in a line.
pub fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_colon, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {model}")
}
