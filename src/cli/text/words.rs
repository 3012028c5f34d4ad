//! What was read and what was fitted, in words for people and in JSON for machines.

use serde_json::{Value, json};

use super::console::Console;
use crate::answers::{EffectRow, effect_rows, missing_in_words};
use crate::cli::shared::loaded_summary::{Loaded, OrdersRead};
use crate::cli::text::as_flag::as_flag;
use crate::covariates::{Covariate, Effects};
use crate::error::Result;
use crate::fit::{FitRecord, Selection};
use crate::message::say;
use crate::model_file::ModelFile;
pub(crate) use crate::number_format::{counted, grouped as number, parameter as digits, whole};
use crate::orders::{Reason, large_share};
use crate::report::{DataTable, Format, TableView};
use crate::summary::{Counts, Summary, TimeUnit};
use crate::tables::clip;

/// A line that says what recency and T are measured in.
pub(crate) fn rule(unit: TimeUnit) -> String {
    format!("recency and T in {unit}s")
}

/// What became of the orders.
pub(crate) fn orders(console: &mut Console, read: &OrdersRead, summary: &Summary) -> Result<()> {
    let OrdersRead { report, excluded, last, end_option } = read;
    let customers = counted(summary.len() as u64, "customer");
    if report.files.is_empty() {
        console.say(format!("Read nothing new: {customers}"))?;
    } else {
        let files = counted(report.files.len() as u64, "file");
        console.say(format!("Read {} from {files}: {customers}", counted(report.rows, "row")))?;
    }
    for (i, file) in report.files.iter().enumerate() {
        // Files of one export have the same columns; say so once.
        let columns = match i.checked_sub(1) {
            Some(before) if report.files[before].columns == file.columns => String::new(),
            _ => format!(": {}", file.columns),
        };
        if i < 5 || !columns.is_empty() {
            console.say(format!("  {}{columns}", file.name))?;
        }
    }
    if report.files.len() > 5 {
        console.say(format!("  {} files in all", report.files.len()))?;
    }
    let end = summary.observation.end;
    if let Some(option) = end_option {
        console.say(format!("  observed until {end} ({option})"))?;
    } else {
        console.say(format!("  observed until {end}, the last order; --until sets another end"))?;
    }
    if let Some(currency) = summary.currency.filter(|_| summary.knows_spend) {
        console.say(format!("  amounts in {currency}"))?;
    }
    summary.cautions(Some(*last)).into_iter().for_each(|caution| console.warn(caution));
    if report.without_amount > 0 && report.without_amount < report.used {
        let orders = counted(report.without_amount, "order");
        console.say(format!("  {orders} without a readable amount: they still count as purchases"))?;
    }
    if report.at_price_zero > 0 && summary.knows_spend {
        console
            .say(format!("  {} at price zero: purchases, but without spend", counted(report.at_price_zero, "order")))?;
    }
    let netted = report.returns.saturating_sub(excluded.unmatched_returns);
    if netted > 0 {
        console.say(format!("  {} netted against purchases", counted(netted, "return")))?;
    }
    if excluded.unmatched_returns > 0 {
        console
            .say(format!("  left out: {} without a purchase before", counted(excluded.unmatched_returns, "return")))?;
    }
    // What comes after a split is looked at.
    let later = report.after_end(excluded, end).filter(|_| *end_option != Some("--split"));
    if let Some(later) = &later {
        console.say(format!("  left out: {later}"))?;
    }
    if let Some(example) = &excluded.example {
        console.say(format!(
            "  left out: {} outside the cohort with {} (for instance `{}`)",
            counted(excluded.customers, "customer"),
            counted(excluded.orders, "order"),
            clip(example)
        ))?;
    }
    for (reason, rows, example) in report.left_out.reasons().filter(|(reason, ..)| *reason != Reason::AfterEnd) {
        console.say(format!("  left out: {} {reason} (first: {example})", counted(rows, "row")))?;
    }
    for told in &report.told {
        console.say(say!["  ", told])?;
    }
    report.warnings.iter().for_each(|warning| console.warn(warning));
    if let Some(warning) = large_share(summary, &report.customer_column) {
        console.warn(warning);
    }
    let excluded = excluded.unmatched_returns + excluded.customers;
    if report.rows > 0
        && report.left_out.total() == 0
        && report.refunds_after_end == 0
        && later.is_none()
        && excluded == 0
    {
        console.say("  every row was used")?;
    }
    Ok(())
}

