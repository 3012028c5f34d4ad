//! The sections of the report.

pub(super) mod covariates;
pub(super) mod forecasts;
pub(super) mod horizon_words;
pub(super) mod page;
pub(super) mod regularity;
pub(super) mod report;
pub(super) mod tables;
pub(super) mod verdicts;

use super::charts::{
    alive_map, cohort_retention, conditional_by_frequency, conditional_by_silence, contender_errors,
    decile_calibration, frequency_histogram, heterogeneity, interval_coverage, iso_value, lorenz, purchases_map,
    spend_distribution, tracking_by_period, tracking_cumulative,
};
use super::tables::description::describe_tables;
use super::tables::evaluation as evaluation_tables;
use super::tables::holdout as holdout_tables;
use super::tables::model::{
    alive_table, frequency_table, heterogeneity_table, iso_value_table, purchases_table, spend_table,
};
use super::{Block, Chart, DataTable, Level, Section};
use crate::covariates::LOG_FREQUENCY;
use crate::error::Result;
use crate::evaluate::{FrequencyBin, Quantity, chi_square};
use crate::message::{Message, opt, say};
use crate::model_file::ModelFile;
use crate::number_format::grouped;
use crate::predict::Horizon;
use crate::summary::Grain;
use report::Report;
use tables::{
    calibrated, compared, confusion, matrix, parameters, rfm_grid, scores, tested_tiers, tiers, top, totals,
    totals_by_model,
};

fn section(id: &str, title: &str, words: Vec<impl Into<Message>>, blocks: Vec<Block>) -> Section {
    let words = words.into_iter().map(Into::into).collect();
    Section { id: id.to_owned(), title: title.to_owned(), words, blocks }
}

/// A chart of amounts, whose title says what they are in.
fn in_currency(chart: Chart, report: &Report<'_>) -> Chart {
    let (title, mut spec) = (report.amounts().title(&chart.title), chart.spec);
    report.amounts().name_in(&mut spec);
    Chart { title, spec, ..chart }
}

/// A table of one kind of customer, whose title says which, if others differ.
fn of_customers(table: DataTable, like: Option<&str>) -> DataTable {
    let title = like.map_or_else(|| table.title.clone(), |like| format!("{} (customers with {like})", table.title));
    DataTable { title, ..table }
}

/// Totals, and what makes a customer worth something.
pub(super) fn expectations(report: &Report<'_>) -> Result<Section> {
    let Report { forecasts, predictor, summary, .. } = report;
    let (unit, end) = (summary.observation.unit.name(), summary.observation.end);
    let horizons: Vec<Horizon> = forecasts.horizons.iter().map(|horizon| horizon.horizon.clone()).collect();
    let customers = grouped(summary.len() as f64, 0);
    let mut words = vec![format!(
        "What the {customers} customers known on {end} are expected to do from then on. Customers who join later \
         are not included."
    )];
    if report.values() {
        words.push(match (forecasts.one_margin, forecasts.margin) {
            (true, 1.0) => "Value is what customers spend, before costs.".to_owned(),
            (true, margin) => format!("Value is what is earned: {:.0}% of what customers spend.", 100.0 * margin),
            _ => "Value is what is earned: each customer's margin on what they spend.".to_owned(),
        });
        if forecasts.discount > 0.0 {
            words.push(format!(
                "Where it says “discounted”, money counts less the later it comes, at {}% a year.",
                grouped(100.0 * forecasts.discount, 1)
            ));
        }
    }
    if !report.other_horizons.is_empty() {
        words.push(format!(
            "Not on this page, since they begin later or do not end: {}.",
            report.other_horizons.join(", ")
        ));
    }
    let mut blocks = vec![Block::Table(totals(forecasts, report.values(), report.amounts()))];
    if let Some(last) = forecasts.horizons.last() {
        let given =
            if last.totals.with_parameters { "" } else { " They do not include the uncertainty of its parameters." };
        blocks.push(Block::Words(match last.purchases_range.past_forecasts {
            0 => format!("The 80% ranges assume that the model is right.{given}"),
            n => format!(
                "The 80% ranges are those to plan with: they allow for how far off {} of the same kind {} in all, on earlier days of these \
                 orders.{given}",
                if n == 1 { "a forecast".to_owned() } else { format!("{n} forecasts") },
                if n == 1 { "was" } else { "were" },
            ),
        }));
        blocks.extend(totals_by_model(forecasts, report.values(), report.amounts()).map(Block::Table));
    }
    if let (false, Some(table)) = (report.calibrated.is_empty(), report.all_customers) {
        blocks.push(Block::Table(calibrated(report.calibrated, report.values(), report.amounts())));
        blocks.push(Block::Words(format!(
            "To plan with single customers, take the calibrated columns of {table}: they mix what the model expects with what each customer \
             did last, as earlier days of these orders teach. Totals are planned with the ranges above; chances, and who is still a \
             customer, are the model's."
        )));
    }
    // Maps are of one kind of customer.
    let (predictor, like) = &predictor.of_reference();
    let map = of_customers(purchases_table(predictor, summary, &horizons)?, like.as_deref());
    if !map.is_empty() {
        blocks.push(Block::Chart(purchases_map(&map, unit)));
    }
    let iso = iso_value_table(predictor, summary, &horizons, report.discount, forecasts.margin)?;
    let iso = of_customers(iso, like.as_deref());
    // Spend that moves with frequency has no one model on the map.
    let by_frequency = report.predictor.covariates().iter().any(|name| name == LOG_FREQUENCY);
    if !iso.is_empty() && report.values() && !by_frequency {
        blocks.push(Block::Chart(in_currency(iso_value(&iso, unit), report)));
    }
    Ok(section("expectations", "What to expect", words, blocks))
}

