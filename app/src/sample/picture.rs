//! Small pictures: book covers as PNG files.

/// Width of a cover in pixels.
const WIDTH: u8 = 64;
/// Height of a cover in pixels.
const HEIGHT: u8 = 96;
/// Bits of a pixel: one of four colours.
const BITS: u8 = 2;

/// A colour: red, green, blue.
pub(super) type Colour = [u8; 3];

/// A cover in four colours (paper, band, line, ink) as a PNG file: a band, a frame, and lines of "text" as
/// long as the words of the title.
pub(super) fn cover(colours: [Colour; 4], title: &str) -> Vec<u8> {
    let words: Vec<u8> = title
        .split(' ')
        .map(|word| u8::try_from(word.chars().count()).unwrap_or(u8::MAX).min(10))
        .collect();
    let mut rows = Vec::new();
    for y in 0..HEIGHT {
        // Every row begins with its filter: none.
        rows.push(0);
        for first in (0..WIDTH).step_by(4) {
            let pixels = (first..first + 4).map(|x| colour_index(x, y, &words));
            rows.push(pixels.fold(0, |byte, index| byte << BITS | index));
        }
    }
    png(colours, &rows)
}

/// Which of the four colours stands at a place.
fn colour_index(x: u8, y: u8, words: &[u8]) -> u8 {
    let inside = (4..=WIDTH - 5).contains(&x) && (4..=HEIGHT - 5).contains(&y);
    let on_frame = inside && (x == 4 || x == WIDTH - 5 || y == 4 || y == HEIGHT - 5);
    if on_frame {
        return 2;
    }
    if (18..58).contains(&y) {
        let line = usize::from((y - 18) / 8);
        let on_line = (2..6).contains(&((y - 18) % 8));
        let length = words.get(line).map_or(0, |letters| letters * 5);
        let is_word = on_line && x >= 8 && x < 8 + length && x < WIDTH - 8 && (x - 8) % 5 != 4;
        return if is_word { 3 } else { 1 };
    }
    0
}

/// A PNG file with a palette and uncompressed rows (the PNG specification, third edition).
fn png(colours: [Colour; 4], rows: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let palette = 3;
    chunk(
        &mut file,
        b"IHDR",
        &[0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, BITS, palette, 0, 0, 0],
    );
    chunk(&mut file, b"PLTE", colours.as_flattened());
    chunk(&mut file, b"IDAT", &zlib(rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(0);
    file.extend(length.to_be_bytes());
    file.extend(name);
    file.extend(data);
    file.extend(crc32(name.iter().chain(data)).to_be_bytes());
}

/// A zlib stream of stored blocks (RFC 1950, RFC 1951).
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_are_those_of_the_specifications() {
        assert_eq!(crc32(b"123456789".iter()), 0xcbf4_3926);
        assert_eq!(zlib(b"Wikipedia").split_off(7 + 9), 0x11e6_0398_u32.to_be_bytes());
    }
}
