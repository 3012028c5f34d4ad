//! The columns of every table of customers: one list from which help texts, documentation, Python and the metadata of Parquet and Arrow
//! files are made, and from which the tables take their names.

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name, with parts in braces where there are several of its kind: `purchases_{horizon}`.
    pub name: &'static str,
    /// The option that asks for it, by its name, if one has to.
    pub option: Option<&'static str>,
    /// What it says.
    pub meaning: &'static str,
    /// How it is computed, in the notation of [`NOTATION`]; empty where it is counted.
    pub formula: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Where the formula stands; empty where it is a definition.
    pub source: &'static str,
}

/// What a column is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Nothing: a name, a label.
    None,
    /// The unit of time of the summary.
    Time,
    /// The currency of the orders.
    Money,
    /// Purchases, or expected numbers of them.
    Purchases,
    /// Orders.
    Orders,
    /// Customers.
    Customers,
    /// Probability.
    Probability,
    /// Days.
    Days,
    /// A day of the calendar.
    Date,
    /// A whole number from 1 up.
    Score,
    /// What the column that it belongs to is measured in.
    Its,
}

impl Unit {
    /// What it is called where no summary says more; empty if there is none.
    pub fn name(self) -> &'static str {
        match self {
            Self::None | Self::Its => "",
            Self::Time => "unit of time",
            Self::Money => "currency",
            Self::Purchases => "purchases",
            Self::Orders => "orders",
            Self::Customers => "customers",
            Self::Probability => "probability",
            Self::Days => "days",
            Self::Date => "date",
            Self::Score => "score",
        }
    }
}

impl Column {
    const fn new(name: &'static str, unit: Unit, meaning: &'static str, formula: &'static str) -> Self {
        Self { name, option: None, meaning, formula, unit, source: "" }
    }

    const fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    const fn on_request(self, option: &'static str) -> Self {
        Self { option: Some(option), ..self }
    }

    /// The name of one of its kind, the parts in braces replaced in their order.
    ///
    /// ```
    /// assert_eq!(clv::columns::PURCHASES.of(&["3m"]), "purchases_3m");
    /// ```
    pub fn of(&self, parts: &[&str]) -> String {
        let mut name = self.name.to_owned();
        for part in parts {
            let Some((open, close)) = name.find('{').zip(name.find('}')) else { break };
            name.replace_range(open..=close, part);
        }
        name
    }

    /// An example of its name, over a horizon of three months.
    pub fn example(&self) -> String {
        let parts = [
            ("{horizon}", "3m"),
            ("{later}", "3m_to_forever"),
            ("{from}", "3m"),
            ("{to}", "6m"),
            ("{percent}", "80"),
            ("{n}", "1"),
            ("{amount}", "100"),
            ("{column}", "purchases_3m"),
            ("{sum}", "purchases"),
        ];
        parts.iter().fold(self.name.to_owned(), |name, (part, example)| name.replace(part, example))
    }
}

/// What the letters in formulas stand for.
pub const NOTATION: &str = "\
x, t_x, T and m are a customer's frequency, recency, T and monetary value; t is the horizon, s the margin, d the annual discount rate, u a \
                            time in years; X(t) is the number of repeat purchases by t of a new customer with the posterior parameters (BG/NBD: r + x, alpha + T, a, \
                            b + x).";

/// The customer.
pub const CUSTOMER: Column = Column::new("customer_id", Unit::None, "the customer's id, as in the orders", "");
/// Repeat purchases.
pub const FREQUENCY: Column =
    Column::new("frequency", Unit::Purchases, "repeat purchases: all purchases after the first", "x");
/// Age at the last purchase.
pub const RECENCY: Column =
    Column::new("recency", Unit::Time, "the customer's age at the last purchase; 0 without a repeat purchase", "t_x");
