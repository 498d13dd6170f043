//! A shop that is open: it counts visitors, sells what is in stock, and answers whoever chats with it. Others attach to
//! its store while it runs.
//!
//! ```sh
//! cargo run -p keyglass-store --features connect --example open_shop -- shop.kg
//! keyglass shop.kg                                         # in another terminal: look at it
//! keyglass set shop.kg '["chat", "you"]' '"Is it open?"'   # or talk to it
//! keyglass set shop.kg '["stock", "lamp"]' 50              # or bring what is sold out
//! ```

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::kv::KvEntry;
use keyglass_store::value::Node;
use keyglass_store::{CommitOutcome, Kv};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ARTICLES: [&str; 3] = ["lamp", "chair", "teapot"];
/// Between two visitors.
const PAUSE: Duration = Duration::from_millis(700);

fn main() -> Outcome<()> {
    let folder = std::env::args_os().nth(1).ok_or("usage: open_shop FOLDER")?;
    // The one line by which others can attach.
    let store = OpenOptions::new().attachable().open_or_create(folder)?;
    let shop = Kv::new(Arc::new(store));
    let mut output = std::io::stdout().lock();
    for article in ARTICLES {
        // What is there already stays.
        shop.atomic()
            .check_absent(["stock", article])
            .set(["stock", article], 10.0)
            .commit()?;
    }
    let mut chat = shop.watch([["chat", "you"]])?;
    writeln!(output, "The shop is open; Ctrl+C closes it")?;
    // One visitor after the other, each with an eye for something else.
    for article in ARTICLES.into_iter().cycle() {
        shop.atomic().sum(["visitors"], 1).commit()?;
        writeln!(output, "{}", sell(&shop, article)?)?;
        if let Some(state) = chat.next_within(PAUSE)
            && let [Some(said)] = state?.as_slice()
        {
            writeln!(output, "Somebody says {}", said.value)?;
            shop.set(
                ["chat", "shop"],
                format!("We heard {}. Have a look around!", said.value),
            )?;
        }
    }
    Ok(())
}

/// Takes one of an article from the stock, unless somebody else took the last.
fn sell(shop: &Kv<Store>, article: &str) -> Outcome<String> {
    loop {
        let found = shop.get(["stock", article])?;
        let Some((stock, left)) = found.as_ref().and_then(|stock| Some((stock, number(stock)?))) else {
            return Ok(format!("There is no number of {article}s in the stock"));
        };
        if left < 1.0 {
            return Ok(format!("No {article} is left; set its stock, and it sells again"));
        }
        let outcome = shop
            .atomic()
            .check(stock)
            .set(&stock.key, left - 1.0)
            .sum(["sold", article], 1)
            .commit()?;
        if let CommitOutcome::Committed(_) = outcome {
            return Ok(format!("Sold a {article}, {} left", left - 1.0));
        }
    }
}

fn number(entry: &KvEntry) -> Option<f64> {
    match entry.value.root() {
        Node::Number(number) => Some(*number),
        _ => None,
    }
}
