//! What customers differ by: coefficients of covariates, as a table, as factors with intervals, in sentences.

use super::report::Report;
use super::section;
use crate::answers::{EffectRow, effect_rows, missing_in_words};
use crate::covariates::{Effects, Process};
use crate::fit::FitRecord;
use crate::number_format::{counted, grouped};
use crate::report::charts::factors;
use crate::report::tables::effects::{coefficients_table, factors_table};
use crate::report::{Block, Format, Section, TableView};

/// What is said of customers, and how much it matters; none of models without covariates.
pub(crate) fn covariates(report: &Report<'_>) -> Option<Section> {
    let mut rows: Vec<EffectRow> = Vec::new();
    let mut points: Vec<String> = Vec::new();
    let mut add = |effects: Option<&Effects>, fit: Option<&FitRecord>| {
        let Some(effects) = effects else { return };
        rows.extend(effect_rows(effects, fit));
        points.extend(likelihoods(effects, fit));
    };
    if let Some(timing) = &report.model.timing {
        add(timing.covariates.as_ref(), timing.fit.as_ref());
    }
    if let Some(spend) = report.model.spend.as_ref().filter(|_| report.values()) {
        add(spend.covariates.as_ref(), spend.fit.as_ref());
    }
    if rows.is_empty() {
        return None;
    }
    let (_, like) = report.predictor.of_reference();
    let words = vec![
        format!(
            "How much more often, sooner or more customers purchase, leave and spend, beside customers with {}. Customers of a kind may \
             differ because of it or because of who they are: only an experiment tells.",
            like.unwrap_or_default()
        ),
        "Predictions of customers with a history hardly change by it, since the history says nearly all; it tells most of new ones."
            .to_owned(),
    ];
    let sentences = rows.iter().filter(|row| row.standard_error.is_some()).map(|row| row.sentence.clone());
    let points: Vec<_> = sentences.chain(points).map(Into::into).collect();
    let table = TableView::new("Coefficients, and the factors that they are", coefficients_table(&rows))
        .column("process", "of", Format::Plain)
        .column("column", "covariate", Format::Plain)
        .column("estimate", "coefficient", Format::Number(4))
        .column("standard_error", "standard error", Format::Number(4))
        .column("factor", "factor", Format::Number(3))
        .column("factor_lo95", "low (95%)", Format::Number(3))
        .column("factor_hi95", "high (95%)", Format::Number(3))
        .column("p_wald", "p", Format::PValue)
        .column("likelihood_ratio", "likelihood ratio", Format::Number(2))
        .column("degrees", "df", Format::Number(0))
        .column("p_likelihood_ratio", "its p", Format::PValue);
    let mut blocks = vec![Block::Points(points)];
    let factors_of = factors_table(&rows);
    if !factors_of.is_empty() {
        blocks.push(Block::Chart(factors(&factors_of)));
    }
    blocks.push(Block::Table(table));
    Some(section("covariates", "What customers differ by", words, blocks))
}

/// What covariates add to the likelihood, and what else there is to know of them.
fn likelihoods(effects: &Effects, fit: Option<&FitRecord>) -> Vec<String> {
    let mut points = Vec::new();
    if let (Some(without), Some(fit)) = (effects.log_likelihood_without, fit) {
        let spend = effects.coefficients.iter().all(|coefficient| coefficient.process == Process::Spend);
        points.push(format!(
            "log-likelihood of {} without covariates {}, with {} {}",
            if spend { "spend" } else { "purchases" },
            grouped(without, 2),
            counted(effects.coefficients.len() as u64, "coefficient"),
            grouped(fit.log_likelihood, 2)
        ));
    }
    if let Some(sd) = effects.sd {
        points.push(format!(
            "a prior of standard deviation {sd} holds the coefficients of standardised columns: intervals are penalised, and nothing is \
             tested"
        ));
    }
    points.extend(missing_in_words(effects));
    points
}