/// Columns in which the orders of a customer do not agree.
pub(crate) fn attributes(console: &mut Console, summary: &Summary) -> Result<()> {
    for attribute in summary.attributes.iter().filter(|attribute| attribute.differing > 0) {
        let customers = counted(attribute.differing, "customer");
        console
            .say(format!("  `{}` differs between the orders of {customers}: the first order counts", attribute.name))?;
    }
    Ok(())
}

/// What a summary file says.
pub(crate) fn summary(console: &mut Console, name: &str, summary: &Summary) -> Result<()> {
    let observation = &summary.observation;
    let currency = summary.currency.filter(|_| summary.knows_spend);
    let amounts = currency.map_or_else(String::new, |currency| format!(", amounts in {currency}"));
    let rows =
        summary.weights.as_ref().map_or_else(String::new, |_| format!(" in {}", counted(summary.len() as u64, "row")));
    console.say(format!(
        "Read a summary of {}{rows} from {name}: observed until {}, recency and T in {}s{amounts}",
        counted(summary.customer_count(), "customer"),
        observation.end,
        observation.unit
    ))?;
    if let Some(left_out) = summary.weights.as_ref().map(|weights| weights.left_out).filter(|left_out| *left_out > 0) {
        console.say(format!("  left out: {} with weight 0", counted(left_out, "row")))?;
    }
    summary.cautions(None).into_iter().for_each(|caution| console.warn(caution));
    Ok(())
}

/// How many rows there are of each kind.
#[cfg(feature = "parquet")]
pub(crate) fn counts(counts: &Counts) -> String {
    let rows = |rows: &Summary, of: &str| format!("{} of {of}", counted(rows.len() as u64, "distinct row"));
    let tables = [
        Some(rows(counts.timing(), "frequency, recency and T")),
        counts.spend().map(|spend| rows(spend, "frequency and monetary_value")),
        counts.joint().map(|joint| rows(joint, "all four")),
    ];
    let tables: Vec<String> = tables.into_iter().flatten().collect();
    format!("{}: {}", counted(counts.timing().customer_count(), "customer"), tables.join("; "))
}

/// The same for machines.
pub(crate) fn counts_json(counts: &Counts) -> Value {
    json!({
        "customers": counts.customers(),
        "told_apart": counts.told_apart(),
        "timing_rows": counts.timing().len(),
        "spend_rows": counts.spend().map(Summary::len),
        "joint_rows": counts.joint().map(Summary::len),
    })
}

/// What was read, for machines.
pub(crate) fn loaded_json(loaded: &Loaded) -> Value {
    let observation = &loaded.summary.observation;
    let orders = loaded.orders.as_ref().map(|OrdersRead { report, excluded, .. }| {
        let left_out: serde_json::Map<String, Value> = report
            .left_out
            .reasons()
            .map(|(reason, rows, example)| {
                (
                    reason.key().to_owned(),
                    json!({ "rows": rows, "place": example.place.to_string(), "value": example.value }),
                )
            })
            .collect();
        let files: Vec<Value> = report
            .files
            .iter()
            .map(|file| json!({ "name": file.name, "rows": file.rows, "columns": file.columns }))
            .collect();
        json!({
            "files": files,
            "rows": report.rows,
            "used": report.used,
            "further_lines": report.further_lines,
            "told": report.told.iter().map(|told| told.render(as_flag)).collect::<Vec<String>>(),
            "refunds": report.refunds,
            "excess_refunds": report.excess_refunds(),
            "currency": report.currency,
            "returns": report.returns,
            "at_price_zero": report.at_price_zero,
            "without_amount": report.without_amount,
            "left_out": left_out,
            "unmatched_returns": excluded.unmatched_returns,
            "after_the_end": excluded.later_orders,
            "outside_cohort": { "customers": excluded.customers, "orders": excluded.orders },
        })
    });
    let summary = &loaded.summary;
    // Of every customer, or one of each.
    let repeats = |most: u32| summary.sum_over_customers(|row| summary.frequency[row].min(most).into());
    let mut json = json!({
        "orders": orders,
        "summary": {
            "customers": loaded.summary.customer_count(),
            "repeat_customers": repeats(1).round() as u64,
            "repeat_purchases": repeats(u32::MAX).round() as u64,
            "end": observation.end,
            "unit": observation.unit,
            "grain": observation.grain,
        },
    });
    if let Some(weights) = &summary.weights {
        json["summary"]["rows"] = summary.len().into();
        json["summary"]["rows_with_weight_0"] = weights.left_out.into();
    }
    if let Some(currency) = loaded.summary.currency {
        json["summary"]["currency"] = currency.as_str().into();
    }
    json
}

