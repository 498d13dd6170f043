//! What an engine says of itself, in words.

use keyglass_store::database::{EngineFacts, FjallFacts, SqliteFacts, TableFacts};

/// Facts of an engine for a person to read, as name and text.
#[must_use]
pub fn engine_facts(facts: &EngineFacts) -> Vec<(&'static str, String)> {
    match facts {
        EngineFacts::None => Vec::new(),
        EngineFacts::Fjall(facts) => of_fjall(facts),
        EngineFacts::Sqlite(facts) => of_sqlite(facts),
    }
}

fn of_fjall(facts: &FjallFacts) -> Vec<(&'static str, String)> {
    let (name, text) = match facts.synced {
        Some(true) => ("Durability", "commits survive a power cut"),
        Some(false) => (
            "Durability",
            "commits survive the end of the process, but not a power cut",
        ),
        None => ("Access", "Read-only, as it was when it was opened"),
    };
    let mut told = vec![
        ("Engine", "fjall 3 (log-structured merge tree)".to_owned()),
        (name, text.to_owned()),
        ("Entries on disk", tables(facts.entries)),
        ("Index and queue on disk", tables(facts.others)),
        ("Journals", facts.journals.to_string()),
        ("Bytes not yet in tables", facts.unwritten_bytes.to_string()),
        (
            "Block cache",
            format!("{} of {} bytes", facts.cached_bytes, facts.cache_bytes),
        ),
        (
            "Compactions",
            format!(
                "{} running, {} done since it was opened",
                facts.running_compactions, facts.done_compactions
            ),
        ),
    ];
    told.extend(facts.lost.clone().map(|lost| ("Lost", lost)));
    told
}

fn tables(facts: TableFacts) -> String {
    format!(
        "{} bytes in {} tables, {} of them in level 0, and {} files of large values",
        facts.bytes, facts.tables, facts.level_0, facts.value_files
    )
}

fn of_sqlite(facts: &SqliteFacts) -> Vec<(&'static str, String)> {
    let how = if facts.shared {
        "Beside other processes"
    } else {
        "Read-only, as an unchanging file: its folder cannot be written"
    };
    vec![
        ("Engine", format!("SQLite {}", facts.library)),
        ("Opened", how.to_owned()),
        ("Schema version", facts.schema.to_string()),
        ("Page size", format!("{} bytes", facts.page_bytes)),
        ("Pages", facts.pages.to_string()),
        ("Free pages", facts.free_pages.to_string()),
        ("Write-ahead log", format!("{} bytes", facts.wal_bytes)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_folder_says_of_itself_is_told_in_words() {
        let tables = TableFacts {
            bytes: 10,
            tables: 2,
            level_0: 1,
            value_files: 0,
        };
        let facts = FjallFacts {
            synced: Some(false),
            entries: tables,
            others: tables,
            journals: 1,
            unwritten_bytes: 5,
            cached_bytes: 3,
            cache_bytes: 4,
            running_compactions: 0,
            done_compactions: 7,
            lost: Some("2 commits".to_owned()),
        };
        let told = engine_facts(&EngineFacts::Fjall(facts));
        let text = |name| &told.iter().find(|(found, _)| *found == name).unwrap().1;
        assert_eq!(
            text("Durability"),
            "commits survive the end of the process, but not a power cut"
        );
        assert_eq!(
            text("Entries on disk"),
            "10 bytes in 2 tables, 1 of them in level 0, and 0 files of large values"
        );
        assert_eq!(text("Compactions"), "0 running, 7 done since it was opened");
        assert_eq!(text("Lost"), "2 commits");
    }
}
