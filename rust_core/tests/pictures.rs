//! Whatever a picture holds, its PNG decodes to it, whichever path its colors and rows take.

use std::io::Cursor;

use _core::pictures::{Encoding, file};
use png::{ColorType, Decoder, Transformations};
use proptest::prelude::*;

/// Red, green and blue of each pixel, and how the file holds them.
fn decoded(file: &[u8]) -> (Vec<u8>, ColorType) {
    let mut decoder = Decoder::new(Cursor::new(file));
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let kind = reader.info().color_type;
    let mut out = vec![0; reader.output_buffer_size().expect("it fits into memory")];
    reader.next_frame(&mut out).expect("a whole PNG");
    reader.finish().expect("a PNG to its end");
    (out, kind)
}

/// Pictures of few or many colors whose rows, runs and patterns repeat now and then.
fn any_picture() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let sizes = (1..40_usize, prop_oneof![1..20_usize, 100..300_usize]);
    let colors = prop_oneof![1..5_u32, 5..40_u32, 200..300_u32, Just(1 << 24)];
    (sizes, colors, any::<u64>(), 0..8_u64, 0..8_u64).prop_map(|((height, width), colors, seed, rows, runs)| {
        let mut state = seed | 1;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let mut picture: Vec<u8> = vec![];
        for y in 0..height {
            if y > 0 && next() % 8 < rows {
                picture.extend_from_within((y - 1) * width * 3..);
                continue;
            }
            for x in 0..width {
                if x > 0 && next() % 8 < runs {
                    picture.extend_from_within(picture.len() - 3..);
                } else {
                    let color = (next() as u32 % colors).wrapping_mul(0x9e_3779);
                    picture.extend_from_slice(&color.to_le_bytes()[..3]);
                }
            }
        }
        (height, width, picture)
    })
}

proptest! {
    #[test]
    fn every_picture_comes_back((height, width, picture) in any_picture()) {
        let (found, kind) = decoded(&file(&picture, height, width, Encoding::Png));
        prop_assert!(found == picture);
        let mut colors: Vec<&[u8]> = picture.chunks(3).collect();
        colors.sort_unstable();
        colors.dedup();
        let expected = if colors.len() <= 256 { ColorType::Indexed } else { ColorType::Rgb };
        prop_assert_eq!(kind, expected);
    }
}

/// A long picture has copies from as far as there are; a flat one hardly takes a byte.
#[test]
fn long_and_flat_pictures_come_back() {
    let long: Vec<u8> = (0..600 * 700 * 3_u32).map(|at| (at.wrapping_mul(at % 977) >> 7) as u8).collect();
    assert_eq!(decoded(&file(&long, 600, 700, Encoding::Png)).0, long);
    let flat = vec![7; 4096 * 4096 * 3];
    let small = file(&flat, 4096, 4096, Encoding::Png);
    assert!(decoded(&small).0 == flat);
    assert!(small.len() < 11_000, "{} bytes", small.len()); // a copy of 258 bytes takes ten bits
}
