//! The list of columns: every column that is written is in it, and everything that is said of columns is made from it.

use clv::columns::{Column, DESCRIPTION, LATER, NOTATION, ON_REQUEST, PREDICTION, SUMMARY, TOTALS};

use crate::command::{Folder, Records, cdnow};

fn orders(folder: &Folder) {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let mut lines = text.lines();
    let header = format!("{},source\n", lines.next().unwrap());
    let lines = lines.enumerate().map(|(i, line)| format!("{line},{}\n", ["web", "shop"][i % 2]));
    folder.write("orders.csv", header + &lines.collect::<String>());
}

fn run(folder: &Folder, command: &str) {
    let outcome = folder.clv(command);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

const EVERYTHING: &str = "--horizons 3m,3m..6m,6m..forever,forever --discount 0.1 --intervals 80 --over 100 --counts 1 --next 50 \
                          --standard-errors --cac 5 --by source --target 1000 --totals totals.csv";

/// Whether a name is one of a column's kind.
fn is_one(column: &Column, name: &str) -> bool {
    let mut rest = name;
    let mut pieces = column.name.split('}').map(|piece| piece.split('{').next().unwrap()).enumerate().peekable();
    while let Some((i, piece)) = pieces.next() {
        let place = match (i, pieces.peek()) {
            (0, _) => rest.starts_with(piece).then_some(0),
            (_, None) => rest.len().checked_sub(piece.len()).filter(|at| *at > 0 && rest.ends_with(piece)),
            _ => rest.find(piece).filter(|at| *at > 0),
        };
        let Some(place) = place else { return false };
        rest = &rest[place + piece.len()..];
    }
    rest.is_empty()
}

#[test]
fn every_column_that_is_written_is_in_the_list_and_in_the_help() {
    let folder = Folder::new();
    orders(&folder);
    run(&folder, &format!("run orders.csv --format csv --no-report --until 1997-09-30 {EVERYTHING}"));
    run(&folder, "summarize orders.csv --until 1997-09-30 --sum-log-interpurchase -o summary.csv");
    run(&folder, "describe orders.csv --until 1997-09-30 --model clv-results/model.json -o described.csv");
    let customers = [&SUMMARY[..5], PREDICTION, ON_REQUEST].concat();
    let described = [SUMMARY, PREDICTION, DESCRIPTION].concat();
    let tables = [
        ("run", "clv-results/customers.csv", &customers[..]),
        ("predict", "clv-results/customers.csv", &customers),
        ("run", "totals.csv", TOTALS),
        ("summarize", "summary.csv", SUMMARY),
        ("describe", "described.csv", &described),
    ];
    for (command, file, list) in tables {
        let help = folder.clv(&format!("{command} --help")).stdout;
        let help = &help[help.rfind("Columns").expect("a list of columns")..];
        let mut met = 0;
        for name in Records::new(&folder.read(file)).header.iter().filter(|name| *name != "source") {
            let column = list.iter().find(|column| is_one(column, name));
            let column = column.unwrap_or_else(|| panic!("{file}: `{name}` is not in the list"));
            let is_there = help.lines().any(|line| line.split_whitespace().next() == Some(&column.example()));
            assert!(is_there || command == "describe", "{command} --help does not name {}", column.example());
            met += 1;
        }
        assert!(met > 8, "{file} has {met} columns");
    }
    assert!(is_one(&LATER, "purchases_3m_to_6m") && !is_one(&LATER, "purchases_3m"));
}

/// `CLV_WRITE_DOCS=1` writes the page anew.
#[test]
fn the_page_of_columns_is_made_from_the_list() {
    let path = format!("{}/docs/columns.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&path).unwrap();
    let parts = [
        ("notation", format!("In formulas, {NOTATION}\n")),
        ("summary", table(SUMMARY)),
        ("prediction", table(PREDICTION)),
        ("on-request", table(ON_REQUEST)),
        ("totals", table(TOTALS)),
        ("description", table(DESCRIPTION)),
    ];
    let made = parts.iter().fold(page.clone(), |page, (name, text)| {
        let begin = format!("<!-- {name} -->\n");
        let from = page.find(&begin).unwrap_or_else(|| panic!("no part {name}")) + begin.len();
        let to = from + page[from..].find("<!-- end -->").expect("an end");
        format!("{}{text}{}", &page[..from], &page[to..])
    });
    if std::env::var_os("CLV_WRITE_DOCS").is_some() {
        std::fs::write(&path, made).unwrap();
    } else {
        assert!(page == made, "docs/columns.md is not that of the list: run this test with CLV_WRITE_DOCS=1");
    }
}

fn table(columns: &[Column]) -> String {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    let row = |column: &Column| {
        let option = column.option.map_or(String::new(), |option| format!(" (`--{option}`)"));
        let cells = [
            code(&column.example()),
            format!("{}{option}", column.meaning),
            code(column.formula),
            column.unit.name().to_owned(),
            column.source.to_owned(),
        ];
        format!("| {} |\n", cells.join(" | "))
    };
    let header = "| column | meaning | formula | unit | source |\n| --- | --- | --- | --- | --- |\n";
    header.to_owned() + &columns.iter().map(row).collect::<String>()
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_says_what_its_columns_mean() {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let folder = Folder::new();
    orders(&folder);
    run(&folder, &format!("run orders.csv --currency EUR --no-report --until 1997-09-30 {EVERYTHING}"));
    let file = std::fs::File::open(folder.path().join("clv-results/customers.parquet")).unwrap();
    let schema = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().clone();
    for field in schema.fields().iter().filter(|field| field.name() != "source") {
        assert!(!field.metadata()["description"].is_empty(), "{field}");
    }
    let of = |name: &str, what: &str| schema.field_with_name(name).unwrap().metadata().get(what).cloned();
    assert_eq!(of("T", "unit").as_deref(), Some("week"));
    assert_eq!(of("p_alive", "unit").as_deref(), Some("probability"));
    assert_eq!(of("clv_3m", "unit"), of("clv_3m_se", "unit"));
    assert_eq!(of("purchases_3m_se", "unit").as_deref(), Some("purchases"));
    assert_eq!(of("purchases_3m", "formula").as_deref(), Some("P(alive) E[X(t)]"));
    assert_eq!(of("expected_spend", "source").as_deref(), Some("Fader & Hardie 2013, eq. 5"));
    // What users say is theirs.
    assert_eq!(of("source", "description"), None);
}