/// Age at the end of the observation.
pub const AGE: Column = Column::new("T", Unit::Time, "the customer's age at the end of the observation", "");
/// Mean amount of the repeat purchases.
pub const MONETARY_VALUE: Column = Column::new(
    "monetary_value",
    Unit::Money,
    "mean amount of the repeat purchases, net of returns; 0 without a repeat purchase. A negative mean counts as \
     0 in expected_spend",
    "m",
);
/// Day of the first purchase.
pub const FIRST_PURCHASE: Column = Column::new("first_purchase", Unit::Date, "day of the first purchase", "");
/// Day of the last purchase.
pub const LAST_PURCHASE: Column = Column::new("last_purchase", Unit::Date, "day of the last purchase", "");
/// Number of orders.
pub const ORDERS: Column = Column::new("orders", Unit::Orders, "number of orders", "");
/// Net amount of all orders.
pub const TOTAL: Column = Column::new("total", Unit::Money, "net amount of all orders", "");
/// Sum of the logarithms of the times between purchases.
pub const SUM_LOG_INTERPURCHASE: Column = Column::new(
    "sum_log_interpurchase",
    Unit::None,
    "sum of the logarithms of the times between purchases, in the unit of recency; regular models choose k by it",
    "Σ ln(itt)",
)
.source("Platzer & Reutterer 2016 (litt of BTYDplus)")
.on_request("sum-log-interpurchase");
/// Customers of a row.
pub const WEIGHTS: Column =
    Column::new("customers", Unit::Customers, "number of customers that the row stands for", "").on_request("weights");
/// Unit of the times.
pub const UNIT: Column =
    Column::new("unit", Unit::None, "the unit of recency and T, where the format has no metadata to say so", "");
/// Period within which orders are one purchase.
pub const GRAIN: Column =
    Column::new("grain", Unit::None, "the period within which orders are merged into one purchase", "");
/// Last day of the observation.
pub const OBSERVED_UNTIL: Column = Column::new("observed_until", Unit::Date, "last day of the observation", "");

/// Columns of a summary, one row per customer.
pub const SUMMARY: &[Column] = &[
    CUSTOMER,
    FREQUENCY,
    RECENCY,
    AGE,
    MONETARY_VALUE,
    FIRST_PURCHASE,
    LAST_PURCHASE,
    ORDERS,
    TOTAL,
    SUM_LOG_INTERPURCHASE,
    WEIGHTS,
    UNIT,
    GRAIN,
    OBSERVED_UNTIL,
];

/// P(alive).
pub const P_ALIVE: Column = Column::new(
    "p_alive",
    Unit::Probability,
    "probability that the customer is still alive, that is, has not left for good; in BG/NBD it is 1 without a repeat purchase, since customers leave only \
     after one",
    "BG/NBD: 1/(1 + a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x))",
)
.source("Fader & Hardie, note 021");
/// Expected spend per purchase.
pub const EXPECTED_SPEND: Column = Column::new(
    "expected_spend",
    Unit::Money,
    "expected mean amount of future purchases",
    "E[M] = p (gamma + x m)/(p x + q - 1)",
)
.source("Fader & Hardie 2013, eq. 5");
/// Value so far.
pub const HISTORICAL_VALUE: Column =
    Column::new("historical_value", Unit::Money, "margin on all orders so far", "s x net amount");
/// Expected purchases.
pub const PURCHASES: Column = Column::new(
    "purchases_{horizon}",
    Unit::Purchases,
    "expected purchases from the end of the observation to the horizon",
    "P(alive) E[X(t)]",
)
.source("Fader, Hardie & Lee 2005, eq. 10");
/// Discounted expected purchases.
pub const DET: Column = Column::new(
    "det_{horizon}",
    Unit::Purchases,
    "discounted expected purchases (DET)",
    "P(alive) ∫ (1+d)^-u dE[X(u)], from 0 to t",
)
.on_request("discount");
/// Chance of a purchase.
pub const P_PURCHASE: Column = Column::new(
    "p_purchase_{horizon}",
    Unit::Probability,
    "probability of at least one purchase; p_purchase_forever: of ever purchasing again",
    "P(alive) P(X(t) >= 1)",
)
.source("Fader, Hardie & Lee 2005, eq. 8");
/// Chance of being alive at the horizon.
pub const P_ALIVE_AT: Column = Column::new(
    "p_alive_{horizon}",
    Unit::Probability,
    "probability of still being alive at the end of the horizon",
    "BG/NBD: P(alive) E[(1 + p t/(alpha+T))^-(r+x)] over p ~ Beta(a, b+x)",
);
/// Value to come.
pub const CLV: Column = Column::new(
    "clv_{horizon}",
    Unit::Money,
    "customer lifetime value over the horizon: margin x expected spend x expected purchases, each purchase discounted to the end of the \
     observation",
    "s E[M] P(alive) ∫ (1+d)^-u dE[X(u)], from 0 to t",
);
/// Value so far and to come.
pub const LIFETIME_VALUE: Column = Column::new(
    "lifetime_value_{horizon}",
    Unit::Money,
    "past and future value together, less the cost of acquisition",
    "historical_value - cac + clv",
)
.on_request("cac");

