//! Names of the small tables that are written as files, and columns by which each is known.

use crate::evaluate::WITH_COVARIATES;
use crate::fit::{AUTO, TimingChoice};
use crate::models::TimingKind;

/// A name, and columns that the table has; one that ends in a space stands for all that begin with it.
type Known = (&'static str, &'static [&'static str]);

const SCORES: &[&str] = &["split", "until", "forecaster", "kind", "what", "customers", "expected", "actual"];
const COVERAGE: &[&str] = &["what", "interval", "expected", "covered"];
const TIERS: &[&str] = &["tier", "customers", "expected", "actual", "nothing", "share", "precision", "recall"];
const GROUPED: &[&str] = &["customers", "actual", "expected"];
const COEFFICIENTS: &[&str] = &["process", "covariate", "column", "estimate", "standard_error", "factor"];
const DECILES: &[&str] = &["decile", "customers", "expected", "actual"];

/// Of a page.
const PAGE: [Known; 31] = [
    ("alive-map", &["frequency", "recency", "recency_from", "recency_to", "p_alive"]),
    ("coefficients", COEFFICIENTS),
    ("calibrated", &["horizon", "purchases", "purchases_calibrated", "clv", "clv_calibrated"]),
    ("cohort-retention", &["cohort", "age", "retention"]),
    ("comparison", &["model", "log_likelihood", "aic", "bic", "verdict"]),
    ("conditional-frequency", &["frequency", "customers", "series", "purchases"]),
    ("conditional-silence", &["silence", "customers", "series", "purchases"]),
    ("confusion", &["expected", "came "]),
    ("contender-errors", &["name", "kind", "measure", "error"]),
    ("coverage", COVERAGE),
    ("current-by-future", &["so far", "low", "middle", "high"]),
    ("factors", &["process", "column", "factor", "low", "high"]),
    ("frequency-histogram", &["purchases", "series", "customers"]),
    ("heterogeneity", &["parameter", "at", "density"]),
    ("iso-value", &["horizon", "level", "frequency", "recency"]),
    ("lorenz", &["series", "share_of_customers", "share_of_value"]),
    ("parameters", &["model", "parameter", "standard_error", "verdict"]),
    ("purchase-deciles", &["decile", "series", "mean"]),
    ("purchases-map", &["frequency", "recency", "recency_from", "recency_to", "horizon", "purchases"]),
    ("read", &["what", "rows"]),
    ("rfm-grid", &["recency", "frequency "]),
    ("scores-purchases", SCORES),
    ("scores-value", SCORES),
    ("spend-distribution", &["from", "to", "series", "customers"]),
    ("tiers", TIERS),
    ("top-customers", &["customer_id", "frequency", "p_alive"]),
    ("totals", &["horizon", "end", "purchases", "purchases_lo80", "purchases_hi80"]),
    ("tracking", &["end_day", "series", "purchases"]),
    ("tracking-cumulative", &["end_day", "series", "purchases"]),
    ("value-deciles", &["decile", "series", "mean"]),
    ("value-tiers", &["horizon", "tier", "customers", "expected", "per_customer", "share"]),
];

/// Of an evaluation in all.
const EVALUATION: [Known; 7] = [
    ("activity", &["forecaster", "right_active", "wrong_active", "wrong_inactive", "right_inactive"]),
    ("past-forecasts", &["split", "forecaster", "day", "until", "what", "expected", "actual"]),
    ("total-ranges", &["split", "forecaster", "what", "expected", "actual", "lo80", "hi80"]),
    ("calibration", &["split", "learned_on", "learned_from", "forecaster", "what", "part", "weight", "standard_error"]),
    ("contenders", &["split", "model", "parameters", "log_likelihood", "bic"]),
    ("scores", SCORES),
    ("spread", &["forecaster", "kind", "what", "score", "splits", "mean", "sd"]),
];

/// Of each model in an evaluation; those of a second model have its name after theirs.
const EVALUATED_MODEL: [Known; 9] = [
    ("by-frequency", GROUPED),
    ("by-recency", GROUPED),
    ("coefficients", COEFFICIENTS),
    ("confusion", &["expected", "actual", "customers"]),
    ("coverage", COVERAGE),
    ("purchase-deciles", DECILES),
    ("tiers", TIERS),
    ("tracking", &["end_day", "actual", "expected", "cumulative_actual", "cumulative_expected"]),
    ("value-deciles", DECILES),
];

/// Of a description.
const DESCRIPTION: [Known; 10] = [
    ("cohorts", &["cohort", "age", "customers", "active", "retention", "revenue"]),
    ("concentration", &["share_of_customers", "share_of_value"]),
    ("current-by-future", &["current", "future", "customers", "current_value", "future_value", "treatment"]),
    ("equity", &["horizon", "static_equity", "value_of_a_new_customer", "acquired_last_year"]),
    ("group-differences", &["group", "control", "mean_value", "repeat_rate"]),
    ("groups", &["group", "customers", "total_value", "mean_value", "repeat_rate"]),
    ("lorenz", &["share_of_customers", "share_of_value"]),
    ("payback", &["cohort", "customers", "cac", "earned_per_customer", "payback_age", "share_paid_back"]),
    ("regularity", &["customers", "k", "standard_error", "k_by_chance", "pattern"]),
    ("rfm", &["recency_score", "frequency_score", "customers", "value", "mean_monetary"]),
];

fn names(of: &[Known]) -> impl Iterator<Item = String> + '_ {
    of.iter().map(|(name, _)| (*name).to_owned())
}

/// Names of the tables that a page may have.
pub fn page_table_names() -> Vec<String> {
    names(&PAGE).collect()
}

/// Names of the tables that an evaluation of these models may have.
pub fn evaluation_table_names(models: &[TimingChoice]) -> Vec<String> {
    let suffixed = |suffix: String| names(&EVALUATED_MODEL).map(move |name| format!("{name}-{suffix}"));
    let suffixes = |choice: &TimingChoice| match choice {
        TimingChoice::Kind(kind) => kind.fitted().map(TimingKind::name).collect(),
        TimingChoice::Auto => vec![AUTO],
    };
    let with = |name: &'static str| [name.to_owned(), format!("{name}{WITH_COVARIATES}")];
    let suffixes = models.iter().flat_map(suffixes).flat_map(with);
    names(&EVALUATION).chain(names(&EVALUATED_MODEL)).chain(suffixes.flat_map(suffixed)).collect()
}

/// Names of the tables that a description may have.
pub fn description_table_names() -> Vec<String> {
    names(&DESCRIPTION).collect()
}

/// Whether there is a table of this name with such columns.
pub fn is_table_of(name: &str, columns: &[String]) -> bool {
    let has = |wanted: &str| {
        columns.iter().any(|column| column == wanted || wanted.ends_with(' ') && column.starts_with(wanted))
    };
    let fits = |of: &[Known], name: &str| {
        of.iter().any(|(known, wanted)| *known == name && wanted.iter().all(|column| has(column)))
    };
    let name = name.strip_suffix(WITH_COVARIATES).unwrap_or(name);
    let of_another = |suffix: &str| {
        let name = name.strip_suffix(suffix).and_then(|name| name.strip_suffix('-'));
        name.is_some_and(|name| fits(&EVALUATED_MODEL, name))
    };
    [&PAGE[..], &EVALUATION, &EVALUATED_MODEL, &DESCRIPTION].iter().any(|of| fits(of, name))
        || TimingKind::ALL.iter().flat_map(|kind| kind.fitted()).any(|kind| of_another(kind.name()))
        || of_another(AUTO)
}
