//! Seeded generators that share nothing.

use rand_pcg::Pcg64;

/// The generator of the `i`-th piece of a work: another for every seed, purpose and piece, so that the number of threads, and what
/// else is drawn, change nothing.
pub(crate) fn generator(seed: u64, purpose: &str, i: usize) -> Pcg64 {
    // FNV-1a
    let mixed = purpose
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Pcg64::new(u128::from(seed) << 64 | u128::from(mixed), u128::from(mixed) << 64 | i as u128)
}