/// Columns of predictions that need no option, but for a discount and a cost of acquisition.
pub const PREDICTION: &[Column] =
    &[P_ALIVE, EXPECTED_SPEND, HISTORICAL_VALUE, PURCHASES, DET, P_PURCHASE, P_ALIVE_AT, CLV, LIFETIME_VALUE];

/// Discounted expected residual purchases.
pub const DERT: Column = Column::new(
    "dert",
    Unit::Purchases,
    "discounted expected residual transactions (DERT): det over the infinite future",
    "BG/NBD: P(alive) E[lambda/(lambda p + delta)]; Pareto/NBD: a Tricomi U",
)
.source("Fader, Hardie & Lee 2005, RFM and CLV, eq. 2")
.on_request("horizons forever");
/// Discounted expected residual purchases from the end of a later horizon on.
pub const LATER_DERT: Column = Column {
    name: "dert_{later}",
    meaning: "dert from the end of a later horizon on",
    option: Some("horizons 3m..forever"),
    ..DERT
};
/// Value over the infinite future.
pub const CLV_FOREVER: Column =
    Column::new("clv_forever", Unit::Money, "customer lifetime value over the infinite future", "s E[M] DERT")
        .on_request("horizons forever");
/// Purchases in a later period.
pub const LATER: Column = Column::new(
    "purchases_{from}_to_{to}",
    Unit::Purchases,
    "expected purchases in a later period, after the first end and up to the second; likewise det_ and clv_, \
     while p_alive_ is at its end",
    "P(alive) (E[X(6m)] - E[X(3m)])",
)
.on_request("horizons 3m..6m");
/// Chance that another purchase ever comes.
pub const P_NEXT: Column = Column::new(
    "p_next_purchase",
    Unit::Probability,
    "probability that the customer ever purchases again",
    "P(alive) P(X(∞) >= 1)",
)
.on_request("next");
/// Day of the next purchase.
pub const NEXT: Column = Column::new(
    "next_purchase_{percent}",
    Unit::Date,
    "the day by which this percentage of the purchases that ever come have come; empty if more than ten years away",
    "the least t with P(X(t) >= 1) >= 0.8 P(X(∞) >= 1)",
)
.on_request("next");
/// Chance of a number of purchases.
pub const P_COUNT: Column = Column::new(
    "p_{n}_{horizon}",
    Unit::Probability,
    "probability of exactly this number of purchases",
    "P(alive) P(X(t) = n), for n = 0 plus 1 - P(alive)",
)
.source("Fader, Hardie & Lee 2005, eq. 8")
.on_request("counts");
/// Purchases, calibrated.
pub const PURCHASES_CALIBRATED: Column = Column::new(
    "purchases_{horizon}_calibrated",
    Unit::Purchases,
    "expected purchases, calibrated: what the model expects, and the customer's repeat purchases in a period of equal length before the end of \
     the observation, by two weights that earlier days of the same orders taught",
    "v E[X(t)] + w p",
)
.source("Granger & Ramanathan 1984")
.on_request("calibrate");
/// Value, calibrated.
pub const CLV_CALIBRATED: Column = Column::new(
    "clv_{horizon}_calibrated",
    Unit::Money,
    "the value likewise, of the model's clv and the margin on what the customer's repeat purchases of the last period came to, discounted as \
     if it came evenly over the horizon",
    "",
)
.on_request("calibrate");
/// Lower end of an interval, as wide as earlier days teach.
pub const LOW_CALIBRATED: Column = Column::new(
    "{sum}_{horizon}_lo{percent}_calibrated",
    Unit::Its,
    "lower end of the interval of purchases or value, as much wider than the model says as it would have had to be on earlier days to hold \
     what it promises, about what the model expects",
    "",
)
.on_request("calibrate");
/// Upper end of the same.
pub const HIGH_CALIBRATED: Column =
    Column::new("{sum}_{horizon}_hi{percent}_calibrated", Unit::Its, "its upper end", "").on_request("calibrate");
