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

use super::embed::embedded;
use super::filled::{FilledChart, FilledTable};
use super::policy::policy;
use super::visible::visible;
use super::{Block, Chart, Level, Page, Section};
use crate::error::{Error, Result};

const TEMPLATE: &str = include_str!("../../assets/report/page.html");
const STYLE: &str = include_str!("../../assets/report/page.css");
const SCRIPT: &str = include_str!("../../assets/report/page.js");
const DRAWING: &str = include_str!("../../assets/vega/charts.min.js");

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
    blocks: Vec<Filled>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Filled {
    Charts(Vec<FilledChart>),
    Table(FilledTable),
    Note(Remark),
    Words(String),
}

/// The page as HTML.
pub(super) fn html(page: &Page) -> Result<String> {
    check_names(page)?;
    let context = Context::of(page)?;
    let failed = |error: minijinja::Error| Error::Data(format!("cannot make the page: {error}"));
    let mut templates = Environment::new();
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(failed)?);
    templates.add_template("page.html", TEMPLATE).map_err(failed)?;
    templates.get_template("page.html").and_then(|template| template.render(Serde(context))).map_err(failed)
}

impl Context {
    fn of(page: &Page) -> Result<Self> {
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
            verdicts: page.verdicts.iter().map(|of| remark(of.level, &of.headline, &of.text)).collect(),
            facts: page.facts.iter().map(figure).collect(),
            sections: page.sections.iter().map(|section| part(section, &horizons)).collect::<Result<_>>()?,
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
        Some(name) => Err(Error::Data(format!("two parts of the page are named `{name}`"))),
        None => Ok(()),
    }
}

fn remark(level: Level, headline: &str, text: &str) -> Remark {
    Remark { class: level.class(), word: level.word(), headline: visible(headline), text: visible(text) }
}

fn figure(fact: &super::Fact) -> Figure {
    let (label, value, note) = (visible(&fact.label), visible(&fact.value), visible(&fact.note));
    Figure { label, value, note, horizon: fact.horizon }
}