/// Who the valuable ones are.
pub(super) fn customers(report: &Report<'_>) -> Section {
    let Report { forecasts, summary, .. } = report;
    let mut blocks = vec![Block::Table(tiers(forecasts, report.values(), report.amounts()))];
    let potential = report.description.and_then(|description| description.potential.as_ref());
    if let Some(potential) = potential {
        blocks.push(Block::Table(matrix(potential, report.amounts())));
        blocks.push(Block::Words(
            "Thirds of the customers by what they have brought so far and by what is expected of them; equal customers are never \
             separated. What to do with each group is a convention of the trade, not a result: whether it pays depends on what it costs."
                .to_owned(),
        ));
    }
    blocks.push(Block::Table(top(forecasts, summary, report.values())));
    let (shown, all) = (grouped(forecasts.top.len() as f64, 0), grouped(summary.len() as f64, 0));
    let what = if report.values() { "valuable" } else { "active" };
    let beside = report.all_customers.map_or(String::new(), |table| format!(" All of them are in {table}."));
    let words = vec![format!("Below are the {shown} most {what} of {all} customers.{beside}")];
    section("customers", if report.values() { "Who is valuable" } else { "Who is active" }, words, blocks)
}

/// The forecast that could be checked.
pub(super) fn holdout(report: &Report<'_>) -> Option<Section> {
    let evaluation = report.evaluation.ok()?;
    let model = evaluation.models.first()?;
    let split = evaluation.split.to_string();
    let observation = &report.summary.observation;
    let period = if observation.grain == Grain::Day { Grain::Week } else { observation.grain }.name();
    let later = match evaluation.joined_later {
        0 => String::new(),
        later => format!(" {} joined later and could not be known.", grouped(later as f64, 0)),
    };
    let known = grouped(evaluation.customers as f64, 0);
    let mut words = vec![format!(
        "The same model, fitted to the orders up to {split} alone, and its forecast until {} compared with what came. {known} \
         customers were known by then.{later}",
        evaluation.until
    )];
    if report.values() {
        words.push(
            "Value in this test is what customers spent, neither discounted nor multiplied by a margin.".to_owned(),
        );
    }
    let mut blocks = vec![Block::Points(evaluation.advice())];
    let [within, cumulative] = holdout_tables::tracking(model, period);
    if !within.is_empty() {
        blocks.push(Block::Chart(tracking_cumulative(&cumulative, period, Some(&split))));
        blocks.push(Block::Chart(tracking_by_period(&within, period, Some(&split))));
    }
    blocks.push(Block::Chart(contender_errors(&holdout_tables::errors(evaluation))));
    blocks.push(Block::Words(RULES.to_owned()));
    let known = Quantity::ALL.into_iter().filter(|what| model.value_deciles.is_some() || *what == Quantity::Purchases);
    blocks.extend(known.map(|what| Block::Table(scores(evaluation, what, report.amounts()))));
    blocks.extend(holdout_tables::deciles(model).iter().map(|table| {
        let chart = decile_calibration(table);
        Block::Chart(if table.name == "value-deciles" { in_currency(chart, report) } else { chart })
    }));
    blocks.push(Block::Pair(
        conditional_by_frequency(&holdout_tables::by_frequency(model)),
        conditional_by_silence(&holdout_tables::by_silence(model, observation.unit), observation.unit.name()),
    ));
    blocks.push(Block::Chart(interval_coverage(&evaluation_tables::coverage(model))));
    let what = if model.value_deciles.is_some() { Quantity::Value } else { Quantity::Purchases };
    blocks.push(Block::Table(tested_tiers(model, what, report.amounts())));
    blocks.push(Block::Table(confusion(&model.tiers)));
    blocks
        .push(Block::Words("Where a boundary falls among equal customers, they count partly on each side.".to_owned()));
    Some(section("holdout", "Was it right?", words, blocks))
}

const RULES: &str = "Rules of thumb, on the same data: “zero for all” expects nothing from anybody; “same as last period” repeats \
                     each customer's purchases in a period before the test that is as long; “order value x frequency” and “mean per \
                     period so far” continue at the pace so far; the “hiatus rule” does, too, but gives up customers who have been \
                     silent for six months; the regression learns from an earlier day.";

