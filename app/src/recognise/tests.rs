//! What is recognised, what is not, and that no bytes do harm.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use image::{ImageFormat, RgbaImage};
use proptest::prelude::*;

use super::*;

fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let image = RgbaImage::from_fn(width, height, |x, y| image::Rgba([x as u8, y as u8, 128, 255]));
    let image = image::DynamicImage::from(image);
    let image = if format == ImageFormat::Jpeg {
        image.into_rgb8().into()
    } else {
        image
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn code(bytes: &[u8]) -> (String, String) {
    match recognise(bytes).unwrap() {
        Recognised {
            title,
            content: Content::Code(text),
            ..
        } => (title, text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pictures_of_each_format_are_decoded() {
    for (format, name) in [
        (ImageFormat::Png, "PNG"),
        (ImageFormat::Jpeg, "JPEG"),
        (ImageFormat::Gif, "GIF"),
        (ImageFormat::WebP, "WebP"),
    ] {
        let bytes = encoded(format, 20, 10);
        let found = recognise(&bytes).unwrap();
        let size = format::bytes(bytes.len() as u64);
        assert_eq!(found.title, format!("{name} image, 20 x 10, {size}"));
        let Content::Picture(picture) = found.content else {
            panic!("{name} was not decoded: {:?}", found.note)
        };
        assert_eq!((picture.width, picture.height, picture.rgba.len()), (20, 10, 800));
    }
}

#[test]
fn large_pictures_are_made_smaller_and_bombs_are_not_decoded() {
    let Content::Picture(picture) = recognise(&encoded(ImageFormat::Png, 2048, 16)).unwrap().content else {
        panic!("it is a picture")
    };
    assert_eq!((picture.width, picture.height), (1024, 8));
    // The header of a PNG says 60,000 x 60,000; its checksum is right.
    let mut bomb = encoded(ImageFormat::Png, 16, 16);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let found = recognise(&bomb).unwrap();
    assert_eq!(found.content, Content::Nothing);
    assert!(found.note.unwrap().contains("3,600,000,000 pixels"));
}

#[test]
fn a_broken_picture_says_so() {
    let mut bytes = encoded(ImageFormat::Png, 20, 10);
    bytes.truncate(60);
    let found = recognise(&bytes).unwrap();
    assert_eq!(found.title, "PNG image, 20 x 10, 60 B");
    assert!(found.note.unwrap().starts_with("It begins like an image"));
}

#[test]
fn text_and_json_are_told_apart() {
    let text = recognise("Grüße\nan euch".as_bytes()).unwrap();
    assert_eq!(text.title, "UTF-8 text, 15 B");
    assert_eq!(text.content, Content::Text("Grüße\nan euch".to_owned()));
    assert_eq!(
        code(b"{\"a\": [1,2]}"),
        ("JSON, 12 B".to_owned(), "{\n  \"a\": [1, 2]\n}".to_owned())
    );
    assert!(matches!(recognise(b"{a: 1}").unwrap().content, Content::Text(_)));
    assert_eq!(recognise(b"a\0b"), None);
    assert_eq!(recognise(&[0xff, 0xfe, 0x00]), None);
    assert_eq!(recognise(b""), None);
}

#[test]
fn packed_data_is_unpacked_and_looked_into() {
    let json = br#"{"a": true}"#;
    let (title, text) = code(&gzip(json));
    assert_eq!(
        (title.as_str(), text.as_str()),
        ("gzip, 31 B → JSON, 11 B", "{\"a\": true}")
    );
    assert!(code(&zlib(json)).0.starts_with("zlib, 19 B → JSON"));
    let png = recognise(&gzip(&encoded(ImageFormat::Png, 4, 4))).unwrap();
    assert!(png.title.contains("→ PNG image, 4 x 4"), "{}", png.title);
    let unknown = recognise(&gzip(&[0, 1, 2, 0xff])).unwrap();
    assert_eq!(unknown.content, Content::Bytes(vec![0, 1, 2, 0xff]));
    let empty = recognise(&gzip(b"")).unwrap();
    assert_eq!(empty.content, Content::Nothing);
    // Text that only begins with the two bytes of zlib stays text.
    assert_eq!(recognise(b"x^2 + y^2").unwrap().title, "UTF-8 text, 9 B");
}

#[test]
fn packed_data_is_unpacked_only_so_far() {
    let bomb = recognise(&gzip(&vec![b'a'; 8 << 20])).unwrap();
    assert_eq!(bomb.note.as_deref(), Some("Only the first 1.0 MB are unpacked"));
    let Content::Text(text) = bomb.content else {
        panic!("it is a text")
    };
    assert_eq!(text.len(), TEXT_BYTES);
    let mut nested = b"deep".to_vec();
    for _ in 0..6 {
        nested = gzip(&nested);
    }
    assert!(matches!(recognise(&nested).unwrap().content, Content::Bytes(_)));
    let mut damaged = gzip(b"hello, hello, hello");
    damaged.truncate(damaged.len() - 6);
    assert!(
        recognise(&damaged)
            .unwrap()
            .note
            .unwrap()
            .starts_with("It is damaged")
    );
}

#[test]
fn message_pack_is_read() {
    // {"id": -129, "ok": true, "raw": bytes 01 ff, "at": a timestamp, "f": 1.5}
    let bytes = [
        &[0x85, 0xa2][..],
        b"id",
        &[0xd1, 0xff, 0x7f, 0xa2],
        b"ok",
        &[0xc3, 0xa3],
        b"raw",
        &[0xc4, 2, 1, 0xff],
        &[0xa2],
        b"at",
        &[0xd6, 0xff, 0, 0, 0, 60, 0xa1],
        b"f",
        &[0xca, 0x3f, 0xc0, 0, 0],
    ]
    .concat();
    let (title, text) = code(&bytes);
    assert_eq!(title, "MessagePack, 35 B");
    assert_eq!(
        text,
        "{\n  \"id\": -129,\n  \"ok\": true,\n  \"raw\": u8[01 ff],\n  \"at\": timestamp 1970-01-01T00:01:00Z,\n  \"f\": 1.5\n}"
    );
}

#[test]
fn cbor_is_read() {
    // RFC 8949, appendix A: {"a": 1, "b": [2, 3]} and {_ "Fun": true, "Amt": -2}.
    let (title, text) = code(&[0xa2, 0x61, 0x61, 0x01, 0x61, 0x62, 0x82, 0x02, 0x03]);
    assert_eq!(
        (title.as_str(), text.as_str()),
        ("CBOR, 9 B", "{\n  \"a\": 1,\n  \"b\": [2, 3]\n}")
    );
    let open = [
        0xbf, 0x63, 0x46, 0x75, 0x6e, 0xf5, 0x63, 0x41, 0x6d, 0x74, 0x21, 0xff,
    ];
    assert_eq!(code(&open).1, "{\"Fun\": true, \"Amt\": -2}");
    // Marked as CBOR, even a number is believed: 55799(1.5), as a float of 16 bits.
    assert_eq!(code(&[0xd9, 0xd9, 0xf7, 0xf9, 0x3e, 0x00]).1, "1.5");
    let items = [0x84, 0xc1, 0x1a, 0, 0, 0, 60, 0x61, 0x78, 0xf7, 0x43, 1, 2, 3];
    assert_eq!(code(&items).1, "[tag 1(60), \"x\", undefined, u8[01 02 03]]");
}

#[test]
fn numbers_alone_are_not_believed_to_be_packed_data() {
    assert_eq!(recognise(&[0x92, 0xcc, 0xff]), None);
    assert_eq!(recognise(&[0x80]), None);
    assert_eq!(recognise(&[0x91; 200]), None, "nested too deep");
    // A list of four billion items in six bytes.
    assert_eq!(recognise(&[0xdd, 0xff, 0xff, 0xff, 0xff, 0x01]), None);
}

/// The first bytes of everything that is recognised.
fn beginnings() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ]
    .map(|format| encoded(format, 6, 5))
    .into();
    all.push(gzip(b"{\"a\": [1, 2, 3]}"));
    all.push(zlib(b"some text, some text"));
    all.push(vec![0xd9, 0xd9, 0xf7, 0xbf, 0x61, 0x61]);
    all.push(vec![0x82, 0xa1, 0x61, 0xdf]);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_looked_at_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _found = recognise(&bytes);
    }

    #[test]
    fn damaged_data_is_looked_at_without_harm(
        which in 0_usize..8,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = beginnings().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.extend(tail);
        if let Some(Recognised { content: Content::Picture(picture), .. }) = recognise(&bytes) {
            prop_assert_eq!(picture.rgba.len() as u64, 4 * u64::from(picture.width) * u64::from(picture.height));
        }
    }

    #[test]
    fn any_json_stays_the_same_when_it_is_laid_out(
        texts in proptest::collection::vec(".{0,12}", 0..8),
        number in any::<f64>().prop_filter("JSON has no such numbers", |number| number.is_finite()),
    ) {
        let json = serde_json::json!({ "texts": texts, "n": [number, { "deep": [[], {}] }] });
        let json = json.to_string();
        let found = recognise(json.as_bytes()).unwrap();
        if let Content::Code(text) = found.content {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            prop_assert_eq!(read(&text), read(&json));
        }
    }
}
