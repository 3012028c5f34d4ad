//! Parquet as other programs write it, and as it comes: by pipes, damaged, while it is being written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use crate::command::{Folder, cdnow};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/parquet").join(name)
}

/// The sample's columns as text, days since 1970 and amounts.
fn sample() -> (Vec<String>, Vec<i32>, Vec<f64>) {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        columns.0.push(fields[0].to_owned());
        columns.1.push(fields[1].parse::<clv::summary::Day>().unwrap().0);
        columns.2.push(fields[3].parse().unwrap());
    }
    columns
}

fn write(folder: &Folder, customer: ArrayRef, date: ArrayRef, amount: ArrayRef) {
    let columns = [("customer_id", customer), ("date", date), ("amount", amount)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(folder.path().join("orders.parquet")).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1000)).build();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The rows of a file, which are in one batch.
fn read(folder: &Folder, name: &str) -> RecordBatch {
    let file = std::fs::File::open(folder.path().join(name)).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.next().unwrap().unwrap()
}

#[track_caller]
fn same_summary(folder: &Folder, input: &str) {
    let known = folder.clv(&format!("summarize {} --until 1997-09-30", cdnow("orders-sample.csv")));
    let ours = folder.clv(&format!("summarize {input} --until 1997-09-30"));
    assert_eq!(ours.code, 0, "{}", ours.stderr);
    assert!(ours.stdout == known.stdout);
}

#[test]
fn types_of_columns() {
    let folder = Folder::new();
    let (customers, days, amounts) = sample();
    let text: ArrayRef = Arc::new(StringArray::from(customers));
    let amount: ArrayRef = Arc::new(Float64Array::from(amounts.clone()));
    write(&folder, text.clone(), Arc::new(Date32Array::from(days.clone())), amount.clone());
    same_summary(&folder, "orders.parquet");

    let micros: Vec<i64> = days.iter().map(|&day| i64::from(day) * 86_400_000_000 + 86_399_000_000).collect();
    let cents = amounts.iter().map(|amount| (amount * 100.0).round() as i128);
    let decimal = Decimal128Array::from_iter_values(cents).with_precision_and_scale(12, 2).unwrap();
    write(&folder, text.clone(), Arc::new(TimestampMicrosecondArray::from(micros.clone())), Arc::new(decimal));
    same_summary(&folder, "orders.parquet");

    // Midnight in New York (winter) is 05:00 UTC; the day is the column's own.
    let nanos: Vec<i64> = micros.iter().map(|micros| (micros - 86_399_000_000 + 3_600_000_000 * 5) * 1000).collect();
    let zoned = TimestampNanosecondArray::from(nanos).with_timezone("Etc/GMT+5");
    write(&folder, text.clone(), Arc::new(zoned), amount.clone());
    same_summary(&folder, "orders.parquet");

    let numbers: Vec<i64> =
        days.iter().map(|&day| clv::summary::Day(day).to_string().replace('-', "").parse().unwrap()).collect();
    write(&folder, text, Arc::new(Int64Array::from(numbers)), amount);
    same_summary(&folder, "orders.parquet");
}

/// pyarrow, polars, DuckDB and what Spark writes, in all codecs and encodings, with columns that nobody asked for of types that nobody
/// could use; `tests/reference/parquet_files.py` wrote them, and the same as text.
#[test]
fn files_of_all_writers() {
    let folder = Folder::new();
    let mut tried = 0;
    for entry in std::fs::read_dir(data("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".parquet") || name.starts_with("encrypted") {
            continue;
        }
        let text = match name {
            "duckdb-uuid.parquet" => "orders-uuid.csv",
            "pyarrow-half.parquet" => "orders-half.csv",
            _ => "orders.csv",
        };
        for options in ["", " --duplicates drop"] {
            let known = folder.clv(&format!("summarize {}{options}", data(text).display()));
            let ours = folder.clv(&format!("summarize {}{options}", path.display()));
            assert_eq!(ours.code, 0, "{name}: {}", ours.stderr);
            assert_eq!(ours.stdout, known.stdout, "{name}{options}");
        }
        tried += 1;
    }
    assert!(tried > 25);
}

