//! What the threads of a process cost the processor, and what machine it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;

/// Processor time by what it was spent on.
pub type Spent = BTreeMap<&'static str, Duration>;

/// What each kind of thread has cost since the process began.
pub fn spent(process: u32) -> Outcome<Spent> {
    let mut spent = Spent::new();
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let task = task?.path();
        // One that has just ended is left out.
        let (Ok(name), Ok(times)) = (
            fs::read_to_string(task.join("comm")),
            fs::read_to_string(task.join("schedstat")),
        ) else {
            continue;
        };
        let nanoseconds: u64 = times.split(' ').next().unwrap_or_default().parse()?;
        let is_first = task.ends_with(process.to_string());
        *spent.entry(kind(name.trim(), is_first)).or_default() += Duration::from_nanos(nanoseconds);
    }
    Ok(spent)
}

/// What a thread does. The system keeps 15 characters of its name.
fn kind(name: &str, is_first: bool) -> &'static str {
    match name {
        _ if is_first || name.starts_with("llvmpipe") => "drawing",
        "deno-file-follo" | "keyglass follow" | "notify-rs inoti" => "following",
        "program" => "the program",
        _ if name.starts_with("keyglass") => "reading",
        _ => "other",
    }
}

/// What was spent meanwhile.
pub fn between(before: &Spent, after: &Spent) -> Spent {
    let since = |(kind, time): (&&'static str, &Duration)| {
        let before = before.get(kind).copied().unwrap_or_default();
        (*kind, time.saturating_sub(before))
    };
    after.iter().map(since).collect()
}

/// The machine in one line.
pub fn describe(folder: &Path, deno: &Path) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kilobytes: f64 = value(&read("/proc/meminfo"), "MemTotal")
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or(0.0);
    let deno = Command::new(deno).arg("--version").output();
    let deno = deno.map_or_else(
        |_missing| "no Deno".to_owned(),
        |output| {
            let text = String::from_utf8_lossy(&output.stdout);
            text.lines().next().unwrap_or("no Deno").to_owned()
        },
    );
    format!(
        "{cores} cores of {}, {:.0} GB, Linux {}, load {}, {}, {deno}, Xvfb with software drawing",
        value(&read("/proc/cpuinfo"), "model name"),
        kilobytes / 1e6,
        read("/proc/sys/kernel/osrelease").trim(),
        read("/proc/loadavg").split(' ').next().unwrap_or("?"),
        file_system(folder),
    )
}

/// The kind of file system that a folder is on.
fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let kinds = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let of_folder = kinds.filter(|(at, _)| folder.starts_with(at));
    let longest = of_folder.max_by_key(|(at, _)| at.len());
    longest.map_or_else(|| "?".to_owned(), |(_, kind)| kind.to_owned())
}
