//! Sums of reals without rounding.

/// A sum of real numbers that is rounded once, when it is asked for: the same bits in whatever order, in whatever parts and with
/// whatever multiplicities its addends come.
///
/// Addends enter as whole multiples of powers of `2³²`, which hold every `f64`. Source: Kulisch (2013), Computer Arithmetic and
/// Validity, chapter 8 (the long accumulator).
#[derive(Clone, Debug, PartialEq)]
pub struct ExactTotal {
    /// Multiples of `2^(32 i + LOWEST)`.
    limbs: Vec<i128>,
    /// Addends since limbs were last carried.
    added: u32,
    /// The sum of what is infinite or not a number, which takes no part in the limbs.
    unbounded: f64,
}

/// Bits of a limb that are its own once carried.
const LIMB: i32 = 32;
/// The exponent of the smallest `f64` above zero, less what makes limbs of it.
const LOWEST: i32 = -1088;
/// Limbs for the largest `f64` times `2⁶⁴`, with room for as many.
const LIMBS: usize = 72;
/// Addends that limbs hold without carrying: each is below `2⁹⁶`.
const MOST_ADDED: u32 = 1 << 29;

impl Default for ExactTotal {
    fn default() -> Self {
        Self { limbs: vec![0; LIMBS], added: 0, unbounded: 0.0 }
    }
}

impl ExactTotal {
    /// Adds a number.
    pub fn add(&mut self, value: f64) {
        self.add_times(value, 1.0);
    }

    /// Adds a number so many times. Of whole times up to `2⁵³` nothing is lost; the product with others is rounded first.
    pub fn add_times(&mut self, value: f64, times: f64) {
        let whole = times.fract() == 0.0 && times.abs() < 9_007_199_254_740_992.0;
        let (value, times) = if whole { (value, times as i64) } else { (value * times, 1) };
        if !value.is_finite() {
            self.unbounded += if times == 0 { 0.0 } else { value };
            return;
        }
        let (mantissa, exponent) = parts(value);
        let product = i128::from(mantissa) * i128::from(times);
        let place = exponent - LOWEST;
        let (limb, shift) = ((place / LIMB) as usize, place % LIMB);
        // Below 2^64 and above it, each with room for the shift.
        let (low, high) = (product & i128::from(u64::MAX), product >> 64);
        self.limbs[limb] += low << shift;
        self.limbs[limb + 2] += high << shift;
        self.added += 1;
        if self.added == MOST_ADDED {
            self.carry();
        }
    }

    /// Adds another sum.
    pub fn join(&mut self, other: &Self) {
        self.carry();
        let mut other = other.clone();
        other.carry();
        self.limbs.iter_mut().zip(&other.limbs).for_each(|(limb, other)| *limb += other);
        self.unbounded += other.unbounded;
        self.carry();
    }

    /// The sum, rounded to the nearest `f64`.
    pub fn value(&self) -> f64 {
        if self.unbounded != 0.0 {
            return self.unbounded;
        }
        let mut carried = self.clone();
        carried.carry();
        let negative = carried.limbs[LIMBS - 1] < 0;
        if negative {
            carried.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            carried.carry();
        }
        let Some(top) = carried.limbs.iter().rposition(|limb| *limb != 0) else { return 0.0 };
        let lowest = top.saturating_sub(3);
        let mut bits = carried.limbs[lowest..=top].iter().rev().fold(0u128, |bits, limb| bits << LIMB | *limb as u128);
        // What lies further below decides ties alone.
        if carried.limbs[..lowest].iter().any(|limb| *limb != 0) {
            bits |= 1;
        }
        let size = scaled(bits as f64, lowest as i32 * LIMB + LOWEST);
        if negative { -size } else { size }
    }

    /// Makes all limbs but the last numbers from 0 to `2³² - 1`.
    fn carry(&mut self) {
        let mut carried = 0;
        let last = self.limbs.len() - 1;
        for limb in &mut self.limbs[..last] {
            *limb += carried;
            carried = *limb >> LIMB;
            *limb &= (1 << LIMB) - 1;
        }
        self.limbs[last] += carried;
        self.added = 0;
    }
}