#[test]
fn encrypted_files_are_named() {
    let folder = Folder::new();
    for name in ["encrypted.parquet", "encrypted-columns.parquet"] {
        let run = folder.clv(&format!("summarize {}", data(name).display()));
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains(name) && run.stderr.contains("encrypted"), "{}", run.stderr);
    }
}

/// Columns that cannot be used say why, with their name.
#[test]
fn columns_of_other_types() {
    let folder = Folder::new();
    for (column, why) in [
        ("lines", "which holds neither text, numbers nor dates"),
        ("place", "which holds neither text, numbers nor dates"),
        ("length", "which holds neither text, numbers nor dates"),
    ] {
        let run = folder.clv(&format!("summarize {} --customer {column}", data("pyarrow-nested.parquet").display()));
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains(&format!("column `{column}` is of type")), "{}", run.stderr);
        assert!(run.stderr.contains(why), "{}", run.stderr);
    }
}

#[test]
fn nulls_are_counted_and_whole_number_ids_stay_numbers() {
    let folder = Folder::new();
    let customers = Int32Array::from(vec![Some(10), None, Some(9), Some(9)]);
    let days = StringArray::from(vec!["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-05"]);
    let amounts = Float32Array::from(vec![Some(1.0), Some(2.0), Some(3.5), None]);
    write(&folder, Arc::new(customers), Arc::new(days), Arc::new(amounts));
    let results = folder.clv("summarize orders.parquet -o s.parquet --json").json();
    assert_eq!(results["orders"]["left_out"]["no_customer"]["place"], "orders.parquet row 2");
    assert_eq!(results["orders"]["left_out"]["no_amount"]["place"], "orders.parquet row 4");
    let rows = read(&folder, "s.parquet");
    let ids = rows.column_by_name("customer_id").unwrap();
    assert_eq!(ids.as_any().downcast_ref::<Int64Array>().unwrap(), &Int64Array::from(vec![9, 10]));
    assert_eq!(rows.column_by_name("first_purchase").unwrap().data_type(), &DataType::Date32);
    // What always has something says so.
    assert!(rows.schema().fields().iter().all(|field| !field.is_nullable()), "{:?}", rows.schema());
    for name in ["recency", "T"] {
        assert_eq!(rows.schema().field_with_name(name).unwrap().metadata()["unit"], "week");
    }
}

/// An id is the same in every row group, whether all numbers there fit into 63 bits or not.
#[test]
fn one_customer_in_row_groups_of_small_and_large_numbers() {
    let folder = Folder::new();
    let customers = (0..3000).map(|i| if i < 1000 || i % 2 == 0 { 5 } else { u64::MAX - 1 });
    let days = (0..3000).map(|i| 18_000 + i / 10);
    write(
        &folder,
        Arc::new(UInt64Array::from_iter_values(customers)),
        Arc::new(Date32Array::from_iter_values(days)),
        Arc::new(Float64Array::from(vec![1.0; 3000])),
    );
    let run = folder.clv("summarize orders.parquet");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ids: Vec<&str> = run.stdout.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, ["5", "18446744073709551614"]);
}

#[test]
fn summaries_and_standard_input() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("summarize {orders} --until 1997-09-30 -o s.parquet")).code, 0);
    let from_summary = folder.clv("fit s.parquet");
    let from_orders = folder.clv(&format!("fit {orders} --until 1997-09-30"));
    assert_eq!(from_summary.code, 0, "{}", from_summary.stderr);
    assert_eq!(from_summary.stdout, from_orders.stdout);

    let (customers, days, amounts) = sample();
    let date = Arc::new(Date32Array::from(days));
    write(&folder, Arc::new(StringArray::from(customers)), date, Arc::new(Float64Array::from(amounts)));
    let bytes = std::fs::read(folder.path().join("orders.parquet")).unwrap();
    let known = folder.clv(&format!("summarize {orders}"));
    assert_eq!(folder.clv_with(&["summarize", "-"], &bytes).stdout, known.stdout);
    let dropped = folder.clv("summarize orders.parquet --duplicates drop -o d.parquet --json").json();
    // Without the quantity 21 more pairs of the 6,919 records are not told apart than with it, or as many.
    assert!(dropped["orders"]["left_out"]["duplicate"]["rows"].as_u64().unwrap() >= 21);

    for cut in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
        folder.write("cut.parquet", &bytes[..cut]);
        let outcome = folder.clv("summarize cut.parquet");
        assert_eq!(outcome.code, 1, "cut at {cut}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("cut.parquet"), "{}", outcome.stderr);
    }
}

