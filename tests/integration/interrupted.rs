//! Runs that are cut short at any moment: every file is the old one or the new one.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::command::{Folder, cdnow};

/// Files in a folder by name, and how many nameless-to-be files a moment's bad luck left.
fn files(folder: &Folder, under: &str) -> (BTreeMap<String, Vec<u8>>, usize) {
    let mut files = BTreeMap::new();
    let mut leftovers = 0;
    for entry in std::fs::read_dir(folder.path().join(under)).unwrap() {
        let (name, path) = {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), entry.path())
        };
        if name.starts_with(".clv-") {
            leftovers += 1;
            std::fs::remove_file(path).unwrap();
        } else if path.is_file() {
            files.insert(name, std::fs::read(path).unwrap());
        }
    }
    (files, leftovers)
}

fn start(folder: &Folder, words: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clv"));
    command.args(words.split_whitespace()).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Interrupts so many runs that would turn the old files under a folder into the new ones, at moments spread over a run, and checks
/// the files after each; `restore` makes them the old ones again.
fn interrupt(folder: &Folder, words: &str, under: &str, times: u32, restore: impl Fn()) {
    restore();
    let old = files(folder, under).0;
    // The machine may be busy with something else for a while.
    let run = || {
        restore();
        let started = Instant::now();
        assert!(start(folder, words).wait().unwrap().success(), "{words}");
        started.elapsed()
    };
    let long = (0..5).map(|_| run()).min().unwrap();
    let new = files(folder, under).0;
    assert!(old.iter().any(|(name, bytes)| new[name] != *bytes), "the run changes nothing");
    let (mut cut_short, mut leftovers) = (0, 0);
    for i in 0..times {
        restore();
        let mut run = start(folder, words);
        // Spread like the multiples of the golden ratio, a little beyond the end.
        std::thread::sleep(long.mul_f64(1.1 * (f64::from(i) * 0.618_034).fract()));
        match i % 3 {
            0 => drop(run.kill()),
            1 => drop(Command::new("kill").args(["-INT", &run.id().to_string()]).stderr(Stdio::null()).status()),
            _ => drop(Command::new("kill").args(["-TERM", &run.id().to_string()]).stderr(Stdio::null()).status()),
        }
        cut_short += u32::from(!run.wait().unwrap().success());
        let (found, left) = files(folder, under);
        leftovers += left;
        for (name, bytes) in &found {
            let whole = new.get(name) == Some(bytes) || old.get(name) == Some(bytes);
            assert!(whole, "{name} is neither the old nor the new file after run {i}");
        }
        assert!(old.keys().all(|name| found.contains_key(name)), "a file is gone after run {i}");
        // Whatever happened, the same command finishes the work.
        if i % 10 == 0 {
            let again = start(folder, words).wait().unwrap();
            assert!(again.success(), "run {i}");
            assert_eq!(files(folder, under).0, new);
        }
    }
    assert!(cut_short > times / 10, "only {cut_short} of {times} runs were cut short");
    // Between a file's two names there are microseconds.
    assert!(leftovers <= 3, "{leftovers} files were left behind");
}

#[test]
fn results_are_the_old_or_the_new_ones() {
    let folder = Folder::new();
    let old = folder.clv(&format!("run {} --format csv", cdnow("orders-sample.csv")));
    assert_eq!(old.code, 0, "{}", old.stderr);
    let saved = ["model.json", "customers.csv"].map(|name| (name, folder.read(&format!("clv-results/{name}"))));
    let words = format!("run {} --format csv --discount 0.1", cdnow("orders.csv"));
    interrupt(&folder, &words, "clv-results", 100, || {
        saved.iter().for_each(|(name, text)| drop(folder.write(&format!("clv-results/{name}"), text)));
    });
}

#[cfg(feature = "parquet")]
#[test]
fn a_state_loses_nothing_and_doubles_nothing() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("kept")).unwrap();
    let text = std::fs::read_to_string(cdnow("orders.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let (early, late): (Vec<&str>, Vec<&str>) =
        rows.lines().partition(|row| row.split(',').nth(1).unwrap() < "1997-06-01");
    folder.write("early.csv", format!("{header}\n{}\n", early.join("\n")));
    folder.write("late.csv", format!("{header}\n{}\n", late.join("\n")));
    let begun = folder.clv("summarize early.csv --state kept/state.parquet -o kept/summary.csv");
    assert_eq!(begun.code, 0, "{}", begun.stderr);
    let saved = files(&folder, "kept").0;
    interrupt(
        &folder,
        "summarize late.csv --state kept/state.parquet --append -o kept/summary.csv",
        "kept",
        100,
        || {
            saved.iter().for_each(|(name, bytes)| drop(folder.write(&format!("kept/{name}"), bytes)));
        },
    );
    let at_once = folder.clv(&format!("summarize {}", cdnow("orders.csv")));
    let words = "summarize late.csv --state kept/state.parquet --append -o kept/summary.csv";
    assert_eq!(folder.clv(words).code, 0);
    assert!(folder.read("kept/summary.csv") == at_once.stdout);
}

/// A disk that is full after 64 kB, by the limit on the size of files.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_results() {
    let folder = Folder::new();
    assert_eq!(folder.clv(&format!("run {} --format csv", cdnow("orders-sample.csv"))).code, 0);
    let before = files(&folder, "clv-results").0;
    let program = env!("CARGO_BIN_EXE_clv");
    let run = |words: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 128; exec {program} {words}");
        let child = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        (child.status.code(), String::from_utf8(child.stderr).unwrap())
    };
    for words in [
        format!("run {} --format csv", cdnow("orders.csv")),
        format!("summarize {} -o clv-results/customers.csv", cdnow("orders.csv")),
        format!("summarize {} --memory 1K -o clv-results/customers.csv", cdnow("orders.csv")),
    ] {
        let (code, said) = run(&words);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("cannot write") && said.contains("File too large"), "{said}");
        let (after, leftovers) = files(&folder, "clv-results");
        assert!(after == before && leftovers == 0);
    }
}
