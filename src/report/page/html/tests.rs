use sha2::{Digest, Sha256};

use super::{DRAWING, SCRIPT, STYLE};
use crate::message::{Opt, opt, say};
use crate::report::{Block, DataTable, Fact, Format, Level, Page, Section, TableView, Verdict, charts};

const HOSTILE: &str = "</script><script>alert(\"1\")</script>'\u{202e}\0";
const SHOWN: &str = "&lt;&#x2f;script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;&#x2f;script&gt;&#x27;⟨U+202E⟩⟨U+0000⟩";

fn page() -> Page {
    let text = HOSTILE.to_owned();
    let data = DataTable::new("customers", HOSTILE)
        .text("customer", [HOSTILE, "a"])
        .text("horizon", ["3m", "12m"])
        .real("value", [1234.5, f64::NAN]);
    let table = TableView::new(HOSTILE, data)
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
        verdicts: vec![Verdict { level: Level::Bad, headline: text.clone(), text: text.clone().into() }],
        facts: vec![Fact { label: text.clone(), value: text.clone(), note: text.clone(), horizon: Some(0) }],
        horizons: vec!["3m".to_owned(), "12m".to_owned()],
        selected: 7,
        sections: vec![Section {
            id: "customers".to_owned(),
            title: text.clone(),
            words: vec![text.clone().into()],
            blocks: vec![
                Block::Table(table),
                Block::Chart(charts::contender_errors(&errors)),
                Block::Note { level: Level::Caution, text: text.clone().into() },
                Block::Words(text.clone()),
            ],
        }],
        footer: text,
    }
}

#[test]
fn whatever_is_in_the_page_is_text() {
    let html = page().html(Opt::plain).unwrap();
    assert!(!html.contains("alert(\"1\")") && !html.contains(['\u{202e}', '\0']));
    for place in
        ["<title>", "<h1><bdi>", "<h2>", "<dt>", "<p class=\"words\">", "<footer><p>", "<bdi class=\"clip\" title=\""]
    {
        assert!(html.contains(&format!("{place}{SHOWN}")), "{place}");
    }
    // One script with data, and the two that the policy names.
    assert_eq!(html.matches("<script").count(), 3);
    assert_eq!(html.matches("</script").count(), 3);
}

#[test]
fn what_belongs_to_a_horizon_says_so() {
    let html = page().html(Opt::plain).unwrap();
    assert!(html.contains("id=\"horizon-1\" value=\"12m\" autocomplete=\"off\" checked>"), "the last one is selected");
    assert!(html.contains(":root:has(#horizon-0:checked) [data-h]:not([data-h=\"0\"]) { display: none; }"));
    assert!(html.contains("<th scope=\"col\" class=\"n\" data-type=\"number\" data-h=\"1\">Value</th>"));
    assert!(html.contains("<td class=\"n\" data-h=\"1\" data-v=\"1234.5\">1,234.5</td>"));
    assert!(html.contains("<td class=\"n\" data-h=\"1\">–</td>"));
    assert!(html.contains("<tr data-h=\"0\">") && html.contains("<tr data-h=\"1\">"));
}

#[test]
fn options_are_as_the_surface_writes_them_and_words_as_they_are() {
    let hostile = "a--strict --until {x} %s ⟨--strict⟩";
    let text = say!["{hostile}: ", opt("model").with("nbd")];
    let verdict = Verdict { level: Level::Good, headline: hostile.to_owned(), text: text.clone() };
    let words = Section { id: "s".to_owned(), title: String::new(), words: vec![text.clone()], blocks: Vec::new() };
    let points =
        Section { id: "t".to_owned(), words: Vec::new(), blocks: vec![Block::Points(vec![text])], ..words.clone() };
    let page = Page { verdicts: vec![verdict], sections: vec![words, points], ..Page::default() };
    let html = page.html(|option| format!("/{}:{}", option.name(), option.value().unwrap())).unwrap();
    let shown = format!("{hostile}: &#x2f;model:nbd");
    assert_eq!(html.matches(&shown).count(), 3, "{html}");
    assert_eq!(html.matches(hostile).count(), 4);
}

#[test]
fn a_page_without_charts_has_no_vega() {
    let empty = Page { title: "Nothing".to_owned(), ..Page::default() }.html(Opt::plain).unwrap();
    assert!(empty.len() < 50_000 && !empty.contains("vega-lite"), "{}", empty.len());
    assert!(!empty.contains("<fieldset"));
}

#[test]
fn mistakes_are_named() {
    let mut twice = page();
    twice.sections.push(twice.sections[0].clone());
    assert!(twice.html(Opt::plain).unwrap_err().to_string().contains("two parts of the page are named `customers`"));
    let table = TableView::new("", DataTable::new("t", "")).column("gone", "", Format::Plain);
    let mut missing = page();
    missing.sections[0].blocks = vec![Block::Table(table)];
    let said = missing.html(Opt::plain).unwrap_err().to_string();
    assert_eq!(said, "table `t` of the page has no column `gone`");
}

#[test]
fn what_is_included_is_what_it_should_be() {
    for text in [DRAWING, SCRIPT, STYLE] {
        // The browser would read these otherwise than the hashes say.
        assert!(!text.contains(['\r', '\0']) && !text.contains("</script") && !text.contains("</style"));
    }
    let hex: String = Sha256::digest(DRAWING).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(include_str!("../../../../assets/vega/VENDORED.md").contains(&hex), "charts.min.js is {hex}");
}