fn part(section: &Section, horizons: &[String]) -> Result<Part> {
    let blocks = section.blocks.iter().enumerate().map(|(i, block)| match block {
        Block::Chart(chart) => Ok(Filled::Charts(vec![FilledChart::of(chart, horizons)?])),
        Block::Pair(left, right) => {
            Ok(Filled::Charts(vec![FilledChart::of(left, horizons)?, FilledChart::of(right, horizons)?]))
        }
        Block::Table(table) => {
            Ok(Filled::Table(FilledTable::of(table, format!("{}-{i}", section.id), horizons, None)?))
        }
        Block::Note { level, text } => Ok(Filled::Note(remark(*level, "", text))),
        Block::Words(text) => Ok(Filled::Words(visible(text))),
    });
    Ok(Part {
        id: section.id.clone(),
        title: visible(&section.title),
        words: section.words.iter().map(|words| visible(words)).collect(),
        blocks: blocks.collect::<Result<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{DRAWING, SCRIPT, STYLE};
    use crate::report::{Block, DataTable, Fact, Format, Level, Page, PageTable, Section, Verdict, charts};

    const HOSTILE: &str = "</script><script>alert(\"1\")</script>'\u{202e}\0";
    const SHOWN: &str =
        "&lt;&#x2f;script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;&#x2f;script&gt;&#x27;⟨U+202E⟩⟨U+0000⟩";

    fn page() -> Page {
        let text = HOSTILE.to_owned();
        let data = DataTable::new("customers", HOSTILE)
            .text("customer", [HOSTILE, "a"])
            .text("horizon", ["3m", "12m"])
            .real("value", [1234.5, f64::NAN]);
        let table = PageTable::new(HOSTILE, data)
            .column("customer", HOSTILE, Format::Plain)
            .column_of(1, "value", "Value", Format::Number(1))
            .rows_by_horizon("horizon")
            .sortable()
            .filterable();
        let errors = DataTable::new("errors", HOSTILE)
            .text("name", [HOSTILE])
            .text("kind", ["model"])
            .text("measure", [HOSTILE])
            .real("error", [1.0]);
        Page {
            title: text.clone(),
            subtitle: text.clone(),
            verdicts: vec![Verdict { level: Level::Bad, headline: text.clone(), text: text.clone() }],
            facts: vec![Fact { label: text.clone(), value: text.clone(), note: text.clone(), horizon: Some(0) }],
            horizons: vec!["3m".to_owned(), "12m".to_owned()],
            selected: 7,
            sections: vec![Section {
                id: "customers".to_owned(),
                title: text.clone(),
                words: vec![text.clone()],
                blocks: vec![
                    Block::Table(table),
                    Block::Chart(charts::contender_errors(&errors)),
                    Block::Note { level: Level::Caution, text: text.clone() },
                    Block::Words(text.clone()),
                ],
            }],
            footer: text,
        }
    }

    #[test]
    fn whatever_is_in_the_page_is_text() {
        let html = page().html().unwrap();
        assert!(!html.contains("alert(\"1\")") && !html.contains(['\u{202e}', '\0']));
        for place in [
            "<title>",
            "<h1><bdi>",
            "<h2>",
            "<dt>",
            "<p class=\"words\">",
            "<footer><p>",
            "<bdi class=\"clip\" title=\"",
        ] {
            assert!(html.contains(&format!("{place}{SHOWN}")), "{place}");
        }
        // One script with data, and the two that the policy names.
        assert_eq!(html.matches("<script").count(), 3);
        assert_eq!(html.matches("</script").count(), 3);
    }

    #[test]
    fn what_belongs_to_a_horizon_says_so() {
        let html = page().html().unwrap();
        assert!(
            html.contains("id=\"horizon-1\" value=\"12m\" autocomplete=\"off\" checked>"),
            "the last one is selected"
        );
        assert!(html.contains(":root:has(#horizon-0:checked) [data-h]:not([data-h=\"0\"]) { display: none; }"));
        assert!(html.contains("<th scope=\"col\" class=\"n\" data-type=\"number\" data-h=\"1\">Value</th>"));
        assert!(html.contains("<td class=\"n\" data-h=\"1\" data-v=\"1234.5\">1,234.5</td>"));
        assert!(html.contains("<td class=\"n\" data-h=\"1\">–</td>"));
        assert!(html.contains("<tr data-h=\"0\">") && html.contains("<tr data-h=\"1\">"));
    }

    #[test]
    fn a_page_without_charts_has_no_vega() {
        let empty = Page { title: "Nothing".to_owned(), ..Page::default() }.html().unwrap();
        assert!(empty.len() < 50_000 && !empty.contains("vega-lite"), "{}", empty.len());
        assert!(!empty.contains("<fieldset"));
    }

    #[test]
    fn mistakes_are_named() {
        let mut twice = page();
        twice.sections.push(twice.sections[0].clone());
        assert!(twice.html().unwrap_err().to_string().contains("two parts of the page are named `customers`"));
        let table = PageTable::new("", DataTable::new("t", "")).column("gone", "", Format::Plain);
        let mut missing = page();
        missing.sections[0].blocks = vec![Block::Table(table)];
        let said = missing.html().unwrap_err().to_string();
        assert_eq!(said, "table `t` of the page has no column `gone`");
    }

    #[test]
    fn what_is_included_is_what_it_should_be() {
        for text in [DRAWING, SCRIPT, STYLE] {
            // The browser would read these otherwise than the hashes say.
            assert!(!text.contains(['\r', '\0']) && !text.contains("</script") && !text.contains("</style"));
        }
        let hex: String = Sha256::digest(DRAWING).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(include_str!("../../assets/vega/VENDORED.md").contains(&hex), "charts.min.js is {hex}");
    }
}
