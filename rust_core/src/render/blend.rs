//! Colors, and one laid over another.

use super::outline::Mask;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// `ground` with `coverage` of 255 parts of `ink` over it, rounded; exact at both ends.
#[inline]
pub(super) fn mix(ground: u8, ink: u8, coverage: u8) -> u8 {
    // At most 255 * 255 + 128 and 254 more: 16 bits do, and processors blend eight at a time.
    let (ground, ink, coverage) = (u16::from(ground), u16::from(ink), u16::from(coverage));
    let sum = ground * (255 - coverage) + ink * coverage + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

/// The color of a line a pixel wide between cells of `pitch` pixels. Small cells would drown in
/// their lines, so these fade as if they were thinner; a lattice of patches keeps its own.
pub(super) fn thin(line: Rgb, ground: Rgb, pitch: usize, compact: bool) -> Rgb {
    let coverage = if compact { 255 } else { (90 + pitch * 6).min(255) as u8 };
    [0, 1, 2].map(|part| mix(ground[part], line[part], coverage))
}

/// Lays ink over pixels, as far as a mask says.
pub(super) fn tint(pixels: &mut [Rgb], mask: &Mask, ink: Rgb) {
    for (pixel, &coverage) in pixels.iter_mut().zip(&mask.coverage) {
        // Most of a figure's box is all ground or all ink.
        match coverage {
            0 => {}
            255 => *pixel = ink,
            _ => {
                for (part, ink) in pixel.iter_mut().zip(ink) {
                    *part = mix(*part, ink, coverage);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mix_rounds_to_the_nearest() {
        for ground in 0..=255_u8 {
            for ink in (0..=255_u8).step_by(5) {
                for coverage in 0..=255_u8 {
                    let parts = |value: u8, weight: u8| u32::from(value) * u32::from(weight);
                    let exact = (2 * (parts(ground, 255 - coverage) + parts(ink, coverage)) + 255) / 510;
                    assert_eq!(u32::from(mix(ground, ink, coverage)), exact);
                }
            }
        }
    }
}
