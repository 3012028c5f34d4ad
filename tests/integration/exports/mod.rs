//! Exports of shops whose orders are known: each gives the true revenue, customers and days, or a question whose answer does. None gives
//! a wrong number without a word.

mod layouts;
mod locales;
mod truth;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::{Folder, Records};
use layouts::{Export, LAYOUTS, Layout};
use locales::{LOCALES, Locale};
use truth::{Known, Shop, Truth, date};

/// What a run gave: a summary with what was offered, or a question.
enum Given {
    Summary(Truth, Vec<Vec<String>>),
    Question(Vec<Vec<String>>),
    Refused(String),
}

/// The words of an option, as a shell takes them apart.
pub fn words(option: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in option.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words
}

/// Options in a warning: `--where 'status!=refunded'`.
fn offered(warning: &str) -> Option<Vec<String>> {
    let from = warning.find("--where ").or_else(|| warning.find("--refund "))?;
    let mut words = words(&warning[from..]);
    words.truncate(2);
    Some(words)
}

fn run(folder: &Folder, export: &Export, more: &[String]) -> Given {
    let mut arguments = vec!["summarize"];
    arguments.extend(export.files.iter().map(|(name, _)| *name));
    arguments.extend(["--json", "--overwrite", "--unit", "day", "-o", "summary.csv"]);
    arguments.extend(export.options.iter().chain(more).map(String::as_str));
    let outcome = folder.clv_with(&arguments, b"");
    let said: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", outcome.stderr));
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    match outcome.code {
        0 => {
            let offers = texts(&said["warnings"]).iter().filter_map(|warning| offered(warning)).collect();
            Given::Summary(summary(&folder.read("summary.csv")), offers)
        }
        2 => Given::Question(texts(&said["error"]["answers"]).iter().map(|answer| words(answer)).collect()),
        _ => Given::Refused(outcome.stderr),
    }
}

fn summary(csv: &str) -> Truth {
    let records = Records::new(csv);
    let day = |text: &str| (0..730).find(|&day| date(day) == text).unwrap_or_else(|| panic!("{text}"));
    let known = |row: usize| Known {
        first: day(records.text(row, "first_purchase")),
        last: day(records.text(row, "last_purchase")),
        cents: (100.0 * records.number(row, "total")).round() as i64,
    };
    let rows = 0..records.rows.len();
    Truth(rows.map(|row| (records.text(row, "customer_id").to_owned(), known(row))).collect::<BTreeMap<_, _>>())
}

/// Whether the truth comes out, or out of one of the answers, or with what is offered.
fn is_true(folder: &Folder, export: &Export, more: &[String], depth: usize) -> Result<(), String> {
    let with = |option: &Vec<String>| more.iter().chain(option).cloned().collect::<Vec<String>>();
    let any = |options: &[Vec<String>], why: String| {
        let mut failed = why;
        for option in options.iter().filter(|_| depth < 4) {
            match is_true(folder, export, &with(option), depth + 1) {
                Ok(()) => return Ok(()),
                Err(error) => failed += &format!("\n  {option:?}: {error}"),
            }
        }
        Err(failed)
    };
    match run(folder, export, more) {
        Given::Summary(given, _) if given == export.truth => Ok(()),
        Given::Summary(given, offers) if !offers.is_empty() => {
            any(&offers, format!("{more:?}: {}", differences(&given, &export.truth)))
        }
        Given::Summary(given, _) => Err(format!("{more:?}: {}", differences(&given, &export.truth))),
        Given::Question(answers) => any(&answers, "asked".to_owned()),
        Given::Refused(why) => Err(why),
    }
}

fn differences(given: &Truth, truth: &Truth) -> String {
    let sum = |truth: &Truth| truth.0.values().map(|known| known.cents).sum::<i64>();
    let first = truth.0.iter().find(|(id, known)| given.0.get(*id) != Some(known));
    format!(
        "{} cents of {}, {} customers of {}; first: {first:?}, given {:?}",
        sum(given),
        sum(truth),
        given.0.len(),
        truth.0.len(),
        first.and_then(|(id, _)| given.0.get(id))
    )
}

fn check((name, layout): (&str, Layout), locale: &Locale, seed: u64) -> Option<String> {
    let shop = Shop::new(seed, locale.whole);
    let export = layout(&shop, locale);
    let folder = Folder::new();
    export.files.iter().for_each(|(name, content)| _ = folder.write(name, content));
    is_true(&folder, &export, &[], 0).err().map(|error| format!("{name}, {}, seed {seed}: {error}", locale.name))
}

#[test]
fn every_layout_in_every_locale_gives_the_truth() {
    let each = LAYOUTS.iter().flat_map(|layout| LOCALES.iter().map(move |locale| (*layout, locale)));
    let wrong: Vec<String> = each.filter_map(|(layout, locale)| check(layout, locale, 1)).collect();
    assert!(wrong.is_empty(), "{} of 160 are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Many shops: `cargo test --release -- --ignored exports`.
#[test]
#[ignore = "minutes"]
fn many_shops_give_the_truth() {
    for seed in 2..40 {
        let each = LAYOUTS.iter().flat_map(|layout| LOCALES.iter().map(move |locale| (*layout, locale)));
        let wrong: Vec<String> = each.filter_map(|(layout, locale)| check(layout, locale, seed)).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
