//! Counted customers as files: what `clv count` writes, who takes it, and what is refused.

use clv::counts_file;
use clv::summary::Counts;
use clv::tables::BytesRead;
use serde_json::Value;

use crate::command::{Folder, cdnow};

const UNTIL: &str = "--until 1997-09-30";

fn orders() -> String {
    cdnow("orders-sample.csv")
}

#[track_caller]
fn run(folder: &Folder, words: &str) -> String {
    let done = folder.clv(words);
    assert_eq!(done.code, 0, "{words}: {}", done.stderr);
    done.stdout + &done.stderr
}

#[track_caller]
fn refused(folder: &Folder, words: &str, code: i32, why: &str) {
    let done = folder.clv(words);
    assert_eq!(done.code, code, "{words}: {}", done.stderr);
    assert!(done.stderr.contains(why), "{words}: {}", done.stderr);
}

fn read(folder: &Folder, name: &str) -> Result<Counts, String> {
    counts_file::read(&folder.path().join(name), &BytesRead::default()).map_err(|error| error.to_string())
}

#[test]
fn the_command_counts_and_fits_counts_as_customers() {
    let folder = Folder::new();
    run(&folder, &format!("summarize {} {UNTIL} -o summary.parquet", orders()));
    let said = run(&folder, "count summary.parquet -o counts");
    assert!(said.contains("Counted 2,357 customers: "), "{said}");
    run(&folder, &format!("count {} {UNTIL} -o deep/of/orders --joint", orders()));
    for model in ["bg-nbd", "pareto-nbd", "mbg-cnbd", "auto"] {
        run(&folder, &format!("fit summary.parquet --model {model} -o summary.json"));
        run(&folder, &format!("fit counts --model {model} -o counts.json"));
        run(&folder, &format!("fit deep/of/orders --model {model} -o orders.json"));
        assert_eq!(folder.read("counts.json"), folder.read("summary.json"), "{model}");
        assert_eq!(folder.read("orders.json"), folder.read("summary.json"), "{model}");
    }
    let results: Value = folder.clv("fit counts --json -o counts.json").json();
    assert_eq!(results["counts"]["customers"], 2357.0);
    // Each is also a summary whose rows have weights.
    run(&folder, "fit counts/timing.parquet --weights customers --no-spend -o timing.json");
    run(&folder, "fit counts --no-spend -o counts.json");
    run(&folder, "fit summary.parquet --no-spend -o summary.json");
    assert_eq!(folder.read("timing.json"), folder.read("summary.json"));
    assert_eq!(folder.read("counts.json"), folder.read("summary.json"));
    refused(&folder, "fit counts/timing.parquet --no-spend -o x.json", 2, "--weights customers");
    assert_eq!(counts_of(&folder, "counts"), ["spend.parquet", "timing.parquet"]);
    assert_eq!(counts_of(&folder, "deep/of/orders"), ["joint.parquet", "spend.parquet", "timing.parquet"]);
}

fn counts_of(folder: &Folder, name: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder.path().join(name)).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn totals_of_counts_are_those_of_customers() {
    let folder = Folder::new();
    run(&folder, &format!("summarize {} {UNTIL} -o summary.parquet", orders()));
    run(&folder, "count summary.parquet -o joint --joint");
    run(&folder, "count summary.parquet -o apart");
    run(&folder, "fit summary.parquet -o model.json");
    let how = "--model model.json --horizons 6m,12m --intervals 50,80 --futures 100 --margin 0.3";
    run(&folder, &format!("predict summary.parquet {how} --totals of-summary.csv -o rows.parquet"));
    run(&folder, &format!("predict joint {how} --totals of-counts.csv -o rows.parquet"));
    assert_eq!(folder.read("of-counts.csv"), folder.read("of-summary.csv"));
    let purchases = how.replace("--margin 0.3", "--no-spend");
    run(&folder, &format!("predict summary.parquet {purchases} --totals of-summary.csv -o rows.parquet"));
    run(&folder, &format!("predict apart {purchases} --totals of-counts.csv -o rows.parquet"));
    assert_eq!(folder.read("of-counts.csv"), folder.read("of-summary.csv"));
    refused(&folder, &format!("predict apart {how} -o x.parquet"), 2, "count the summary again with --joint");
    // The sums on the terminal and in JSON are those of the file.
    let told = folder.clv(&format!("predict summary.parquet {how} --totals totals.csv -o rows.parquet --json")).json();
    let expected = told["forecast"]["totals"][1]["purchases"].as_f64().unwrap();
    let line: Vec<String> = folder.read("totals.csv").lines().nth(2).unwrap().split(',').map(str::to_owned).collect();
    assert_eq!(line[4].parse::<f64>().unwrap(), expected, "{line:?}");
    assert_eq!(told["forecast"]["totals"][1]["totals"][0]["purchases"].as_f64().unwrap(), expected);
}

