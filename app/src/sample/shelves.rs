//! What the shop sells: books, where they are in indexes, how many are left, their covers.

use super::SampleError;
use super::collector::{Collector, quoted};
use super::people::price;
use super::picture::{self, Colour};

/// A book in one format, as far as other entries refer to it.
pub(super) struct Book {
    pub(super) isbn: String,
    pub(super) title: &'static str,
    /// Its price in euro cents.
    pub(super) cents: u64,
}

/// Title, author, year of the first edition, subject.
const TITLES: [(&str, &str, i32, &str); 50] = [
    ("A Room with a View", "E. M. Forster", 1908, "novel"),
    ("Anna Karenina", "Leo Tolstoy", 1878, "novel"),
    (
        "Around the World in Eighty Days",
        "Jules Verne",
        1872,
        "adventure",
    ),
    ("Bleak House", "Charles Dickens", 1853, "novel"),
    ("Candide", "Voltaire", 1759, "satire"),
    ("Cranford", "Elizabeth Gaskell", 1853, "novel"),
    ("Crime and Punishment", "Fyodor Dostoevsky", 1866, "novel"),
    ("David Copperfield", "Charles Dickens", 1850, "novel"),
    ("Dead Souls", "Nikolai Gogol", 1842, "satire"),
    ("Don Quixote", "Miguel de Cervantes", 1605, "adventure"),
    ("Dracula", "Bram Stoker", 1897, "horror"),
    ("Effi Briest", "Theodor Fontane", 1895, "novel"),
    ("Emma", "Jane Austen", 1815, "novel"),
    ("Essays", "Michel de Montaigne", 1580, "essays"),
    ("The House of Mirth", "Edith Wharton", 1905, "novel"),
    ("Fathers and Sons", "Ivan Turgenev", 1862, "novel"),
    ("Frankenstein", "Mary Shelley", 1818, "horror"),
    ("Germinal", "Émile Zola", 1885, "novel"),
    ("Great Expectations", "Charles Dickens", 1861, "novel"),
    ("Gulliver’s Travels", "Jonathan Swift", 1726, "satire"),
    ("Heart of Darkness", "Joseph Conrad", 1899, "novel"),
    ("I Am a Cat", "夏目 漱石", 1905, "satire"),
    ("Jane Eyre", "Charlotte Brontë", 1847, "novel"),
    ("Kim", "Rudyard Kipling", 1901, "adventure"),
    ("Kokoro", "夏目 漱石", 1914, "novel"),
    ("Leaves of Grass", "Walt Whitman", 1855, "poetry"),
    ("Les Misérables", "Victor Hugo", 1862, "novel"),
    ("Letters from a Stoic", "Seneca", 65, "essays"),
    ("Little Women", "Louisa May Alcott", 1868, "novel"),
    ("Madame Bovary", "Gustave Flaubert", 1857, "novel"),
    ("Meditations", "Marcus Aurelius", 180, "essays"),
    ("Middlemarch", "George Eliot", 1871, "novel"),
    ("Moby-Dick", "Herman Melville", 1851, "adventure"),
    ("My Ántonia", "Willa Cather", 1918, "novel"),
    ("North and South", "Elizabeth Gaskell", 1855, "novel"),
    ("On the Origin of Species", "Charles Darwin", 1859, "science"),
    ("Peer Gynt", "Henrik Ibsen", 1867, "drama"),
    ("Persuasion", "Jane Austen", 1817, "novel"),
    ("Pride and Prejudice", "Jane Austen", 1813, "novel"),
    ("Robinson Crusoe", "Daniel Defoe", 1719, "adventure"),
    ("The Age of Innocence", "Edith Wharton", 1920, "novel"),
    ("The Awakening", "Kate Chopin", 1899, "novel"),
    ("The Cherry Orchard", "Anton Chekhov", 1904, "drama"),
    ("The Count of Monte Cristo", "Alexandre Dumas", 1844, "adventure"),
    ("The Moonstone", "Wilkie Collins", 1868, "mystery"),
    ("The Pillow Book", "清少納言", 1002, "essays"),
    ("The Time Machine", "H. G. Wells", 1895, "science fiction"),
    ("The Trial", "Franz Kafka", 1925, "novel"),
    ("Walden", "Henry David Thoreau", 1854, "essays"),
    ("Wuthering Heights", "Emily Brontë", 1847, "novel"),
];

