//! Models side by side on the terminal.

use crate::cli::text::console::Console;
use crate::error::Result;
use crate::evaluate::{Compared, Comparison, Later, WITH_COVARIATES};
use crate::models::TimingKind;
use crate::number_format::grouped;
use crate::report::{Beside, DataTable, Format, TableView, comparison_tables, title_of, titled_models};

/// The fits, the parameters, the histogram of repeat purchases and its test, and how the models foresaw what came later.
pub(super) fn describe(comparison: &Comparison, later: Option<&Later>, console: &mut Console) -> Result<()> {
    let [_, parameters, histogram, conditional] = comparison_tables(comparison);
    let models = titled_models(comparison);
    let fits = TableView::new("Models, the smallest BIC first", models.clone())
        .column("model", "model", Format::Plain)
        .column("log_likelihood", "log-likelihood", Format::Number(1))
        .column("aic", "AIC", Format::Number(1))
        .column("bic", "BIC", Format::Number(1))
        .column("verdict", "fit", Format::Plain)
        .column("seconds", "seconds", Format::Number(3));
    console.table(&fits)?;
    console.table(&side_by_side(
        comparison,
        "Parameters, and their standard errors",
        with_labels(parameters),
        "label",
    ))?;

    let last = comparison.contenders.first().and_then(|one| one.histogram.last()).map(|bin| f64::from(bin.x));
    let caption = "Customers by repeat purchases";
    let table = expected_beside_actual(comparison, caption, histogram, last, [Format::Number(0), Format::Number(1)]);
    console.table(&table)?;
    let test = TableView::new("", models.clone())
        .column("model", "model", Format::Plain)
        .column("chi_square", "chi-square", Format::Number(2))
        .column("degrees_of_freedom", "degrees of freedom", Format::Number(0))
        .column("p_value", "p-value", Format::PValue);
    console.table(&test)?;

    let Some(later) = later else { return Ok(()) };
    let Some(errors) = comparison.contenders.first().and_then(|one| one.holdout.as_ref()) else { return Ok(()) };
    let came = grouped(errors.scores.actual, 0);
    let caption = format!("Purchases after the observation, until {}: {came}", later.until);
    let holdout = TableView::new(caption, models)
        .column("model", "model", Format::Plain)
        .column("holdout_expected", "expected", Format::Number(1))
        .column("holdout_total_error", "off by", Format::SignedPercent(1))
        .column("holdout_mean_absolute_error", "mean absolute error", Format::Number(4))
        .column("holdout_root_mean_square_error", "root mean square error", Format::Number(4))
        .column("holdout_correlation", "correlation", Format::Number(3));
    console.table(&holdout)?;
    let last = errors.by_frequency.last().filter(|group| group.to.is_infinite()).map(|group| group.from);
    let caption = "Purchases per customer then, by repeat purchases in the observation";
    console.table(&expected_beside_actual(comparison, caption, conditional, last, [Format::Number(3); 2]))
}

/// The parameters with labels: the same name means something else in a model of discrete opportunities.
fn with_labels(parameters: DataTable) -> DataTable {
    let texts = |name: &str| parameters.column(name).map(|cells| (0..cells.len()).map(|row| cells.text(row)));
    let (Some(models), Some(names)) = (texts("model"), texts("parameter")) else { return parameters };
    let label = |(model, name): (String, String)| match model
        .strip_suffix(WITH_COVARIATES)
        .unwrap_or(&model)
        .parse::<TimingKind>()
    {
        Ok(kind) if kind.is_discrete() => format!("{name} (opportunities)"),
        _ => name,
    };
    let labels: Vec<String> = models.zip(names).map(label).collect();
    parameters.text("label", labels)
}

/// A column a model, with estimates and their errors.
fn side_by_side(comparison: &Comparison, caption: &str, parameters: DataTable, rows: &str) -> TableView {
    let table = TableView::new(caption, parameters.pivoted(rows, "model", &["estimate", "standard_error"]));
    comparison.contenders.iter().map(Compared::name).fold(
        table.column(rows, "parameter", Format::Plain),
        |table, model| {
            let error = Beside::InBrackets(format!("{model} standard_error"));
            table.column_beside(&model, &title_of(comparison, &model), Format::Parameter, error)
        },
    )
}

/// A column a model with what it expects, after what came; the row of the `last` frequency holds all above, too.
fn expected_beside_actual(
    comparison: &Comparison,
    caption: &str,
    table: DataTable,
    last: Option<f64>,
    [of_actual, of_expected]: [Format; 2],
) -> TableView {
    let wide = table.pivoted("frequency", "model", &["expected", "actual"]).relabelled("frequency", |frequency| {
        let open = last.is_some_and(|last| frequency.parse() == Ok(last));
        format!("{frequency}{}", if open { "+" } else { "" })
    });
    let models: Vec<_> = comparison.contenders.iter().map(Compared::name).collect();
    let view = TableView::new(caption, wide).column("frequency", "repeats", Format::Plain);
    let view = match models.first() {
        Some(first) => view.column(&format!("{first} actual"), "actual", of_actual),
        None => view,
    };
    models.iter().fold(view, |view, model| view.column(model, &title_of(comparison, model), of_expected))
}