#[test]
fn columns_are_told_apart_and_explain() {
    let folder = Folder::new();
    let mut csv = "customer_id,order_date,amount,shop\n".to_owned();
    for line in std::fs::read_to_string(orders()).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let id: u32 = cells[0].parse().unwrap();
        let shop = ["north", "south", ""][(id % 3) as usize];
        csv.push_str(&format!("{id},{},{},{shop}\n", cells[1], cells[3]));
    }
    folder.write("orders.csv", csv);
    run(&folder, &format!("summarize orders.csv {UNTIL} --keep shop -o summary.parquet"));
    run(&folder, "count summary.parquet --by shop -o counts");
    let counts = read(&folder, "counts").unwrap();
    assert_eq!((counts.told_apart(), counts.customers()), (vec!["shop"], 2357.0));
    let how = "--covariates shop --spend-covariates shop";
    run(&folder, &format!("fit summary.parquet {how} -o summary.json"));
    run(&folder, &format!("fit counts {how} -o counts.json"));
    assert_eq!(folder.read("counts.json"), folder.read("summary.json"));
    let by = "--model model.json --horizons 12m --no-spend --by shop --futures 40";
    run(&folder, "fit counts --no-spend -o model.json");
    run(&folder, &format!("predict counts {by} --totals of-counts.csv -o rows.csv"));
    run(&folder, &format!("predict summary.parquet {by} --totals of-summary.csv -o rows.csv"));
    assert_eq!(folder.read("of-counts.csv"), folder.read("of-summary.csv"));
    refused(&folder, "count summary.parquet --by shape -o x", 1, "no column `shape`");
    folder.write("shops.csv", "customer_id,region\n1,a\n");
    refused(&folder, "fit counts --customer-table shops.csv --covariates region -o x.json", 2, "--customer-table");
}

#[test]
fn nothing_is_written_over_and_nothing_damaged_is_taken() {
    let folder = Folder::new();
    run(&folder, &format!("summarize {} {UNTIL} -o summary.parquet", orders()));
    run(&folder, "count summary.parquet -o counts --joint");
    let whole = read(&folder, "counts").unwrap();
    assert_eq!(whole.customers(), 2357.0);
    // Counts replace counts, and what they have not goes.
    run(&folder, "count summary.parquet -o counts");
    assert_eq!(counts_of(&folder, "counts"), ["spend.parquet", "timing.parquet"]);
    // What is not ours stays.
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    folder.write("mine/spend.parquet", "mine");
    folder.write("mine/notes.txt", "notes");
    refused(&folder, "count summary.parquet -o mine", 2, "--overwrite");
    assert_eq!((folder.read("mine/spend.parquet"), folder.read("mine/notes.txt")), ("mine".into(), "notes".into()));
    assert_eq!(counts_of(&folder, "mine"), ["notes.txt", "spend.parquet"]);
    folder.write("file", "a file");
    refused(&folder, "count summary.parquet -o file", 2, "counts are a folder");
    run(&folder, "fit counts -o model.json");
    refused(&folder, "fit counts -o counts/timing.parquet --overwrite", 2, "an input");
    refused(&folder, "count counts/timing.parquet --weights customers -o counts", 2, "an input");
    // A table of another count.
    run(&folder, &format!("count {} --until 1997-06-30 -o other", orders()));
    std::fs::copy(folder.path().join("other/spend.parquet"), folder.path().join("counts/spend.parquet")).unwrap();
    refused(&folder, "fit counts -o x.json", 1, "it is of another count than the files beside it");
    std::fs::remove_file(folder.path().join("counts/spend.parquet")).unwrap();
    refused(&folder, "fit counts -o x.json", 1, "it is not there");
    std::fs::copy(folder.path().join("summary.parquet"), folder.path().join("counts/timing.parquet")).unwrap();
    refused(&folder, "fit counts -o x.json", 1, "clv did not write it");
    // Options that counts say themselves.
    for (option, why) in [
        ("--unit day", "--unit"),
        ("--grain week", "--grain"),
        ("--until 1997-08-31", "observed until 1997-09-30"),
        ("--weights customers", "--weights"),
        ("--returns drop", "--returns"),
    ] {
        run(&folder, "count summary.parquet -o fresh");
        refused(&folder, &format!("fit fresh {option} -o x.json"), 2, why);
    }
    assert!(!folder.names().contains(&"x.json".to_owned()));
}

/// Cells that were changed after they were written, by a program that keeps what the file says of itself.
#[test]
fn other_cells_than_were_written_are_refused() {
    use std::fs::File;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch};
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::KeyValue;

    let folder = Folder::new();
    run(&folder, &format!("count {} {UNTIL} -o counts", orders()));
    let path = folder.path().join("counts/timing.parquet");
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let said: Vec<KeyValue> = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    let schema = batches[0].schema();
    let place = schema.index_of("customers").unwrap();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), schema.clone(), None).unwrap();
    for batch in &batches {
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        let customers = columns[place].as_any().downcast_ref::<Float64Array>().unwrap();
        // As many in all.
        let mut moved: Vec<f64> = customers.values().to_vec();
        let many = moved.iter().position(|customers| *customers > 1.0).unwrap();
        moved[many] -= 1.0;
        *moved.last_mut().unwrap() += 1.0;
        columns[place] = std::sync::Arc::new(Float64Array::from(moved));
        writer.write(&RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap();
    }
    said.into_iter().filter(|said| said.key != "ARROW:schema").for_each(|said| writer.append_key_value_metadata(said));
    writer.close().unwrap();
    refused(&folder, "fit counts -o x.json", 1, "what is in it is not what was written");
}
