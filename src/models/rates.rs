//! The term of the likelihood that gamma distributed purchase rates share.

use super::Derivatives;
use crate::summary::CountedHistories;

/// `Σ_{i<x} ln(r + i) = ln Γ(r + x) - ln Γ(r)` over all customers, with derivatives in ln r, from the numbers of customers
/// with more than `i` repeat purchases.
pub(super) fn ln_rates(r: f64, data: &CountedHistories) -> Derivatives<1> {
    Derivatives::sum(data.repeats_above(), &|&(i, customers)| {
        let ri = r + i;
        Derivatives { value: ri.ln(), gradient: [r / ri], hessian: [[r * i / (ri * ri)]] }.times(customers)
    })
}
