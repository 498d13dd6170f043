//! The shop's own papers: settings, flags and documents.

use super::SampleError;
use super::collector::{Collector, quoted};

/// Length of the longest document in bytes, a little below the largest value that Deno KV takes.
const TERMS_BYTES: usize = 62_000;

const CLAUSES: [&str; 10] = [
    "These terms apply to every order placed in the shop.",
    "Prices include tax and are shown in euros.",
    "An order is binding once the confirmation has been sent.",
    "Books leave the warehouse within two working days, unless the product page says otherwise.",
    "Delivery within Europe takes three to five working days.",
    "Unread books may be returned within thirty days; the shop pays the postage.",
    "Audiobooks may be returned until the first chapter has been played.",
    "Refunds are made to the account that the payment came from.",
    "Personal data is used to fulfil the order and for nothing else.",
    "Should one clause be void, the others remain in force.",
];

pub(super) fn put_settings(sample: &mut Collector) -> Result<(), SampleError> {
    for (key, value) in [
        (
            r#"["settings"]"#,
            r#"{name: "Harbour Books", founded: new Date("2026-01-05T08:00:00Z"), currency: "EUR"}"#,
        ),
        (
            r#"["settings", "mail"]"#,
            r#"{host: "smtp.example.com", port: 587, secure: true, from: "Harbour Books <hello@example.com>"}"#,
        ),
        (
            r#"["settings", "shipping"]"#,
            r#"new Map([["DE", {cost: 3.9, days: [2, 3]}], ["FR", {cost: 5.9, days: [3, 5]}], ["JP", {cost: 14.5, days: [7, 10]}]])"#,
        ),
        (r#"["settings", "shipping", "free_from"]"#, "49"),
        (r#"["settings", "validation", "isbn"]"#, r"/^97[89]\d{10}$/u"),
        (r#"["settings", "validation", "email"]"#, r"/^[^@\s]+@[^@\s]+$/"),
        (
            r#"["settings", "opening_hours"]"#,
            r#"{monday: null, tuesday: ["10:00", "18:00"], wednesday: ["10:00", "18:00"], thursday: ["10:00", "20:00"], friday: ["10:00", "18:00"], saturday: ["09:00", "16:00"], sunday: null}"#,
        ),
        (
            r#"["settings", "theme", "colours"]"#,
            r##"{paper: "#f2e9d8", ink: "#1b1b1b", accent: "#1f3a5f", dark: {paper: "#17191d", ink: "#e8e4da", accent: "#8fb4e3"}}"##,
        ),
        (
            r#"["settings", "payment", "methods"]"#,
            r#"new Set(["card", "bank transfer", "gift voucher"])"#,
        ),
        (r#"["flags", "new_checkout"]"#, "true"),
        (r#"["flags", "gift_vouchers"]"#, "true"),
        (r#"["flags", "dark_mode"]"#, "false"),
        (
            r#"["flags", "recommendations"]"#,
            r#"{enabled: true, share: 0.25, since: new Date("2026-03-01")}"#,
        ),
    ] {
        sample.put(key, value)?;
    }
    Ok(())
}

pub(super) fn put_documents(sample: &mut Collector) -> Result<(), SampleError> {
    sample.put(r#"["documents", "terms"]"#, &quoted(&terms()))?;
    sample.put(
        r#"["documents", "welcome_mail"]"#,
        &quoted(
            "Dear {{name}},\n\nthank you for joining Harbour Books. Your first parcel travels free of \
             charge.\n\nKind regards,\nthe shop\n",
        ),
    )?;
    sample.put(
        r#"["documents", "imprint.html"]"#,
        &quoted(
            "<!doctype html>\n<html lang=\"en\">\n  <head><title>Imprint</title></head>\n  <body>\n    \
             <h1>Harbour Books</h1>\n    <p>12 Quay Street, Bristol</p>\n  </body>\n</html>\n",
        ),
    )?;
    sample.put(
        r#"["documents", "利用規約"]"#,
        &quoted(&"ご注文の確定後、二営業日以内に発送いたします。\n".repeat(120)),
    )?;
    let mut table = String::from("week,orders,revenue\n");
    for week in 1..=17 {
        let orders = 18 + sample.random.below(14);
        table.push_str(&format!("{week},{orders},{}\n", orders * 23));
    }
    sample.put_bytes(r#"["documents", "weekly.csv"]"#, table.into_bytes())
}

/// Numbered clauses, as many as fit.
fn terms() -> String {
    let mut text = String::from("General terms of business\n");
    for section in 1.. {
        for (number, clause) in CLAUSES.iter().enumerate() {
            let line = format!("{section}.{} {clause}\n", number + 1);
            if text.len() + line.len() > TERMS_BYTES {
                return text;
            }
            text.push_str(&line);
        }
    }
    text
}