/// Median of purchases.
pub const PURCHASES_MEDIAN: Column = Column::new(
    "purchases_{horizon}_median",
    Unit::Purchases,
    "median of the customer's number of purchases N: the best single number by absolute error, as the expectation is by squared error",
    "the least n with P(N <= n) >= 0.5",
)
.on_request("median");
/// Median of value.
pub const VALUE_MEDIAN: Column = Column::new(
    "value_{horizon}_median",
    Unit::Money,
    "median of margin times spend, not discounted; 0 where no purchase is as likely as one",
    "",
)
.on_request("median");
/// Lower end of an interval of purchases.
pub const PURCHASES_LOW: Column = Column::new(
    "purchases_{horizon}_lo{percent}",
    Unit::Purchases,
    "lower end of the interval that holds the customer's number of purchases N with at least this probability",
    "the least n with P(N <= n) >= 0.1",
)
.on_request("intervals");
/// Upper end of an interval of purchases.
pub const PURCHASES_HIGH: Column = Column::new(
    "purchases_{horizon}_hi{percent}",
    Unit::Purchases,
    "its upper end",
    "the least n with P(N <= n) >= 0.9",
)
.on_request("intervals");
/// Lower end of an interval of value.
pub const VALUE_LOW: Column = Column::new(
    "value_{horizon}_lo{percent}",
    Unit::Money,
    "with a spend model: lower end of the interval that holds the customer's value V, margin x spend, not discounted, with this \
     probability, half of the rest lying on each side; 0 where no purchase at all is that likely",
    "P(V <= v) = P(0) + Σ P(n) I_w(p n, q + p x), w = v/(v + s (gamma + x m)), since a sum of n amounts is beta-prime",
)
.source("from Fader & Hardie 2013")
.on_request("intervals");
/// Upper end of an interval of value.
pub const VALUE_HIGH: Column =
    Column::new("value_{horizon}_hi{percent}", Unit::Money, "its upper end", "").on_request("intervals");
/// Chance that the value exceeds an amount.
pub const P_VALUE_OVER: Column = Column::new(
    "p_value_{horizon}_over_{amount}",
    Unit::Probability,
    "probability that the customer's value exceeds the amount",
    "P(V > 100)",
)
.on_request("over");
/// Standard error of a column.
pub const STANDARD_ERROR: Column = Column::new(
    "{column}_se",
    Unit::Its,
    "standard error of the column, because the parameters are estimates: of p_alive, expected_spend, purchases, \
     det, dert and clv",
    "√(gᵀ C g), g the gradient in the logarithms of the parameters and C their covariance (delta method)",
)
.on_request("standard-errors");

/// Columns of predictions on request.
pub const ON_REQUEST: &[Column] = &[
    DERT,
    LATER_DERT,
    CLV_FOREVER,
    LATER,
    P_NEXT,
    NEXT,
    P_COUNT,
    PURCHASES_MEDIAN,
    VALUE_MEDIAN,
    PURCHASES_CALIBRATED,
    CLV_CALIBRATED,
    LOW_CALIBRATED,
    HIGH_CALIBRATED,
    PURCHASES_LOW,
    PURCHASES_HIGH,
    VALUE_LOW,
    VALUE_HIGH,
    P_VALUE_OVER,
    STANDARD_ERROR,
];

/// Horizon of a total.
pub const HORIZON: Column = Column::new("horizon", Unit::None, "the horizon, as it was asked for", "");
/// Its last day.
pub const HORIZON_END: Column = Column::new("end", Unit::Date, "its last day", "");
/// Customers of a total.
pub const CUSTOMERS: Column = Column::new("customers", Unit::Customers, "number of customers in the group", "");
/// Whether parameters are estimates.
pub const PARAMETERS: Column = Column::new(
    "parameters",
    Unit::None,
    "whether the intervals include the uncertainty of the parameters (estimated) or not (given)",
    "",
);
/// Purchases of a group.
pub const TOTAL_PURCHASES: Column =
    Column::new("purchases", Unit::Purchases, "expected purchases of the group", "Σ P(alive) E[X(t)]");
/// Value of a group.
pub const TOTAL_VALUE: Column =
    Column::new("value", Unit::Money, "expected value of the group, not discounted", "Σ s E[M] P(alive) E[X(t)]");
/// Lower end of the interval of a total.
pub const TOTAL_LOW: Column = Column::new(
    "{sum}_lo{percent}",
    Unit::Its,
    "lower end of the interval of a total, over equally likely futures of all customers, each with other parameters, as far off as \
     the estimates may be",
    "",
)
.on_request("intervals");
/// Upper end of the interval of a total.
pub const TOTAL_HIGH: Column = Column::new("{sum}_hi{percent}", Unit::Its, "its upper end", "").on_request("intervals");
/// Lower end of the interval of a total, with the errors of earlier forecasts.
pub const TOTAL_LOW_PAST: Column = Column::new(
    "{sum}_lo{percent}_past",
    Unit::Its,
    "lower end of the interval to plan with: it also holds how far off earlier forecasts of the same kind were in all, where orders \
     are tested",
    "",
)
.on_request("intervals");
/// Upper end of the same.
pub const TOTAL_HIGH_PAST: Column =
    Column::new("{sum}_hi{percent}_past", Unit::Its, "its upper end", "").on_request("intervals");
