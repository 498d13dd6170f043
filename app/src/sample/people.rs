//! Customers and what they do: accounts, orders, carts, sessions, reviews, support chats.

use super::SampleError;
use super::collector::{Collector, quoted};
use super::shelves::Book;

/// 5 January 2026, 08:00 UTC, in milliseconds: when the shop's records begin.
pub(super) const OPENED: u64 = 1_767_600_000_000;
pub(super) const MINUTE: u64 = 60_000;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

const USERS: u64 = 220;
const ORDERS: u64 = 420;

const NAMES: [(&str, &str); 24] = [
    ("Amara Okafor", "amara.okafor"),
    ("Ana Silva", "ana.silva"),
    ("Björn Ångström", "bjorn.angstrom"),
    ("Chen Mei", "chen.mei"),
    ("Daniel Weiss", "daniel.weiss"),
    ("Élodie Dubois", "elodie.dubois"),
    ("Fatima Haddad", "fatima.haddad"),
    ("Grace Mensah", "grace.mensah"),
    ("Henrik Sørensen", "henrik.sorensen"),
    ("Isabel García", "isabel.garcia"),
    ("Jonas Müller", "jonas.muller"),
    ("Kateřina Nováková", "katerina.novakova"),
    ("Łukasz Nowak", "lukasz.nowak"),
    ("Maria Rossi", "maria.rossi"),
    ("Noor Rahman", "noor.rahman"),
    ("Olivia Hughes", "olivia.hughes"),
    ("Priya Sharma", "priya.sharma"),
    ("Samuel Cohen", "samuel.cohen"),
    ("Thomas Janssen", "thomas.janssen"),
    ("Zoë Williams", "zoe.williams"),
    ("Иван Петров", "ivan.petrov"),
    ("田中 健太", "kenta.tanaka"),
    ("김민지", "minji.kim"),
    ("عمر خليل", "omar.khalil"),
];

const PLACES: [(&str, &str, &str); 12] = [
    ("Amsterdam", "NL", "Prinsengracht"),
    ("Berlin", "DE", "Torstraße"),
    ("Bristol", "GB", "Park Street"),
    ("Copenhagen", "DK", "Nørrebrogade"),
    ("Kraków", "PL", "Ulica Długa"),
    ("Lisbon", "PT", "Rua da Rosa"),
    ("Lyon", "FR", "Rue Mercière"),
    ("Osaka", "JP", "Midosuji"),
    ("Portland", "US", "Alder Street"),
    ("Reykjavík", "IS", "Laugavegur"),
    ("São Paulo", "BR", "Rua Augusta"),
    ("Zürich", "CH", "Langstrasse"),
];

const REVIEWS: [&str; 10] = [
    "A pleasure from the first page to the last.",
    "Took me a few chapters to get into, then I could not put it down.",
    "The translation reads beautifully.",
    "Good paper, clear print, arrived well packed.",
    "Bought it as a present and ended up reading it myself.",
    "I had forgotten how funny it is.",
    "The notes at the end are a real help.",
    "Smaller than I expected, but a handsome edition.",
    "One corner was bent. The shop sent a new copy within two days.",
    "Everyone should read this once.",
];

const CHATS: [&[(&str, &str)]; 5] = [
    &[
        (
            "customer",
            "Hello, my order still says “packed”. When will it leave?",
        ),
        ("staff", "Good morning! It goes out with this afternoon’s post."),
        ("customer", "Great, thank you."),
    ],
    &[
        ("customer", "Can I change the delivery address?"),
        ("staff", "Of course. What is the new one?"),
        ("customer", "Same street, number 14 instead of 41."),
        ("staff", "Changed. You should have a new confirmation by email."),
    ],
    &[
        ("customer", "Do you have the audiobook read by the author?"),
        (
            "staff",
            "Not at the moment, but we can let you know when it is back.",
        ),
        ("customer", "Yes please! 🙂"),
    ],
    &[
        ("customer", "The invoice shows the wrong company name."),
        ("staff", "Sorry about that. I have sent a corrected one."),
    ],
    &[
        ("customer", "こんにちは。海外発送はできますか?"),
        ("staff", "はい、日本へは七日から十日でお届けします。"),
        ("customer", "ありがとうございます!"),
    ],
];

/// A customer, as far as other entries refer to one.
pub(super) struct User {
    pub(super) id: String,
}

