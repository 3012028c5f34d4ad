//! What is read is never written over, nor what clv did not make, however it is named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use clv::tables::{Input, expand};
use proptest::prelude::*;

use crate::command::{Folder, Outcome};

const CLV: &str = env!("CARGO_BIN_EXE_clv");

/// Forty customers who come back for half a year or not.
fn orders() -> String {
    let mut text = "customer_id,order_date,amount\n".to_owned();
    for customer in 0..40 {
        for month in 1..=(1 + customer % 6) {
            let amount = 10.0 + f64::from(customer) * 1.5 + f64::from((month * 7 + customer) % 5);
            text += &format!("c{customer},2020-{month:02}-{:02},{amount}\n", 1 + customer % 28);
        }
    }
    text
}

const SURVIVORS: &str = "period,survivors\n0,1000\n1,700\n2,520\n3,420\n4,355\n";

/// Everything in a folder and below, by path: what files hold, where links point.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            let target = std::fs::read_link(&path).unwrap();
            found.insert(path, format!("-> {}", target.display()).into_bytes());
        } else if path.is_dir() {
            found.extend(everything(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

#[track_caller]
fn good(folder: &Folder, words: &str) -> Outcome {
    let run = folder.clv(words);
    assert_eq!(run.code, 0, "{words}: {}", run.stderr);
    run
}

#[track_caller]
fn refused(folder: &Folder, words: &str, part: &str) {
    let before = everything(folder.path());
    let run = folder.clv(words);
    assert_eq!(run.code, 2, "{words}: {}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains(part), "{words}: no `{part}` in {}", run.stderr);
    assert!(everything(folder.path()) == before, "{words}: something has changed");
}

/// Files as clv makes them, made once.
struct Own {
    model: Vec<u8>,
    page: Vec<u8>,
    summary: Vec<u8>,
}

fn own() -> &'static Own {
    static OWN: OnceLock<Own> = OnceLock::new();
    OWN.get_or_init(|| {
        let folder = Folder::new();
        folder.write("o.csv", orders());
        good(&folder, "fit o.csv -o m.json");
        good(&folder, "summarize o.csv -o s.csv");
        good(&folder, "report o.csv -o p.html");
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        Own { model: read("m.json"), page: read("p.html"), summary: read("s.csv") }
    })
}

#[test]
fn what_is_read_is_not_written_over() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    let names = ["a.csv", "customers.csv", "orders.json", "page.html", "rfm.csv", "tracking.json", "totals.csv"];
    names.iter().for_each(|name| drop(folder.write(name, orders())));
    folder.write("survivors.csv", SURVIVORS);
    folder.write("model.csv", &own().model);
    folder.write("summary.csv", &own().summary);
    folder.write("rates.csv", "currency,rate\nUSD,0.5\n");
    let mut cases = vec![
        ("run customers.csv -o . --format csv", "customers.csv is the same file as customers.csv"),
        ("run customers.csv -o inner/.. --format csv", "the same file as customers.csv"),
        ("run customers.csv -o new/../inner/.. --format csv", "the same file as customers.csv"),
        ("run totals.csv --totals inner/../totals.csv", "the same file as totals.csv"),
        ("run tracking.json -o results --tables .", "tracking.json is the same file as tracking.json"),
        ("summarize a.csv -o a.csv", "a.csv is an input"),
        ("summarize [ab].csv -o a.csv", "a.csv is an input"),
        ("summarize ./a.csv -o inner/../a.csv", "the same file as ./a.csv"),
        ("fit orders.json -o orders.json", "orders.json is an input"),
        ("predict summary.csv --model model.csv -o model.csv", "model.csv is an input"),
        ("predict summary.csv --model model.csv -o new.csv --totals ./summary.csv", "the same file as summary.csv"),
        ("predict --new --model model.csv --cohort 9 --totals model.csv", "model.csv is an input"),
        ("describe rfm.csv --tables .", "./rfm.csv is the same file as rfm.csv"),
        ("describe a.csv --model model.csv -o ./model.csv", "the same file as model.csv"),
        ("report page.html -o page.html", "page.html is an input"),
        ("report tracking.json -o new.html --tables inner/..", "the same file as tracking.json"),
        ("evaluate tracking.json --holdout 2m --tables .", "the same file as tracking.json"),
        ("simulate --model model.csv -o model.csv", "model.csv is an input"),
        ("summarize a.csv --currency EUR --rates rates.csv -o rates.csv", "rates.csv is an input"),
        ("fit a.csv --currency EUR --rates rates.csv -o ./rates.csv", "the same file as rates.csv"),
        ("describe a.csv --currency EUR --rates rates.csv -o rates.csv", "rates.csv is an input"),
        ("predict a.csv --model model.csv --currency EUR --rates rates.csv -o rates.csv", "rates.csv is an input"),
        ("report a.csv --currency EUR --rates rates.csv -o rates.csv", "rates.csv is an input"),
        ("run a.csv --currency EUR --rates rates.csv -o new --totals rates.csv", "rates.csv is an input"),
        ("retention survivors.csv -o survivors.csv", "survivors.csv is an input"),
        ("retention survivors.csv --model-output survivors.csv", "survivors.csv is an input"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.csv", folder.path().join("soft.csv")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("here")).unwrap();
        std::fs::hard_link(folder.path().join("a.csv"), folder.path().join("hard.csv")).unwrap();
        cases.extend([
            ("summarize a.csv -o soft.csv", "soft.csv is the same file as a.csv"),
            ("summarize soft.csv -o a.csv", "a.csv is the same file as soft.csv"),
            ("summarize a.csv -o hard.csv", "hard.csv is the same file as a.csv"),
            ("summarize a.csv -o here/here/a.csv", "the same file as a.csv"),
            ("summarize h*.csv -o a.csv", "a.csv is the same file as hard.csv"),
            ("run customers.csv -o here --format csv", "the same file as customers.csv"),
        ]);
    }
    for (words, part) in cases {
        refused(&folder, words, part);
        refused(&folder, &format!("{words} --overwrite"), part);
    }
    if cfg!(feature = "parquet") {
        // What is read is not taken for the table of an earlier run in the other form.
        let run = good(&folder, "run customers.csv -o . --no-report --format parquet");
        assert!(!run.stderr.contains("stays"), "{}", run.stderr);
        assert_eq!(folder.read("customers.csv"), orders());
    }
}

#[cfg(unix)]
#[test]
fn standard_streams_are_files_too() {
    let folder = Folder::new();
    let path = folder.write("a.csv", orders());
    let run = |words: &[&str], stdin: Stdio, stdout: Stdio| {
        let mut command = Command::new(CLV);
        command.args(words).current_dir(folder.path()).stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(folder.read("a.csv"), orders());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = run(&["summarize", "-", "-o", "a.csv"], File::open(&path).unwrap().into(), Stdio::null());
    assert!(said.contains("a.csv is the same file as standard input"), "{said}");
    for words in [&["summarize", "a.csv"][..], &["run", "a.csv"], &["compare", "a.csv"], &["reproduce", "a.csv"]] {
        let append = File::options().append(true).open(&path).unwrap();
        let said = run(words, Stdio::null(), append.into());
        assert!(said.contains("standard output goes to a.csv, an input"), "{said}");
    }
}

#[test]
fn two_outputs_are_two_files() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write("m.json", &own().model);
    folder.write("survivors.csv", SURVIVORS);
    for words in [
        "predict o.csv --model m.json -o new.csv --totals ./new.csv",
        "predict o.csv --model m.json -o new.csv --totals New.csv",
        "run o.csv -o out --format csv --totals out/customers.csv",
        "run o.csv -o out --format csv --totals out/rfm.csv --tables x --totals x/totals.csv",
        "describe o.csv -o rfm.csv --tables .",
        "report o.csv -o x/tiers.csv --tables x",
        "retention survivors.csv -o both.csv --model-output both.csv",
    ] {
        if !words.contains("--totals out/rfm.csv --tables") {
            refused(&folder, words, "both would be written to");
        }
    }
    refused(&folder, "run o.csv -o out --totals x/totals.csv --tables x", "both would be written to x/totals.csv");
}

#[test]
fn what_clv_did_not_make_is_not_written_over() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write("m.json", &own().model);
    folder.write("survivors.csv", SURVIVORS);
    let foreign = [
        ("orders.csv", orders()),
        // The names of `lifetimes`, by somebody else.
        ("summary.csv", "customer_id,frequency,recency,T,monetary_value\n1,1,2,3,4\n".to_owned()),
        ("data.json", "{\"format\": \"another\", \"version\": 1}".to_owned()),
        ("page.html", "<!doctype html>\n<html lang=\"en\">\n<head>\n<title>clv</title>".to_owned()),
        ("text", "clv-model".to_owned()),
    ];
    for (name, text) in &foreign {
        folder.write(name, text);
    }
    std::fs::create_dir_all(folder.path().join("tables")).unwrap();
    folder.write("tables/rfm.csv", "recency_score,monetary\n1,2\n");
    folder.write("tables/tiers.json", "[{\"tier\": \"mine\"}]");
    folder.write("tables/scores.json", "{}");
    folder.write("tables/report.html", "mine");
    folder.write("tables/model.json", "{}");
    let cases = [
        ("summarize o.csv -o orders.csv", "orders.csv"),
        ("summarize o.csv -o summary.csv", "summary.csv"),
        ("fit o.csv -o data.json", "data.json"),
        ("fit o.csv -o text", "text"),
        ("report o.csv -o page.html", "page.html"),
        ("report o.csv -o new.html --tables tables", "tables/tiers.json"),
        ("describe o.csv --tables tables", "tables/rfm.csv"),
        ("evaluate o.csv --holdout 2m --tables tables", "tables/scores.json"),
        ("predict o.csv --model m.json -o new.csv --totals orders.csv", "orders.csv"),
        ("run o.csv -o tables --format csv", "tables/report.html"),
        ("run o.csv -o tables --no-report --format csv", "tables/model.json"),
        ("simulate --customers 9 -o orders.csv", "orders.csv"),
        ("retention survivors.csv --model-output data.json", "data.json"),
        ("retention survivors.csv -o orders.csv", "orders.csv"),
    ];
    let before = everything(folder.path());
    for (words, name) in cases {
        refused(&folder, words, &format!("{name} exists, and clv did not write it"));
        let asked = folder.clv(&format!("{words} --json"));
        let said: serde_json::Value = serde_json::from_str(&asked.stdout).unwrap();
        assert_eq!(said["error"]["kind"], "question", "{words}");
        assert_eq!(said["error"]["answers"], serde_json::json!(["--overwrite"]), "{words}");
        good(&folder, &format!("{words} --overwrite"));
        let path = folder.path().join(name);
        assert!(std::fs::read(&path).unwrap() != before[&path], "{words}");
        for (path, bytes) in &before {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn what_clv_made_is_made_anew() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    let with_source = orders().lines().map(|row| format!("{row},{}\n", &row[..2])).collect::<String>();
    folder.write("by.csv", with_source.replacen(",cu\n", ",source\n", 1));
    folder.write("survivors.csv", SURVIVORS);
    let commands = [
        "run o.csv -o out --format csv --tables t --compare --intervals 80 --totals out/totals.csv",
        "run o.csv -o out --format csv --tables t --no-holdout --horizons 3m",
        "run o.csv -o out --format csv --no-spend --no-report",
        "summarize o.csv --grain week --unit week -o s.csv",
        "summarize o.csv -o s.csv",
        "predict s.csv --model m.json --counts 2 -o s2.csv --totals totals.csv",
        "describe by.csv --by source --cac 3 --model m.json -o d.csv --tables t",
        "evaluate o.csv --holdout 1m --origins 2 --model bg-nbd,pareto-nbd --tables t",
        "report o.csv -o p.html --tables t",
        "retention survivors.csv -o r.csv --model-output r.json --discount 0.1 --payment 3",
    ];
    good(&folder, "fit o.csv -o m.json");
    for words in commands {
        good(&folder, words);
        let (code, stderr) = (good(&folder, words).code, folder.clv(words).stderr);
        assert_eq!(code, 0, "{stderr}");
    }
    // Every table that was written is known by its name.
    let mut known = clv::report::page_table_names();
    known.extend(clv::report::description_table_names());
    let models = clv::models::TimingKind::ALL.iter().map(|kind| (*kind).into());
    let models: Vec<_> = models.chain([clv::fit::TimingChoice::Auto]).collect();
    known.extend(clv::report::evaluation_table_names(&models));
    for path in everything(&folder.path().join("t")).keys() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(known.contains(&name), "{name} is not among the names of tables");
    }
    // A kind of file gives way to its own kind only; orders to nobody.
    refused(&folder, "fit o.csv -o p.html", "p.html is a report that clv wrote; is a model file to replace it");
    refused(&folder, "report o.csv -o s.csv", "s.csv is a table that clv wrote; is a report");
    refused(&folder, "retention survivors.csv -o s.csv --model-output d.csv", "d.csv is a table that clv wrote");
    good(&folder, "simulate --customers 9 -o made.csv");
    refused(&folder, "simulate --customers 9 -o made.csv", "made.csv exists, and clv did not write it");
    // An empty file has nothing to lose.
    folder.write("empty.csv", "");
    good(&folder, "summarize o.csv -o empty.csv");
    // Pages of earlier versions did not say who had made them.
    let page = folder.read("p.html");
    let older = page.replace("<meta name=\"generator\" content=\"clv\">\n", "");
    assert!(older.len() < page.len());
    folder.write("p.html", older);
    good(&folder, "report o.csv -o p.html");
    assert!(folder.read("p.html") == page);
}

#[test]
fn a_run_removes_its_own_alone() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let (other, warned) = ("out/customers.parquet", "out/customers.parquet stays, and is not of this run");
    folder.write(other, "mine");
    folder.write("out/report.html", "mine, too");
    let run = good(&folder, "run o.csv -o out --format csv --no-report");
    assert!(run.stderr.contains(warned) && run.stderr.contains("out/report.html stays"), "{}", run.stderr);
    assert_eq!((folder.read(other), folder.read("out/report.html")), ("mine".to_owned(), "mine, too".to_owned()));
    std::fs::remove_file(folder.path().join("out/report.html")).unwrap();
    good(&folder, "run o.csv -o out --format csv");
    assert!(folder.path().join("out/report.html").exists());
    good(&folder, "run o.csv -o out --format csv --no-report");
    assert!(!folder.path().join("out/report.html").exists());
    if cfg!(feature = "parquet") {
        std::fs::remove_file(folder.path().join(other)).unwrap();
        good(&folder, "run o.csv -o out --format parquet");
        assert!(!folder.path().join("out/customers.csv").exists());
        good(&folder, "run o.csv -o out --format csv");
        assert!(!folder.path().join(other).exists());
    }
}

/// Killed between two files, a run leaves a new table beside an old model: whoever reads one of them is told.
#[test]
fn a_table_of_another_run_is_told() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write("later.csv", orders().replace("2020-", "2021-"));
    good(&folder, "run o.csv --format csv --intervals 80 --totals clv-results/totals.csv");
    let (model, table) = (folder.read("clv-results/model.json"), folder.read("clv-results/customers.csv"));
    let json: serde_json::Value = serde_json::from_str(&model).unwrap();
    let listed = json["tables"].as_object().unwrap();
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["customers.csv", "totals.csv"]);
    assert_eq!(listed["customers.csv"]["bytes"], table.len());
    let sum = Command::new("sha256sum").arg("clv-results/customers.csv").current_dir(folder.path()).output();
    if let Ok(sum) = sum {
        let sum = String::from_utf8(sum.stdout).unwrap();
        assert_eq!(listed["customers.csv"]["sha256"], sum.split(' ').next().unwrap());
    }
    let readers = [
        "predict o.csv --model clv-results/model.json -o p.csv",
        "predict --new --model clv-results/model.json",
        "describe o.csv --model clv-results/model.json",
        "simulate --customers 9 --model clv-results/model.json",
        "fit clv-results/customers.csv --no-spend --unit week --until 2020-06-28 -o m.json",
    ];
    let told = "clv-results/customers.csv is not the table that was written with clv-results/model.json";
    let tells = |others: bool| {
        for words in readers {
            let stderr = good(&folder, words).stderr;
            assert_eq!(stderr.matches(told).count(), usize::from(others), "{words}: {stderr}");
        }
    };
    tells(false);
    good(&folder, "run later.csv --format csv --no-report");
    tells(false);
    folder.write("clv-results/model.json", &model);
    tells(true);
    folder.write("clv-results/customers.csv", &table);
    tells(false);
    // A single digit is enough.
    let at = table.rfind('7').unwrap();
    folder.write("clv-results/customers.csv", format!("{}8{}", &table[..at], &table[at + 1..]));
    tells(true);
    // Somebody's own file of that name, or none, is nobody's business.
    folder.write("clv-results/customers.csv", orders());
    assert!(!good(&folder, readers[0]).stderr.contains("written with"));
    std::fs::remove_file(folder.path().join("clv-results/customers.csv")).unwrap();
    assert!(!good(&folder, readers[0]).stderr.contains("written with"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_not_to_nothing() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.write("o.csv", orders());
    std::fs::create_dir(folder.path().join("elsewhere")).unwrap();
    symlink("elsewhere/new.csv", folder.path().join("link.csv")).unwrap();
    symlink("loop.csv", folder.path().join("loop.csv")).unwrap();
    let before = everything(folder.path());
    for (name, target) in [("link.csv", "elsewhere/new.csv"), ("loop.csv", "loop.csv")] {
        let run = folder.clv(&format!("summarize o.csv -o {name} --overwrite"));
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("{name}: it is a link to {target}, where there is no file")),
            "{}",
            run.stderr
        );
        assert!(everything(folder.path()) == before);
    }
    folder.write("elsewhere/new.csv", &own().summary);
    good(&folder, "summarize o.csv -o link.csv --unit day");
    assert!(folder.path().join("link.csv").is_symlink());
    assert!(std::fs::read(folder.path().join("elsewhere/new.csv")).unwrap() != own().summary);
}

