//! Several models on the same data, as small tables.

use std::borrow::Cow;

use crate::covariates::Effects;
use crate::evaluate::{Compared, Comparison, Scores};
use crate::report::DataTable;

/// Four tables: the models, their parameters, customers by repeat purchases, and means over the holdout by repeat purchases.
pub fn comparison_tables(comparison: &Comparison) -> [DataTable; 4] {
    let all = &comparison.contenders;
    [models(all), parameters(all), histogram(all), holdout(all)]
}

/// The models under their titles, without criteria that do not compare.
pub fn titled_models(comparison: &Comparison) -> DataTable {
    let all = &comparison.contenders;
    let apart = |row: usize| !all[row].is_comparable();
    models(all).relabelled("model", |name| title_of(comparison, name)).blanked("aic", apart).blanked("bic", apart)
}

/// The title of a compared model, by its name.
pub fn title_of(comparison: &Comparison, name: &str) -> String {
    let named = comparison.contenders.iter().find(|one| one.name() == name);
    named.map_or_else(|| name.to_owned(), |one| one.title().into_owned())
}

fn models(all: &[Compared]) -> DataTable {
    let scores = |of: fn(&Scores) -> Option<f64>| {
        all.iter().map(move |contender| contender.holdout.as_ref().and_then(|holdout| of(&holdout.scores)))
    };
    DataTable::new("models", "Models compared")
        .text("model", all.iter().map(Compared::name))
        .text("verdict", all.iter().map(|contender| contender.fit.verdict.word()))
        .real("log_likelihood", all.iter().map(|contender| contender.fit.log_likelihood))
        .real("aic", all.iter().map(|contender| contender.fit.aic()))
        .real("bic", all.iter().map(|contender| contender.fit.bic()))
        .real("chi_square", all.iter().map(|contender| contender.chi_square.map(|test| test.statistic)))
        .real(
            "degrees_of_freedom",
            all.iter().map(|contender| contender.chi_square.map(|test| test.degrees_of_freedom as f64)),
        )
        .real("p_value", all.iter().map(|contender| contender.chi_square.map(|test| test.p_value)))
        .real("holdout_expected", scores(|scores| Some(scores.expected)))
        .real("holdout_actual", scores(|scores| Some(scores.actual)))
        .real("holdout_total_error", scores(Scores::total_error))
        .real("holdout_mean_absolute_error", scores(|scores| Some(scores.mean_absolute_error)))
        .real("holdout_root_mean_square_error", scores(|scores| Some(scores.root_mean_square_error)))
        .real("holdout_correlation", scores(|scores| scores.correlation))
        .real("seconds", all.iter().map(|contender| contender.time.as_secs_f64()))
}

fn parameters(all: &[Compared]) -> DataTable {
    let rows: Vec<(Cow<'static, str>, &str, f64, Option<f64>)> = all
        .iter()
        .flat_map(|contender| {
            let parameters = contender.model.parameters().into_iter().map(|(_, value)| value);
            let values = parameters.chain(contender.effects.iter().flat_map(Effects::estimates));
            let named = contender.fit.parameters.iter().zip(values).zip(&contender.fit.standard_errors);
            named.map(|((parameter, value), error)| (contender.name(), &**parameter, value, *error))
        })
        .collect();
    DataTable::new("parameters", "Their parameters")
        .text("model", rows.iter().map(|row| &*row.0))
        .text("parameter", rows.iter().map(|row| row.1))
        .real("estimate", rows.iter().map(|row| row.2))
        .real("standard_error", rows.iter().map(|row| row.3))
}

fn histogram(all: &[Compared]) -> DataTable {
    let rows: Vec<_> = all.iter().flat_map(|one| one.histogram.iter().map(|bin| (one.name(), *bin))).collect();
    DataTable::new("frequency-histogram", "Customers by repeat purchases; the last row holds all above, too")
        .text("model", rows.iter().map(|row| &*row.0))
        .whole("frequency", rows.iter().map(|row| row.1.x.into()))
        .real("actual", rows.iter().map(|row| row.1.actual))
        .real("expected", rows.iter().map(|row| row.1.expected))
}

fn holdout(all: &[Compared]) -> DataTable {
    let groups = |one: &Compared| one.holdout.as_ref().map_or(Vec::new(), |holdout| holdout.by_frequency.clone());
    let rows: Vec<_> = all.iter().flat_map(|one| groups(one).into_iter().map(|group| (one.name(), group))).collect();
    DataTable::new("conditional-expectations", "Purchases per customer in the holdout, by repeat purchases before it")
        .text("model", rows.iter().map(|row| &*row.0))
        .real("frequency", rows.iter().map(|row| row.1.from))
        .real("actual", rows.iter().map(|row| row.1.actual))
        .real("expected", rows.iter().map(|row| row.1.expected))
}