impl Extend<f64> for ExactTotal {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for ExactTotal {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut total = Self::default();
        total.extend(values);
        total
    }
}

/// The whole number and the exponent of 2 that a finite number is made of.
fn parts(value: f64) -> (i64, i32) {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let exponent = (bits >> FRACTION & 0x7ff) as i32;
    let fraction = (bits & ((1 << FRACTION) - 1)) as i64;
    let size = if exponent == 0 { fraction } else { fraction | 1 << FRACTION };
    (if value.is_sign_negative() { -size } else { size }, exponent.max(1) - 1075)
}

/// `value 2^exponent`, in steps that neither overflow nor vanish before the last.
fn scaled(value: f64, exponent: i32) -> f64 {
    let first = exponent.clamp(-900, 900);
    let value = value * f64::powi(2.0, first);
    if exponent == first { value } else { value * f64::powi(2.0, exponent - first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_no_order_matters() {
        let values = [1e300, 1.0, -1e300, 1e-300, 0.1, -0.1, 3.5e-310, f64::from_bits(1)];
        let forward: ExactTotal = values.into_iter().collect();
        let backward: ExactTotal = values.into_iter().rev().collect();
        assert_eq!((forward.value(), backward.value()), (1.0, 1.0));
        let small: ExactTotal = [3.5e-310, f64::from_bits(1)].into_iter().collect();
        assert_eq!(small.value(), f64::from_bits(3.5e-310f64.to_bits() + 1));
        let negative: ExactTotal = [-2.5, 1.0, -1e-20].into_iter().collect();
        assert_eq!(negative.value(), -1.5);
        assert_eq!(ExactTotal::default().value(), 0.0);
    }

    /// Whole numbers and halves of them, whose sums a 128-bit integer holds.
    #[test]
    fn sums_are_rounded_once() {
        let ulp = 2.0f64.powi(-52);
        let tie: ExactTotal = [1.0, 0.5 * ulp].into_iter().collect();
        assert_eq!(tie.value(), 1.0);
        let above: ExactTotal = [1.0, 0.5 * ulp, 1e-300].into_iter().collect();
        assert_eq!(above.value(), 1.0 + ulp);
        let many: Vec<i64> = (0..10_000).map(|i: i64| i.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11).collect();
        let exact: i128 = many.iter().map(|&one| i128::from(one)).sum();
        let total: ExactTotal = many.iter().map(|&one| one as f64).collect();
        assert_eq!(total.value(), exact as f64);
    }

    #[test]
    fn times_are_that_many_addends() {
        let mut times = ExactTotal::default();
        times.add_times(0.1, 12_345.0);
        times.add_times(-7.3e40, 3.0);
        let each = std::iter::repeat_n(0.1, 12_345).chain([-7.3e40; 3]);
        assert_eq!(times.value(), each.collect::<ExactTotal>().value());
        let mut largest = ExactTotal::default();
        largest.add_times(0.1, 9_007_199_254_740_991.0);
        // 0.1 as a double is 3602879701896397 / 2^55.
        let exact = 3_602_879_701_896_397i128 * 9_007_199_254_740_991;
        assert_eq!(largest.value(), exact as f64 * 2.0f64.powi(-55));
        let mut part = ExactTotal::default();
        part.add_times(3.0, 0.5);
        part.add_times(1e308, 0.0);
        assert_eq!(part.value(), 1.5);
    }

    #[test]
    fn parts_add_up() {
        let values: Vec<f64> = (0..1000).map(|i| (f64::from(i) - 400.0) * 1.1f64.powi(i % 90)).collect();
        let whole: ExactTotal = values.iter().copied().collect();
        let mut joined = ExactTotal::default();
        for part in values.chunks(37).rev() {
            joined.join(&part.iter().copied().collect());
        }
        assert_eq!(joined.value(), whole.value());
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let mut total: ExactTotal = [1.0, f64::INFINITY].into_iter().collect();
        assert_eq!(total.value(), f64::INFINITY);
        total.add(f64::NAN);
        assert!(total.value().is_nan());
    }
}