/// The timing model with its standard errors.
pub(crate) fn timing(console: &mut Console, file: &ModelFile) -> Result<()> {
    if let (Some(timing), Some(data)) = (&file.timing, &file.data) {
        let unit = data.unit;
        let title = format!("{}: when customers purchase, in {unit}s", timing.model.kind());
        model(console, &title, &timing.model.parameters(), timing.fit.as_ref())?;
        effects(console, timing.covariates.as_ref(), timing.fit.as_ref())?;
        if let Some(selection) = &timing.selection {
            chosen(console, selection)?;
        }
    }
    Ok(())
}

/// Why a model was chosen, and which could not be.
pub(crate) fn chosen(console: &mut Console, selection: &Selection) -> Result<()> {
    console.say(format!("  chosen: {}", selection.sentence()))?;
    selection.not_chosen().into_iter().for_each(|sentence| console.warn(sentence));
    Ok(())
}

/// The spend model, and how many customers with repeat purchases it could not use.
pub(crate) fn spend(console: &mut Console, file: &ModelFile, left_out: f64) -> Result<()> {
    if let Some(spend) = &file.spend {
        let currency = file.data.and_then(|data| data.currency);
        let currency = currency.map_or_else(String::new, |currency| format!(", in {currency}"));
        let title = format!("{}: spend per purchase{currency}", spend.model.name());
        model(console, &title, &spend.model.parameters(), spend.fit.as_ref())?;
        effects(console, spend.covariates.as_ref(), spend.fit.as_ref())?;
        if left_out > 0.0 {
            let customers = counted(left_out as u64, "customer");
            console.say(format!("  left out: {customers} whose repeat purchases are worth nothing or less"))?;
        }
        if let Some(correlation) = spend.frequency_correlation {
            console.say(format!("  correlation of frequency and spend {correlation:.2} (the model assumes 0)"))?;
            if correlation.abs() > 0.3 {
                console.warn(format!(
                    "frequency and spend are correlated ({correlation:.2}); gamma-gamma assumes that they are independent, so \
                     values of the best customers may be off"
                ));
            }
        }
    }
    Ok(())
}

