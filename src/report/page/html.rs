//! From the page to HTML: what the template is given, and the template.
//!
//! The template is MiniJinja's, which escapes whatever it is given, adds one small crate and needs no build step; a
//! mistake in it shows in the tests, since they fill it with everything a page can have.

use std::collections::BTreeSet;

use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::{Value, json};

use super::json_in_html::embedded;
use super::security_policy::policy;
use super::template_data::{TemplateChart, TemplateTable};
use super::visible::visible;
use crate::error::{Error, Result};
use crate::message::{Message, OptionStyle};
use crate::report::{Block, Chart, Level, Page, Section};

const TEMPLATE: &str = include_str!("../../../assets/report/page.html");
const STYLE: &str = include_str!("../../../assets/report/page.css");
const SCRIPT: &str = include_str!("../../../assets/report/page.js");
const DRAWING: &str = include_str!("../../../assets/vega/charts.min.js");

#[derive(Serialize)]
struct Context {
    policy: String,
    style: String,
    script: &'static str,
    drawing: &'static str,
    title: String,
    subtitle: String,
    footer: String,
    verdicts: Vec<Remark>,
    facts: Vec<Figure>,
    horizons: Vec<String>,
    selected: usize,
    sections: Vec<Part>,
    charts: String,
}

#[derive(Serialize)]
struct Remark {
    class: &'static str,
    word: &'static str,
    headline: String,
    text: String,
}

#[derive(Serialize)]
struct Figure {
    label: String,
    value: String,
    note: String,
    horizon: Option<usize>,
}

#[derive(Serialize)]
struct Part {
    id: String,
    title: String,
    words: Vec<String>,
    blocks: Vec<TemplateBlock>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum TemplateBlock {
    Charts(Vec<TemplateChart>),
    Table(TemplateTable),
    Note(Remark),
    Words(String),
    Points(Vec<String>),
}

impl Page {
    /// The page as HTML, with options as they are written where it is made.
    ///
    /// # Errors
    /// [`Error::data`] if two parts have one name, or a table shows a column that its data do not have.
    pub fn html(&self, option: OptionStyle) -> Result<String> {
        check_names(self)?;
        let context = Context::of(self, option)?;
        let failed = |error: minijinja::Error| Error::data(format!("cannot make the page: {error}"));
        let mut templates = Environment::new();
        templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(failed)?);
        templates.add_template("page.html", TEMPLATE).map_err(failed)?;
        templates.get_template("page.html").and_then(|template| template.render(Serde(context))).map_err(failed)
    }
}

impl Context {
    fn of(page: &Page, option: OptionStyle) -> Result<Self> {
        let horizons: Vec<String> = page.horizons.iter().map(|horizon| visible(horizon)).collect();
        let selected = page.selected.min(horizons.len().saturating_sub(1));
        let style = format!("{STYLE}{}", horizon_rules(horizons.len()));
        let charts: Vec<Value> = charts(page).map(Chart::embedded).collect();
        let drawing = if charts.is_empty() { "" } else { DRAWING };
        Ok(Self {
            policy: policy(&[drawing, SCRIPT], &style),
            style,
            script: SCRIPT,
            drawing,
            title: visible(&page.title),
            subtitle: visible(&page.subtitle),
            footer: visible(&page.footer),
            verdicts: page.verdicts.iter().map(|of| remark(of.level, &of.headline, &of.text, option)).collect(),
            facts: page.facts.iter().map(figure).collect(),
            sections: page.sections.iter().map(|section| part(section, &horizons, option)).collect::<Result<_>>()?,
            charts: embedded(&json!({"horizon": horizons.get(selected), "charts": charts})),
            horizons,
            selected,
        })
    }
}

/// What belongs to another horizon than the one that is checked is not shown: a matter of style, which works without
/// a script.
fn horizon_rules(horizons: usize) -> String {
    let rule =
        |i: usize| format!(":root:has(#horizon-{i}:checked) [data-h]:not([data-h=\"{i}\"]) {{ display: none; }}\n");
    if horizons > 1 { (0..horizons).map(rule).collect() } else { String::new() }
}

fn charts(page: &Page) -> impl Iterator<Item = &Chart> {
    page.sections.iter().flat_map(|section| &section.blocks).flat_map(|block| match block {
        Block::Chart(chart) => vec![chart],
        Block::Pair(left, right) => vec![left, right],
        _ => Vec::new(),
    })
}

fn check_names(page: &Page) -> Result<()> {
    let mut names = BTreeSet::new();
    let sections = page.sections.iter().map(|section| &*section.id);
    match sections.chain(charts(page).map(|chart| &*chart.id)).find(|name| !names.insert(*name)) {
        Some(name) => Err(Error::data(format!("two parts of the page are named `{name}`"))),
        None => Ok(()),
    }
}

fn remark(level: Level, headline: &str, text: &Message, option: OptionStyle) -> Remark {
    let (headline, text) = (visible(headline), visible(&text.render(option)));
    Remark { class: level.name(), word: level.word(), headline, text }
}

fn figure(fact: &crate::report::Fact) -> Figure {
    let (label, value, note) = (visible(&fact.label), visible(&fact.value), visible(&fact.note));
    Figure { label, value, note, horizon: fact.horizon }
}

fn part(section: &Section, horizons: &[String], option: OptionStyle) -> Result<Part> {
    let shown = |words: &Message| visible(&words.render(option));
    let blocks = section.blocks.iter().enumerate().map(|(i, block)| match block {
        Block::Chart(chart) => Ok(TemplateBlock::Charts(vec![TemplateChart::of(chart, horizons)?])),
        Block::Pair(left, right) => {
            Ok(TemplateBlock::Charts(vec![TemplateChart::of(left, horizons)?, TemplateChart::of(right, horizons)?]))
        }
        Block::Table(table) => {
            Ok(TemplateBlock::Table(TemplateTable::of(table, format!("{}-{i}", section.id), horizons, None)?))
        }
        Block::Note { level, text } => Ok(TemplateBlock::Note(remark(*level, "", text, option))),
        Block::Words(text) => Ok(TemplateBlock::Words(visible(text))),
        Block::Points(points) => Ok(TemplateBlock::Points(points.iter().map(shown).collect())),
    });
    Ok(Part {
        id: section.id.clone(),
        title: visible(&section.title),
        words: section.words.iter().map(shown).collect(),
        blocks: blocks.collect::<Result<_>>()?,
    })
}

#[cfg(test)]
mod tests;