/// Chance that the value of a group exceeds a target.
pub const P_TOTAL_OVER: Column = Column::new(
    "p_value_over_{amount}",
    Unit::Probability,
    "probability that the value of the group exceeds the target",
    "",
)
.on_request("target");

/// Columns of totals, one row for each horizon and group.
pub const TOTALS: &[Column] = &[
    HORIZON,
    HORIZON_END,
    CUSTOMERS,
    PARAMETERS,
    TOTAL_PURCHASES,
    TOTAL_VALUE,
    TOTAL_LOW,
    TOTAL_HIGH,
    TOTAL_LOW_PAST,
    TOTAL_HIGH_PAST,
    P_TOTAL_OVER,
];

/// Net revenue in the window.
pub const REVENUE: Column =
    Column::new("revenue", Unit::Money, "net amount of purchases and returns in the window", "");
/// Profit in the window.
pub const PROFIT: Column = Column::new(
    "lifetime_value",
    Unit::Money,
    "what the customer earned in the window; the cost of acquisition counts if the first purchase is in it",
    "margin x revenue - cogs - serving - cac",
);
/// Profit per period.
pub const PROFIT_PER_PERIOD: Column = Column::new(
    "profit_per_period",
    Unit::Money,
    "lifetime_value per period of the window in which the customer was one, from the period of the first purchase on",
    "",
);
/// Days since the last purchase.
pub const DAYS_SINCE_LAST: Column =
    Column::new("days_since_last", Unit::Days, "days from the last purchase to the end of the observation", "");
/// Score of the days since the last purchase.
pub const RECENCY_SCORE: Column = Column::new(
    "recency_score",
    Unit::Score,
    "score of days_since_last, the highest for the fewest days. With k quantiles, b customers below and a above",
    "⌊k b/(b + a)⌋ + 1, at most k; ⌊k/2⌋ + 1 if all are equal",
);
/// Score of the number of purchases.
pub const FREQUENCY_SCORE: Column =
    Column::new("frequency_score", Unit::Score, "score of the number of purchases, the first included", "");
/// Score of the money spent.
pub const MONETARY_SCORE: Column =
    Column::new("monetary_score", Unit::Score, "score of the total net amount (not of the mean)", "");
/// The scores together.
pub const RFM_SCORE: Column =
    Column::new("rfm_score", Unit::Score, "mean of the three scores, weighted by the option rfm-weights", "");
/// Tercile of the past.
pub const CURRENT_TERCILE: Column = Column::new(
    "current_tercile",
    Unit::Score,
    "tercile of what the customer has earned so far, 3 being the highest",
    "",
)
.on_request("model");
/// Tercile of the future.
pub const FUTURE_TERCILE: Column =
    Column::new("future_tercile", Unit::Score, "tercile of the clv column, 3 being the highest", "")
        .on_request("model");
/// What to do.
pub const TREATMENT: Column = Column::new(
    "treatment",
    Unit::None,
    "keep, develop, win back or let go: a convention based on the two terciles, which knows nothing of what \
     acting on it costs",
    "",
)
.on_request("model");

/// Columns of descriptions, after those of a summary and before those of a model.
pub const DESCRIPTION: &[Column] = &[
    REVENUE,
    PROFIT,
    PROFIT_PER_PERIOD,
    DAYS_SINCE_LAST,
    RECENCY_SCORE,
    FREQUENCY_SCORE,
    MONETARY_SCORE,
    RFM_SCORE,
    CURRENT_TERCILE,
    FUTURE_TERCILE,
    TREATMENT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_their_order() {
        assert_eq!(PURCHASES_LOW.of(&["12m", "90"]), "purchases_12m_lo90");
        assert_eq!(STANDARD_ERROR.of(&["p_alive"]), "p_alive_se");
        assert_eq!(FREQUENCY.of(&[]), "frequency");
        let all = [SUMMARY, PREDICTION, ON_REQUEST, TOTALS, DESCRIPTION].concat();
        assert!(all.iter().all(|column| !column.example().contains(['{', '}'])));
    }

    #[test]
    fn no_table_has_two_columns_of_a_name() {
        let customers = [SUMMARY, PREDICTION, ON_REQUEST].concat();
        for table in [&*customers, &[SUMMARY, DESCRIPTION].concat(), TOTALS] {
            let mut names: Vec<&str> = table.iter().map(|column| column.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        }
    }
}
