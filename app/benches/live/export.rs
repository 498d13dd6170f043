//! How fast a folder is exported, and what the disk alone takes for as many bytes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use keyglass_store::Database;
use keyglass_store::database::Counted;
use keyglass_store::key::KeyRange;
use keyglass_store::transfer::{self, ExportOptions, Format};

use crate::Outcome;

/// How often each is done.
const ROUNDS: u32 = 3;
/// Bytes of one plain write.
const PIECE: usize = 1 << 16;

/// Takes bytes to nowhere and counts them.
#[derive(Default)]
struct Nowhere(u64);

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints the table; the lines for programs.
pub fn measure(database: &dyn Database, folder: &Path) -> Outcome<Vec<String>> {
    let Counted { entries, .. } =
        database.count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))?;
    let options = ExportOptions {
        ranges: vec![KeyRange::everything()],
        format: Format::Ndjson,
        expired: true,
    };
    let mut lines = Vec::new();
    println!(
        "\n| export of {entries} entries | bytes | time | entries a second | the disk alone: write, then sync |"
    );
    println!("|---|---|---|---|---|");
    for _ in 0..ROUNDS {
        let mut nowhere = Nowhere::default();
        let begun = Instant::now();
        transfer::export(database, &options, &mut nowhere, &mut |_| {
            ControlFlow::Continue(())
        })?;
        let took = begun.elapsed();
        row("nowhere", entries, nowhere.0, took, "none");
        lines.push(format!(
            "export nowhere {:.0}",
            entries as f64 / took.as_secs_f64()
        ));

        let path = folder.join("export.ndjson");
        let begun = Instant::now();
        transfer::export_to_file(database, &options, &path, &mut |_| ControlFlow::Continue(()))?;
        let took = begun.elapsed();
        let bytes = fs::metadata(&path)?.len();
        fs::remove_file(&path)?;
        let (written, synced) = write_plainly(&path, bytes)?;
        let disk = format!("{:.2} s, {:.2} s", written.as_secs_f64(), synced.as_secs_f64());
        row("to a file, synced", entries, bytes, took, &disk);
        lines.push(format!("export file {:.0}", entries as f64 / took.as_secs_f64()));
    }
    Ok(lines)
}

fn row(what: &str, entries: u64, bytes: u64, took: Duration, disk: &str) {
    println!(
        "| {what} | {:.0} MB | {:.2} s | {:.0} | {disk} |",
        bytes as f64 / 1e6,
        took.as_secs_f64(),
        entries as f64 / took.as_secs_f64()
    );
}

/// Writes so many bytes that do not compress, and has the disk keep them.
fn write_plainly(path: &Path, bytes: u64) -> Outcome<(Duration, Duration)> {
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut piece = Vec::with_capacity(PIECE);
    while piece.len() < PIECE {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        piece.extend(random.to_ne_bytes());
    }
    let mut file = File::create(path)?;
    let begun = Instant::now();
    for _ in 0..bytes / PIECE as u64 {
        file.write_all(&piece)?;
    }
    let written = begun.elapsed();
    file.sync_all()?;
    let synced = begun.elapsed().saturating_sub(written);
    fs::remove_file(path)?;
    Ok((written, synced))
}