/// Format, base price in cents, weight in grams.
const FORMATS: [(&str, u64, u64); 3] = [
    ("hardcover", 2_400, 620),
    ("paperback", 990, 310),
    ("audiobook", 1_450, 0),
];

/// Paper, band, line and ink of covers.
const COVERS: [[Colour; 4]; 6] = [
    [
        [0x1f, 0x3a, 0x5f],
        [0xf2, 0xe9, 0xd8],
        [0xc9, 0xa2, 0x4b],
        [0x1b, 0x1b, 0x1b],
    ],
    [
        [0x6b, 0x1f, 0x2a],
        [0xf6, 0xee, 0xe0],
        [0xd8, 0xb8, 0x6a],
        [0x2a, 0x12, 0x14],
    ],
    [
        [0x24, 0x4d, 0x3a],
        [0xee, 0xf1, 0xe6],
        [0xb9, 0xc9, 0x8f],
        [0x14, 0x26, 0x1d],
    ],
    [
        [0xd9, 0x6c, 0x3f],
        [0xfb, 0xf3, 0xe7],
        [0x7a, 0x2e, 0x17],
        [0x3a, 0x1a, 0x10],
    ],
    [
        [0x3d, 0x3a, 0x6b],
        [0xec, 0xea, 0xf6],
        [0xa7, 0x9f, 0xd6],
        [0x1c, 0x1a, 0x38],
    ],
    [
        [0xe4, 0xd9, 0xc3],
        [0x2c, 0x4a, 0x52],
        [0x8a, 0x6d, 0x3b],
        [0xf3, 0xec, 0xdd],
    ],
];

pub(super) fn put_books(sample: &mut Collector) -> Result<Vec<Book>, SampleError> {
    let mut books = Vec::new();
    for (title, author, year, subject) in TITLES {
        for (format, base, grams) in FORMATS {
            let isbn = isbn(sample.random.below(1_000_000_000));
            let cents = base + 50 * sample.random.below(24);
            let dimensions = if grams == 0 {
                format!("new Map([[\"hours\", {}]])", 4 + sample.random.below(30))
            } else {
                format!(
                    "new Map([[\"pages\", {}], [\"grams\", {}], [\"millimetres\", [{}, 198, 24]]])",
                    96 + sample.random.below(700),
                    grams + sample.random.below(300),
                    129 + sample.random.below(24),
                )
            };
            let value = format!(
                "{{isbn: \"{isbn}\", title: {title}, author: {author}, firstPublished: {year}, format: \"{format}\", \
                 subjects: [\"classics\", \"{subject}\"], price: {price}, currency: \"EUR\", \
                 dimensions: {dimensions}, available: {available}}}",
                title = quoted(title),
                author = quoted(author),
                price = price(cents),
                available = !sample.random.one_in(12),
            );
            sample.put(&format!(r#"["products", "{isbn}"]"#), &value)?;
            sample.put(
                &format!(r#"["products_by_author", {}, "{isbn}"]"#, quoted(author)),
                &quoted(title),
            )?;
            let left = sample.random.below(120);
            sample.put_counter(&format!(r#"["stock", "{isbn}"]"#), left)?;
            if format == "hardcover"
                && let Some(colours) = sample.random.item(&COVERS)
            {
                sample.put_bytes(
                    &format!(r#"["covers", "{isbn}"]"#),
                    picture::cover(*colours, title),
                )?;
            }
            books.push(Book { isbn, title, cents });
        }
    }
    Ok(books)
}

/// An ISBN-13 with its check digit, of nine digits after 978.
fn isbn(number: u64) -> String {
    let digits = format!("978{number:09}");
    let sum: u32 = digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isbn_carries_its_check_digit() {
        assert_eq!(isbn(30_640_615), "9780306406157");
    }
}