pub(crate) fn model(
    console: &mut Console,
    title: &str,
    parameters: &[(&str, f64)],
    fit: Option<&FitRecord>,
) -> Result<()> {
    let table = DataTable::new("parameters", title)
        .text("parameter", parameters.iter().map(|(name, _)| format!("  {name}")))
        .real("estimate", parameters.iter().map(|(_, value)| *value));
    let view = match fit {
        Some(fit) => TableView::new(
            title,
            table.real("standard_error", fit.standard_errors.iter().take(parameters.len()).copied()),
        )
        .column("parameter", "  parameter", Format::Plain)
        .column("estimate", "estimate", Format::Parameter)
        .column("standard_error", "standard error", Format::Parameter),
        None => TableView::new(title, table).column("parameter", "  parameter", Format::Plain).column(
            "estimate",
            "estimate",
            Format::Parameter,
        ),
    };
    console.table(&view)?;
    let Some(fit) = fit else { return Ok(()) };
    console.say(format!(
        "  {} in {} iterations (gradient {:.0e}{}); log-likelihood {:.2}; {} ({} distinct)",
        fit.verdict,
        fit.iterations,
        fit.gradient,
        fit.condition.map(|condition| format!(", condition {}", digits_of(condition))).unwrap_or_default(),
        fit.log_likelihood,
        counted(fit.customers, "customer"),
        whole(fit.distinct as u64)
    ))?;
    if let Some(bootstrap) = &fit.draws {
        let errors = parameters.iter().zip(bootstrap.standard_errors_with(fit.coefficients));
        let errors = errors.map(|((name, _), error)| match error {
            Some(error) => format!("{name} {}", digits(error)),
            None => format!("{name} runs off"),
        });
        let errors: Vec<String> = errors.collect();
        let failed = if bootstrap.failed > 0 { format!(" ({} more failed)", bootstrap.failed) } else { String::new() };
        console.say(format!(
            "  standard errors over {} refits{failed}: {}",
            bootstrap.draws.len(),
            errors.join(", ")
        ))?;
    }
    if fit.robust {
        console.say("  standard errors are robust (sandwich)")?;
    }
    if let Some(sd) = fit.prior_sd {
        console.say(format!("  with a prior of standard deviation {sd} on the logarithm of each parameter"))?;
    }
    let name = title.split(':').next().unwrap_or(title);
    for caution in &fit.cautions {
        console.warn(say!["{name}: ", caution]);
    }
    Ok(())
}

/// What covariates do: coefficients with their factors and tests, and the same in sentences.
pub(crate) fn effects(console: &mut Console, effects: Option<&Effects>, fit: Option<&FitRecord>) -> Result<()> {
    let Some(effects) = effects else { return Ok(()) };
    let references: Vec<String> = effects.covariates.iter().map(Covariate::reference).collect();
    console.say(format!("\ncovariates, beside customers with {}", references.join(", ")))?;
    let rows = effect_rows(effects, fit);
    let name = |row: &EffectRow| format!("{}: {}", row.process, row.column);
    let width = rows.iter().map(|row| name(row).chars().count()).max().unwrap_or(0);
    let penalised = if effects.sd.is_some() { "penalised " } else { "" };
    for row in &rows {
        let error = row.standard_error.map_or_else(|| "runs off".to_owned(), digits);
        let interval = row
            .factor_interval
            .map_or_else(String::new, |(low, high)| format!(", {penalised}95% {} to {}", digits(low), digits(high)));
        let wald = row.p_wald.map_or_else(String::new, |p| format!("  p {}", p_value(p)));
        let (factor, estimate) = (digits(row.factor), digits(row.estimate));
        console.say(format!("  {:<width$} {estimate:>9} ({error})  times {factor}{interval}{wald}", name(row)))?;
    }
    for test in &effects.tests {
        console.say(format!(
            "  without {} in {}: likelihood ratio {:.2} ({} df), p {}",
            test.covariate,
            test.process,
            test.statistic,
            test.degrees,
            p_value(test.p)
        ))?;
    }
    if let (Some(without), Some(fit)) = (effects.log_likelihood_without, fit) {
        console.say(format!(
            "  log-likelihood without covariates {without:.2}, with {} {:.2}",
            counted(effects.coefficients.len() as u64, "coefficient"),
            fit.log_likelihood
        ))?;
    }
    if let Some(sd) = effects.sd {
        console.say(format!("  with a prior of standard deviation {sd} on coefficients of standardised columns"))?;
    }
    missing_in_words(effects).try_for_each(|missing| console.say(format!("  {missing}")))?;
    rows.iter()
        .filter(|row| row.standard_error.is_some())
        .try_for_each(|row| console.say(format!("  {}", row.sentence)))
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "< .001".to_owned() } else { format!("{p:.3}") }
}

/// Of a size: whole, or in scientific notation.
fn digits_of(size: f64) -> String {
    if size < 1e6 { format!("{size:.0}") } else { format!("{size:.0e}") }
}
