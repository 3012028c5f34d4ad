//! What forecasts are of.

/// What is foreseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Number of purchases.
    Purchases,
    /// Their value.
    Value,
}

impl Quantity {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Purchases, Self::Value];

    /// What the quantity is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::Value => "value",
        }
    }
}