/// `clv summarize <(cat orders.parquet)`
#[cfg(unix)]
#[test]
fn pipes_are_read() {
    let folder = Folder::new();
    let known = folder.clv(&format!("summarize {}", data("orders.csv").display()));
    for name in ["spark.parquet", "pyarrow-zstd.parquet"] {
        let pipe = folder.path().join("orders.pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        let (to, bytes) = (pipe.clone(), std::fs::read(data(name)).unwrap());
        let writer = std::thread::spawn(move || std::fs::write(to, bytes).unwrap());
        let run = folder.clv("summarize orders.pipe");
        assert_eq!(run.stdout, known.stdout, "{}", run.stderr);
        writer.join().unwrap();
        std::fs::remove_file(pipe).unwrap();
    }
}

/// A folder as Spark writes it stands for the Parquet files in it; any other folder is asked about, as ever.
#[test]
fn folders_of_parquet_files() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("orders")).unwrap();
    let known =
        folder.clv(&format!("summarize {} {}", data("orders.csv").display(), data("orders-uuid.csv").display()));
    for (name, from) in [("part-1.parquet", "spark.parquet"), ("part-2.parquet", "duckdb-uuid.parquet")] {
        std::fs::copy(data(from), folder.path().join("orders").join(name)).unwrap();
    }
    folder.write("orders/_SUCCESS", "");
    folder.write("orders/.part-1.parquet.crc", "crc");
    let run = folder.clv("summarize orders");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, known.stdout);
    // What is in it is read, so it is not written over.
    assert_eq!(folder.clv("summarize orders -o orders/part-2.parquet").code, 2);
    folder.write("orders/notes.txt", "");
    let run = folder.clv("summarize orders");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("orders is a folder; name its files"), "{}", run.stderr);
}

/// Files are not mapped: one that becomes shorter meanwhile is an error, and one that grows is what it was.
#[test]
fn files_that_change_while_they_are_read() {
    use clv::tables::{BytesRead, FileOptions, Input, TableReader};
    let folder = Folder::new();
    let path = folder.write("orders.parquet", std::fs::read(data("pyarrow-many-groups.parquet")).unwrap());
    let open =
        || TableReader::open(&Input::Path(path.clone()), &FileOptions::default(), &BytesRead::default()).unwrap();
    let file = || std::fs::OpenOptions::new().append(true).open(&path).unwrap();

    let mut table = open();
    std::io::Write::write_all(&mut file(), b"and more").unwrap();
    assert_eq!(table.next_batch(&[0, 1, 2], false).unwrap().unwrap().places.len(), 240);

    folder.write("orders.parquet", std::fs::read(data("pyarrow-many-groups.parquet")).unwrap());
    let mut table = open();
    file().set_len(1000).unwrap();
    let error = table.next_batch(&[0, 1, 2], false).unwrap_err().to_string();
    assert!(error.contains("orders.parquet") && error.contains("rows 1 to 240"), "{error}");
    assert!(error.contains("shorter"), "{error}");
}

/// Tables that earlier versions wrote, by polars, are read as they were.
#[test]
fn tables_of_earlier_versions() {
    let folder = Folder::new();
    let orders: String =
        std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap().split_inclusive('\n').take(120).collect();
    folder.write("orders.csv", orders);
    for name in ["summary-by-polars.parquet", "state-version-2.parquet"] {
        folder.write(name, std::fs::read(data("..").join(name)).unwrap());
    }
    let known = folder.clv("fit orders.csv --until 1998-06-30 --prior-sd 2");
    let ours = folder.clv("fit summary-by-polars.parquet --prior-sd 2");
    assert_eq!(ours.code, 0, "{}", ours.stderr);
    assert_eq!(ours.stdout, known.stdout);
    let known = folder.clv("summarize orders.csv --until 1998-06-30");
    let ours = folder.clv("summarize --state state-version-2.parquet --until 1998-06-30");
    assert_eq!(ours.code, 0, "{}", ours.stderr);
    assert_eq!(ours.stdout, known.stdout);
}