/// What the models are, and how they fit.
pub(super) fn models(report: &Report<'_>, bins: &[FrequencyBin]) -> Result<Section> {
    let Report { predictor, summary, .. } = report;
    let (unit, grain) = (summary.observation.unit, summary.observation.grain);
    let title = predictor.timing.kind().title();
    let mut words: Vec<Message> = vec![format!(
        "{title} for when customers purchase{}, fitted by maximum likelihood. Recency and age are in {unit}s; the orders of a customer \
         on one {grain} are one purchase.",
        if report.values() { ", Gamma-Gamma for what they spend" } else { "" }
    )
    .into()];
    if let Some(kind) = super::sections::verdicts::keeps_one_time_customers(report.model) {
        let (others, names) = match kind.has_exponential_times() {
            true => ("MBG/NBD and Pareto/NBD", ["mbg-nbd", "pareto-nbd"]),
            false => ("MBG/CNBD and Pareto/CNBD", ["mbg-cnbd", "pareto-cnbd"]),
        };
        words.push(say![
            format!("{} lets customers leave only after a repeat purchase. {others} (", kind.title()),
            opt("model").with(names[0]),
            format!(" or {}) tell which one-time customers are likely gone.", names[1])
        ]);
    }
    if let (_, Some(like)) = predictor.of_reference() {
        words.push(format!("Parameters are those of customers with {like}; of others, coefficients move them.").into());
    }
    let mut blocks = vec![Block::Table(parameters(report.model))];
    blocks.extend(cautions(report.model).map(|text| Block::Note { level: Level::Caution, text }));
    if let Some(comparison) = report.comparison {
        blocks.push(Block::Table(compared(comparison)));
        blocks.push(Block::Words(comparison.advice()));
    }
    blocks.push(Block::Chart(frequency_histogram(&frequency_table(bins))));
    let coefficients =
        report.model.timing.as_ref().and_then(|timing| timing.fit.as_ref()).map_or(0, |fit| fit.coefficients);
    blocks.extend(chi_square(bins, predictor.timing.kind().parameters().len() + coefficients).map(|test| {
        let p = if test.p_value < 0.001 { "below .001".to_owned() } else { format!("{:.3}", test.p_value) };
        Block::Words(format!(
            "Chi-square {:.2} on {} degrees of freedom, p {p}. With many customers the test finds misfits that do not matter; the chart \
             shows how large they are.",
            test.statistic, test.degrees_of_freedom
        ))
    }));
    if let Some(spend) = spend_table(predictor, summary)?.filter(|table| !table.is_empty()) {
        blocks.push(Block::Chart(in_currency(spend_distribution(&spend), report)));
    }
    let (alike, like) = &predictor.of_reference();
    let alive = of_customers(alive_table(alike, summary), like.as_deref());
    if !alive.is_empty() {
        blocks.push(Block::Chart(alive_map(&alive, unit.name())));
    }
    let differ = of_customers(heterogeneity_table(&predictor.timing), like.as_deref());
    if !differ.is_empty() {
        blocks.push(Block::Chart(heterogeneity(&differ)));
    }
    Ok(section("model", "The model", words, blocks))
}

/// What else to know of the fits.
fn cautions(model: &ModelFile) -> impl Iterator<Item = Message> + '_ {
    super::sections::verdicts::fits(model)
        .flat_map(|(title, fit)| fit.cautions.iter().map(move |caution| say!["{title}: ", caution.clone()]))
}

/// What customers have been worth.
pub(super) fn past(report: &Report<'_>) -> Option<Section> {
    let description = report.description?;
    let tables = describe_tables(description);
    let named = |name: &str| tables.iter().find(|table| table.name == name);
    let mut blocks = Vec::new();
    if let Some(last) = report.forecasts.horizons.last() {
        let curves = holdout_tables::lorenz(description.concentration.as_ref(), last, report.values());
        if !curves.is_empty() {
            blocks.push(Block::Chart(lorenz(&curves)));
        }
    }
    let cohorts = named("cohorts").map(holdout_tables::later_ages);
    blocks
        .extend(cohorts.filter(|cohorts| !cohorts.is_empty()).map(|cohorts| Block::Chart(cohort_retention(&cohorts))));
    if let Some(grid) = named("rfm").and_then(rfm_grid) {
        blocks.push(Block::Table(grid));
        blocks.push(Block::Words(
            "Fifths of the customers, 5 the best: by days since the last purchase, and by number of purchases. Equal customers \
             share a score, so some scores may be empty."
                .to_owned(),
        ));
    }
    let words = description.concentration.as_ref().and_then(|all| {
        let (fifth, gini) = (all.top(0.2)?, all.gini()?);
        let share = 100.0 * fifth;
        Some(format!(
            "A fifth of the customers brought {share:.0}% of the revenue so far (Gini coefficient {gini:.2})."
        ))
    });
    let regular = description.regularity.as_ref().and_then(regularity::in_words);
    Some(section("past", "So far", words.into_iter().chain(regular).collect::<Vec<String>>(), blocks))
}