#[cfg(unix)]
#[test]
fn a_closed_standard_output_is_not_a_file_that_is_opened_later() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write("m.json", &own().model);
    let summary = good(&folder, "summarize o.csv").stdout;
    for closed in [">&-", "<&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
        let run = |words: &str| {
            let script = format!("exec {CLV} {words} {closed}");
            Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap().status.code()
        };
        assert_eq!(run("summarize o.csv"), Some(0), "{closed}");
        assert_eq!(run("summarize o.csv -o s.csv"), Some(0), "{closed}");
        assert_eq!(folder.read("s.csv"), summary, "{closed}");
        assert_eq!(run("predict o.csv --model m.json --json -o p.csv"), Some(0), "{closed}");
        assert!(folder.read("p.csv").starts_with("customer_id,frequency"), "{closed}");
        assert_eq!(folder.read("o.csv"), orders());
    }
}

/// Where nothing is mounted on /proc, files without names cannot be given any.
#[cfg(target_os = "linux")]
#[test]
fn files_are_written_without_proc() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    good(&folder, "summarize o.csv -o with.csv");
    let run = |script: &str| {
        let words = ["-rm", "sh", "-c", script];
        Command::new("unshare")
            .args(words)
            .current_dir(folder.path())
            .output()
            .ok()
            .map(|output| output.status.success())
    };
    if run("mount -t tmpfs none /proc") != Some(true) {
        eprintln!("this user may not mount anything; the unit tests of tables::beside stand for it");
        return;
    }
    for _ in 0..2 {
        let script = format!("mount -t tmpfs none /proc && exec {CLV} summarize o.csv -o without.csv");
        assert_eq!(run(&script), Some(true));
        assert_eq!(folder.read("without.csv"), folder.read("with.csv"));
    }
    assert_eq!(folder.names(), ["o.csv", "with.csv", "without.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write("m.json", &own().model);
    folder.write("survivors.csv", SURVIVORS);
    let name = |end: &str| OsString::from_vec([b"n\xffme".as_slice(), end.as_bytes()].concat());
    let mut commands = vec![
        "run o.csv --format csv --json -o @ --totals @1.csv --intervals 80 --tables @2",
        "run o.csv --format csv --no-report -o @",
        "summarize o.csv --json -o @3.csv",
        "fit o.csv --json -o @4.json",
        "predict o.csv --json --model @4.json -o @5.csv --totals @6.csv --intervals 80",
        "predict --new --cohort 9 --model @4.json --json -o @7.csv --totals @8.csv",
        "describe o.csv --json --model @4.json -o @9.csv --tables @10",
        "report o.csv --json -o @11.html --tables @10",
        "evaluate o.csv --json --holdout 2m --tables @10",
        "simulate --customers 9 --json --model @4.json -o @12.csv",
        "retention survivors.csv --json -o @13.csv --model-output @14.json",
        "retention --model @14.json",
    ];
    if cfg!(feature = "parquet") {
        commands.push("summarize o.csv --json --state @15.parquet -o @16.csv");
        commands.push("summarize --json --state @15.parquet -o @16.parquet");
    }
    for words in commands {
        let words = words.split(' ').map(|word| word.strip_prefix('@').map_or(word.into(), name));
        let mut command = Command::new(CLV);
        let output = command.args(words.clone()).current_dir(folder.path()).output().unwrap();
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {stderr}");
        if stdout.starts_with('{') {
            let results: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            let files = results["files"].as_array().unwrap();
            assert!(files.iter().all(|file| file.as_str().unwrap().starts_with("n\u{fffd}me")), "{files:?}");
        }
    }
    assert!(folder.path().join(name("")).join("model.json").exists() && folder.path().join(name("13.csv")).exists());
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_one() {
    let folder = Folder::new();
    folder.write("o.csv", orders());
    folder.write(".clv-0123456789abcdef.part", "part of a table");
    folder.write(".clv-mine.part", "mine");
    good(&folder, "summarize o.csv -o s.csv");
    let left: &[&str] = if cfg!(unix) { &[] } else { &[".clv-0123456789abcdef.part"] };
    assert_eq!(folder.names(), [left, &[".clv-mine.part", "o.csv", "s.csv"]].concat());
}

/// A folder full of files, of which those that clv made are named.
fn furnish(folder: &Folder) -> BTreeSet<PathBuf> {
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for name in ["a.csv", "b.csv", "customers.csv", "rfm.csv", "model.json", "sub/report.html", "sub/customers.csv"] {
        folder.write(name, orders());
    }
    folder.write("report.html", "<html>mine</html>");
    folder.write("notes.json", "{\"mine\": 1}");
    folder.write("survivors.csv", SURVIVORS);
    let own: [(&str, &[u8]); 6] = [
        ("m.json", &own().model),
        ("p.html", &own().page),
        ("s.csv", &own().summary),
        ("sub/m.csv", &own().model),
        ("sub/s.csv", &own().summary),
        ("sub/tiers.json", b"[]"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.csv", folder.path().join("soft.csv")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("here")).unwrap();
        std::os::unix::fs::symlink("nowhere.csv", folder.path().join("dangling.csv")).unwrap();
        std::fs::hard_link(folder.path().join("b.csv"), folder.path().join("hard.csv")).unwrap();
    }
    own.into_iter().map(|(name, bytes)| folder.write(name, bytes)).collect()
}

fn file() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a.csv",
        "b.csv",
        "customers.csv",
        "rfm.csv",
        "model.json",
        "report.html",
        "notes.json",
        "survivors.csv",
        "m.json",
        "p.html",
        "s.csv",
        "soft.csv",
        "hard.csv",
        "dangling.csv",
        "new.csv",
        "sub",
        "A.csv",
        "sub/m.csv",
        "sub/s.csv",
        "sub/customers.csv",
        "new.json",
        "new.html",
    ]);
    (prop::sample::select(vec!["", "", "./", "here/", "sub/../", "here/./sub/../here/", "new/../"]), name)
        .prop_map(|(before, name)| format!("{before}{name}"))
}