pub(super) fn put_users(sample: &mut Collector) -> Result<Vec<User>, SampleError> {
    let mut users = Vec::new();
    for number in 0..USERS {
        let id = sample.random.uuid();
        let Some((name, account)) = sample.random.item(&NAMES) else {
            continue;
        };
        let Some((city, country, street)) = sample.random.item(&PLACES) else {
            continue;
        };
        let email = format!("{account}{number}@example.com");
        let joined = OPENED + sample.random.below(120 * DAY);
        let roles = if number == 0 {
            r#"["owner", "staff"]"#
        } else if number < 6 {
            r#"["staff"]"#
        } else {
            r#"["customer"]"#
        };
        let phone = if sample.random.one_in(3) {
            "null".to_owned()
        } else {
            quoted(&format!("+44 20 7946 0{:03}", sample.random.below(1000)))
        };
        let last_login = if sample.random.one_in(4) {
            "undefined".to_owned()
        } else {
            format!("new Date({})", joined + sample.random.below(60 * DAY))
        };
        let language = sample.random.pick(&["en", "de", "fr", "ja", "pl", "pt"]);
        let value = format!(
            "{{id: {id}, name: {name}, email: {email}, createdAt: new Date({joined}), lastLogin: {last_login}, \
             roles: new Set({roles}), address: {{street: {street}, city: {city}, postcode: {postcode}, \
             country: {country}}}, phone: {phone}, newsletter: {newsletter}, loyaltyPoints: {points}n, \
             preferences: new Map([[\"language\", {language}], [\"currency\", \"EUR\"], [\"giftWrap\", {wrap}]])}}",
            id = quoted(&id),
            name = quoted(name),
            email = quoted(&email),
            street = quoted(&format!("{street} {}", 1 + sample.random.below(180))),
            city = quoted(city),
            postcode = quoted(&(10_000 + sample.random.below(89_999)).to_string()),
            country = quoted(country),
            newsletter = sample.random.one_in(2),
            points = sample.random.below(25_000),
            language = quoted(language),
            wrap = sample.random.one_in(5),
        );
        sample.put(&format!(r#"["users", "{id}"]"#), &value)?;
        sample.put(&format!(r#"["users_by_email", "{email}"]"#), &quoted(&id))?;
        users.push(User { id });
    }
    Ok(users)
}

pub(super) fn put_orders(sample: &mut Collector, users: &[User], books: &[Book]) -> Result<(), SampleError> {
    for index in 0..ORDERS {
        let number = 100_000 + index;
        let placed = OPENED + index * 7 * HOUR + sample.random.below(6 * HOUR);
        let mut lines = Vec::new();
        let mut total = 0;
        for _line in 0..=sample.random.below(4) {
            let quantity = if sample.random.one_in(6) { 2 } else { 1 };
            if let Some(book) = sample.random.item(books) {
                total += quantity * book.cents;
                lines.push(format!(
                    "{{isbn: \"{}\", title: {}, quantity: {quantity}, price: {}}}",
                    book.isbn,
                    quoted(book.title),
                    price(book.cents)
                ));
            }
        }
        let Some(user) = sample.random.item(users) else {
            continue;
        };
        let status = match index {
            0..380 => sample
                .random
                .pick(&["delivered", "delivered", "delivered", "delivered", "returned"]),
            380..405 => "shipped",
            _ => sample.random.pick(&["paid", "packed"]),
        };
        let note = match sample.random.below(12) {
            0 => quoted("Please leave it with the neighbour at number 12."),
            1 => quoted("A present: no invoice in the parcel, please."),
            _ => "null".to_owned(),
        };
        let value = format!(
            "{{number: {number}n, user: \"{user}\", placedAt: new Date({placed}), status: \"{status}\", \
             lines: [{lines}], total: {total}, currency: \"EUR\", note: {note}}}",
            user = user.id,
            lines = lines.join(", "),
            total = price(total),
        );
        sample.put(&format!(r#"["orders", {number}n]"#), &value)?;
        sample.put(
            &format!(r#"["orders_by_user", "{}", {number}n]"#, user.id),
            "null",
        )?;
        let day = (placed - OPENED) / DAY;
        sample.put(
            &format!(r#"["orders_by_day", {}, {number}n]"#, day + 1),
            &quoted(status),
        )?;
    }
    Ok(())
}

/// Carts, sessions, reviews and chats; the first two expire.
pub(super) fn put_visits(sample: &mut Collector, users: &[User], books: &[Book]) -> Result<(), SampleError> {
    for (index, user) in users.iter().take(90).enumerate() {
        let lasts = match index % 6 {
            0 => 2 * MINUTE + sample.random.below(28 * MINUTE),
            1 | 2 => HOUR + sample.random.below(10 * HOUR),
            _ => DAY + sample.random.below(29 * DAY),
        };
        let value = format!(
            "{{user: \"{}\", csrf: \"{}\", address: \"2001:db8::{}\", agent: {}}}",
            user.id,
            sample.random.hex(32),
            sample.random.hex(4),
            quoted(sample.random.pick(&[
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
            ])),
        );
        let token = sample.random.hex(40);
        sample.put_for(lasts, &format!(r#"["sessions", "{token}"]"#), &value)?;
    }
    for user in users.iter().skip(30).take(40) {
        let Some(book) = sample.random.item(books) else {
            continue;
        };
        let value = format!(
            "new Map([[\"{}\", {{quantity: 1, addedAt: new Date({})}}]])",
            book.isbn,
            OPENED + 118 * DAY + sample.random.below(DAY)
        );
        let lasts = DAY + sample.random.below(13 * DAY);
        sample.put_for(lasts, &format!(r#"["carts", "{}"]"#, user.id), &value)?;
    }
    for user in users.iter().skip(10).take(130) {
        let Some(book) = sample.random.item(books) else {
            continue;
        };
        let stars = 5 - sample.random.below(3);
        let value = format!(
            "{{stars: {stars}, text: {}, at: new Date({}), verified: {}}}",
            quoted(sample.random.pick(&REVIEWS)),
            OPENED + sample.random.below(110 * DAY),
            sample.random.one_in(2)
        );
        sample.put(&format!(r#"["reviews", "{}", "{}"]"#, book.isbn, user.id), &value)?;
    }
    for (index, user) in users.iter().skip(40).take(80).enumerate() {
        let ticket = 2_001 + index;
        let mut at = OPENED + sample.random.below(110 * DAY);
        for (from, text) in sample.random.item(&CHATS).copied().unwrap_or_default() {
            at += 20_000 + sample.random.below(5 * MINUTE);
            sample.put(
                &format!(r#"["chat", "support", {ticket}, {at}]"#),
                &format!(
                    "{{from: \"{from}\", user: \"{}\", text: {}, at: new Date({at})}}",
                    user.id,
                    quoted(text)
                ),
            )?;
        }
    }
    Ok(())
}

/// An amount in cents as a JavaScript number.
pub(super) fn price(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
