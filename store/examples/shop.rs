//! A small shop: stock, orders that take from it, an index of orders by customer, and a queue of parcels.
//!
//! `cargo run -p keyglass-store --example shop -- FOLDER`

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use keyglass_store::key::Selector;
use keyglass_store::value::{Node, literal};
use keyglass_store::{CommitOutcome, Kv, Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = std::env::args_os().nth(1).ok_or("usage: shop FOLDER")?;
    let kv = Kv::open(folder)?;
    let mut output = std::io::stdout().lock();

    kv.set(["stock", "lamp"], 3.0)?;
    let order = take_order(&kv, "ada", "lamp")?;
    writeln!(output, "Ada's order is number {order}")?;

    for entry in kv.list(Selector::prefix(["orders_by_customer", "ada"].into())) {
        writeln!(output, "{}", entry?.key)?;
    }
    let listener = kv.listen();
    while let Some(delivery) = listener.receive(Duration::from_millis(100))? {
        writeln!(output, "Packing {}", delivery.value()?)?;
        delivery.finish()?;
    }
    Ok(())
}

/// Takes one of an article from the stock and stores an order for it; gives the order's number.
fn take_order(kv: &Kv, customer: &str, article: &str) -> Outcome<u64> {
    loop {
        let found = kv.get_many([vec!["stock".into(), article.into()], vec!["num_orders".into()]])?;
        let [Some(stock), num_orders] = found.as_slice() else {
            return Err(format!("There is no article {article}").into());
        };
        let Node::Number(left) = stock.value.root() else {
            return Err(format!("The stock is no number: {}", stock.key).into());
        };
        if *left < 1.0 {
            return Err(format!("The last {article} is sold").into());
        }
        let number = num_orders
            .as_ref()
            .and_then(|entry| entry.value.as_u64())
            .unwrap_or(0)
            + 1;
        let order = literal::parse(&format!("{{ customer: {customer:?}, article: {article:?} }}"))?;
        let outcome = kv
            .atomic()
            .check(stock)
            .check_versionstamp(
                ["num_orders"],
                num_orders.as_ref().map(|entry| entry.versionstamp),
            )
            .set(&stock.key, left - 1.0)
            .set(["num_orders"], Value::u64(number))
            .set(["orders".to_owned(), number.to_string()], &order)
            .set(["orders_by_customer", customer, &number.to_string()], true)
            .enqueue(order)
            .commit()?;
        // Somebody else took an order in between: look again.
        if let CommitOutcome::Committed(_) = outcome {
            return Ok(number);
        }
    }
}
