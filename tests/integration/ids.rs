//! Customers keep their ids, whatever type and form they come in.

use proptest::prelude::*;

use crate::command::Folder;

/// Ids in the first column of a CSV table.
fn first_column(text: &str) -> Vec<String> {
    text.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
}

/// The customers of a summary of orders with these ids, two orders each.
fn customers(folder: &Folder, files: &[(&str, &[&str])]) -> Vec<String> {
    for (name, ids) in files {
        let rows = ids.iter().map(|id| format!("{id},2024-01-05,10\n{id},2024-02-05,20\n"));
        folder.write(name, format!("customer_id,order_date,amount\n{}", rows.collect::<String>()));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let summary = folder.clv(&format!("summarize {}", names.join(" ")));
    assert_eq!(summary.code, 0, "{}", summary.stderr);
    first_column(&summary.stdout)
}

#[test]
fn whole_numbers_written_as_reals_are_numbers_where_all_are() {
    let folder = Folder::new();
    assert_eq!(customers(&folder, &[("a.csv", &["13085.0", "9.00", "7"])]), ["7", "9", "13085"]);
    // One that is none keeps all as they are written.
    assert_eq!(customers(&folder, &[("a.csv", &["13085.0", "9", "x"])]), ["13085.0", "9", "x"]);
    assert_eq!(customers(&folder, &[("a.csv", &["13085.5", "9.0"])]), ["13085.5", "9.0"]);
    // The same customer in an export with gaps and in one without.
    assert_eq!(customers(&folder, &[("a.csv", &["13085.0", "9.0"]), ("b.csv", &["13085", "8"])]), ["8", "9", "13085"]);
    // Files that disagree give text.
    assert_eq!(
        customers(&folder, &[("a.csv", &["13085.0", "9.0"]), ("b.csv", &["13085", "007"])]),
        ["007", "13085", "9"]
    );
    assert_eq!(customers(&folder, &[("a.csv", &["010", "10"])]), ["010", "10"]);
    assert_eq!(customers(&folder, &[("a.csv", &["18446744073709551615", "9"])]), ["9", "18446744073709551615"]);
    let merged = folder.clv("summarize a.csv");
    assert!(merged.stdout.contains("18446744073709551615,1,"), "{}", merged.stdout);
}

#[test]
fn merging_ids_written_in_two_ways_loses_no_money() {
    let folder = Folder::new();
    folder.write("a.csv", "customer_id,order_date,amount,country\n5.0,2024-01-05,10,SE\n5.0,2024-03-05,0.1\n5.0,2024-03-05,0.2,NO\n6.0,2024-03-05,1,FI\n");
    folder.write("b.csv", "customer_id,order_date,amount,country\n5,2024-02-05,30,DK\n5,2024-03-05,-4,DK\n");
    let summary = folder.clv("summarize a.csv b.csv --keep country");
    assert_eq!(summary.code, 0, "{}", summary.stderr);
    let lines: Vec<&str> = summary.stdout.lines().collect();
    // Purchases on 5 January, 5 February and 5 March; the row with three fields is counted and left out.
    assert!(
        lines[1].starts_with("5,2,8.571428571428571,8.571428571428571,13.1,2024-01-05,2024-03-05,3,36.2,SE"),
        "{}",
        lines[1]
    );
    assert!(summary.stderr.contains("1 row with more or fewer fields"), "{}", summary.stderr);
    assert_eq!(lines.len(), 3);
}

#[cfg(feature = "parquet")]
#[test]
fn ids_of_every_type_keep_their_digits_and_their_type() {
    let folder = Folder::new();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let summarised = |name: &str| {
        let summary = folder.clv(&format!("summarize {data}/ids-{name}.parquet"));
        assert_eq!(summary.code, 0, "{name}: {}", summary.stderr);
        let rows = first_column(&summary.stdout);
        // In Parquet, and read again, they are the same, and in the same order.
        let written = folder.clv(&format!("summarize {data}/ids-{name}.parquet -o {name}.parquet"));
        assert_eq!(written.code, 0, "{}", written.stderr);
        let described = folder.clv(&format!("describe {name}.parquet -o again.csv"));
        assert_eq!(described.code, 0, "{}", described.stderr);
        assert_eq!(first_column(&folder.read("again.csv")), rows, "{name}");
        rows
    };
    let decimals: Vec<String> = (70..76).map(|end| format!("123456789012345678901234567890123456{end}")).collect();
    assert_eq!(summarised("decimal38"), decimals);
    assert_eq!(summarised("decimal-scaled"), ["13085", "13086", "13087"]);
    assert_eq!(summarised("uint64"), ["7", "9223372036854775813", "9223372036854775814", "9223372036854775815"]);
    assert_eq!(summarised("int64"), ["9007199254740993", "9007199254740994", "9007199254740995"]);
    assert_eq!(summarised("double"), ["7", "13085"]);
    // Text stays text, and sorts like it.
    assert_eq!(summarised("text"), ["10", "9"]);
    let lost = folder.clv(&format!("summarize {data}/ids-double-lost.parquet"));
    assert_eq!(lost.code, 1);
    assert!(lost.stderr.contains("row 1") && lost.stderr.contains("has lost digits"), "{}", lost.stderr);
}

#[test]
fn ids_that_a_spreadsheet_would_run_are_text_there_and_come_back() {
    let folder = Folder::new();
    let ids = ["=1+1", "+cmd", "-abc", "@x", "'=y", "'", "plain"];
    let rows: String = ids.iter().map(|id| format!("{id},2024-01-05,10\n{id},2024-02-05,20\n")).collect();
    folder.write("orders.csv", format!("customer_id,order_date,amount\n{rows}"));
    let guarded = folder.clv("summarize orders.csv");
    let mut expected: Vec<String> =
        ["'=1+1", "'+cmd", "'-abc", "'@x", "''=y", "'", "plain"].map(str::to_owned).to_vec();
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(first_column(&guarded.stdout)), sorted(std::mem::take(&mut expected)));
    let raw = folder.clv("summarize orders.csv --raw-text");
    assert_eq!(sorted(first_column(&raw.stdout)), sorted(ids.map(str::to_owned).to_vec()));
    // What was guarded is read as it was before.
    folder.write("summary.csv", &guarded.stdout);
    folder.write("raw.csv", &raw.stdout);
    let described = |name: &str| {
        let described = folder.clv(&format!("describe {name} -o {name}.described.csv --raw-text"));
        assert_eq!(described.code, 0, "{}", described.stderr);
        sorted(first_column(&folder.read(&format!("{name}.described.csv"))))
    };
    assert_eq!(described("summary.csv"), sorted(ids.map(str::to_owned).to_vec()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever whole numbers they are, and however they are divided, ids come out as numbers, each once.
    #[test]
    fn whole_numbers_come_out_as_they_are(
        numbers in prop::collection::btree_set(prop_oneof![any::<i64>(), 0i64..100, Just(i64::MAX), Just(i64::MIN)], 2..20),
        forms in prop::collection::vec((any::<bool>(), any::<bool>()), 20),
    ) {
        let folder = Folder::new();
        let mut files = [String::from("customer_id,order_date,amount\n"), String::from("customer_id,order_date,amount\n")];
        for (i, number) in numbers.iter().enumerate() {
            let (second, real) = forms[i];
            // Some customers stand in both files.
            let places = if i % 3 == 0 { vec![0, 1] } else { vec![usize::from(second)] };
            for place in places {
                let zeros = if real == (place == 0) { ".0" } else { "" };
                files[place] += &format!("{number}{zeros},2024-01-05,10\n{number}{zeros},2024-02-05,20\n");
            }
        }
        let mut names = Vec::new();
        for (i, text) in files.iter().enumerate().filter(|(_, text)| text.lines().count() > 1) {
            folder.write(&format!("{i}.csv"), text);
            names.push(format!("{i}.csv"));
        }
        let summary = folder.clv(&format!("summarize {}", names.join(" ")));
        prop_assert_eq!(summary.code, 0, "{}", summary.stderr);
        let expected: Vec<String> = numbers.iter().map(i64::to_string).collect();
        prop_assert_eq!(first_column(&summary.stdout), expected);
    }
}