fn input() -> impl Strategy<Value = String> {
    let pattern = prop::sample::select(vec!["*.csv", "[ab].csv", "?.csv", "h*.csv", "*/a.csv", "sub/*", "a.*"]);
    prop_oneof![3 => file(), 1 => pattern.prop_map(str::to_owned), 1 => Just("a.csv".to_owned())]
}

fn results() -> impl Strategy<Value = String> {
    prop::sample::select(vec![".", "sub", "here", "./sub/..", "new", "new/..", "a.csv"]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(16), ..ProptestConfig::default() })]

    /// Whatever is asked, however it ends: what is read is there as it was, and so is what clv did not make.
    #[test]
    fn nothing_is_lost(
        command in 0..13usize, read in input(), model in file(), one in file(), other in file(), into in results(), overwrite in any::<bool>(),
    ) {
        let folder = Folder::new();
        let own = furnish(&folder);
        let words = match command {
            0 | 1 => format!("run {read} -o {into} --format csv --no-report"),
            2 => format!("run {read} -o {into} --format csv --no-holdout --totals {one}"),
            3 => format!("run {read} -o {into} --no-report"),
            4 | 5 => format!("summarize {read} -o {one}"),
            6 => format!("fit {read} -o {one}"),
            7 => format!("predict {read} --model {model} -o {one} --totals {other}"),
            8 => format!("describe {read} -o {one} --tables {into}"),
            9 => format!("report {read} --no-holdout -o {one} --tables {into}"),
            10 => format!("evaluate {read} --holdout 2m --tables {into}"),
            11 => format!("simulate --customers 5 --model {model} -o {one}"),
            _ => format!("retention {read} -o {one} --model-output {other}"),
        };
        let mut arguments: Vec<&str> = words.split(' ').collect();
        if overwrite {
            arguments.push("--overwrite");
        }
        let at = |path: &str| folder.path().join(path);
        let mut inputs: BTreeSet<PathBuf> = BTreeSet::new();
        if command != 11 {
            let read = expand(&[at(&read).to_str().unwrap().to_owned()]).unwrap_or_default();
            inputs.extend(read.into_iter().filter_map(|input| match input { Input::Path(path) => path.canonicalize().ok(), _ => None }));
        }
        if command == 7 || command == 11 {
            inputs.extend(at(&model).canonicalize());
        }
        let before = everything(folder.path());
        let run = folder.clv_with(&arguments, b"");
        prop_assert!((0..=2).contains(&run.code), "{}: {}", words, run.stderr);
        let after = everything(folder.path());
        for (path, bytes) in &before {
            let kept = after.get(path) == Some(bytes);
            let is_read = path.canonicalize().is_ok_and(|path| inputs.contains(&path));
            let may_change = !is_read && (overwrite || own.contains(path)) && !path.is_symlink();
            prop_assert!(kept || may_change, "{}: {} has changed: {}", words, path.display(), run.stderr);
            prop_assert!(after.contains_key(path) || own.contains(path), "{}: {} is gone", words, path.display());
        }
        prop_assert!(!after.keys().any(|path| path.to_string_lossy().contains(".part")), "{}: something is left", words);
    }
}
