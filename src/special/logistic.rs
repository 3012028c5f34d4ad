//! The logistic function and its logarithm, safe at any argument.

/// `ln(1 + e^d)`: `d` for large `d`, `e^d` for very negative `d`, never overflowing.
pub fn log1p_exp(d: f64) -> f64 {
    d.max(0.0) + (-d.abs()).exp().ln_1p()
}

/// `1 / (1 + e^-d)`, to full relative precision at both ends.
pub fn sigmoid(d: f64) -> f64 {
    if d >= 0.0 {
        1.0 / (1.0 + (-d).exp())
    } else {
        let e = d.exp();
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_overflow_and_no_lost_tail() {
        assert_eq!(log1p_exp(1000.0), 1000.0);
        assert_eq!(log1p_exp(-1000.0), 0.0);
        assert_eq!(log1p_exp(0.0), 2f64.ln());
        // ln(1 + e^-40) = e^-40 - e^-80/2 + …
        assert!((log1p_exp(-40.0) / (-40f64).exp() - 1.0).abs() < 1e-15);
        assert_eq!(sigmoid(f64::INFINITY), 1.0);
        assert_eq!(sigmoid(f64::NEG_INFINITY), 0.0);
        assert!((sigmoid(-40.0) / (-40f64).exp() - 1.0).abs() < 1e-15);
    }
}
