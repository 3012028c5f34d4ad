//! Seeded generators that share nothing, and numbers that are drawn evenly.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_pcg::Pcg64;
use statrs::distribution::{ContinuousCDF, Normal};

/// The generator of the `i`-th piece of a work: another for every seed, purpose and piece, so that the number of threads, and what
/// else is drawn, change nothing.
pub(crate) fn generator(seed: u64, purpose: &str, i: usize) -> Pcg64 {
    // FNV-1a
    let mixed = purpose
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Pcg64::new(u128::from(seed) << 64 | u128::from(mixed), u128::from(mixed) << 64 | i as u128)
}

/// So many uniform numbers in random order, of which each of as many equal parts of (0, 1) has one: of whatever is a sum of functions of
/// such numbers, distributions are seen more sharply than by independent ones (McKay, Beckman & Conover, 1979, Latin hypercubes).
pub(crate) fn stratified(rng: &mut impl Rng, count: usize) -> Vec<f64> {
    let mut share = |i: usize| (i as f64 + rng.random::<f64>()) / count as f64;
    let mut shares: Vec<f64> = (0..count).map(|i| share(i).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON)).collect();
    shares.shuffle(rng);
    shares
}

/// So many standard normal numbers, drawn likewise.
pub(crate) fn stratified_normals(rng: &mut impl Rng, count: usize) -> Vec<f64> {
    let normal = Normal::standard();
    stratified(rng, count).into_iter().map(|share| normal.inverse_cdf(share)).collect()
}
