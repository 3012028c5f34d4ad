//! Damaged and nonsensical files of every kind: whatever the bytes are, reading ends with an answer or an error, never in a panic,
//! and no row is lost uncounted.
//!
//! The ordinary run tries a few thousand files a kind. A long one, with other seeds:
//! `CLV_FUZZ_SECONDS=3600 CLV_FUZZ_SEED=7 cargo test --release --test integration fuzz -- --nocapture --test-threads 2`

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clv::model_file::ModelFile;
use clv::orders::{Convention, DateReader, Duplicates, OrderOptions, read_orders};
use clv::predict::{Horizon, Valuation};
use clv::summary::{Cohort, Summary, TimeUnit};
use clv::summary_file::{self, SummaryOptions};
use clv::survivor_file;
use clv::tables::{BytesRead, FileOptions, Input, TableReader};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Pieces that readers trip over.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\0",
    b"-",
    b".",
    b"e",
    b"NaN",
    b"inf",
    b"-0",
    b"1e308",
    b"1e-320",
    b"99999999999999999999",
    b"1997-02-30",
    b"0000-00-00",
    b"9999-12-31",
    b"-9999-01-01",
    b"1/2/3",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3",
    b"null",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"PAR1",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"customer_id",
    b"frequency",
    "é".as_bytes(),
    "：".as_bytes(),
    "１".as_bytes(),
    "+1é2".as_bytes(),
    "\u{2212}5".as_bytes(),
    "٣".as_bytes(),
    "\u{a0}".as_bytes(),
    "😀".as_bytes(),
];

/// Changes a file in up to eight places.
fn damage(rng: &mut Pcg64, whole: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..rng.random_range(1..=8) {
        let place = |rng: &mut Pcg64, bytes: &[u8]| rng.random_range(0..=bytes.len());
        let at = place(rng, &bytes);
        let to = (at + rng.random_range(0..=64)).min(bytes.len());
        match rng.random_range(0..8) {
            0 if at < bytes.len() => bytes[at] = rng.random(),
            1 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let piece = PIECES[rng.random_range(0..PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let copy = bytes[at..to].to_vec();
                let into = place(rng, &bytes);
                bytes.splice(into..into, copy);
            }
            5 => bytes.truncate(at),
            6 => {
                let other = &others[rng.random_range(0..others.len())];
                let from = place(rng, other);
                let until = (from + rng.random_range(0..=200)).min(other.len());
                bytes.splice(at..to, other[from..until].iter().copied());
            }
            // Numbers of sizes and offsets, as headers have them.
            _ if to - at >= 4 => bytes[at..at + 4].copy_from_slice(&rng.random::<u32>().to_le_bytes()),
            _ => {}
        }
    }
    bytes
}

/// Tries damaged copies of these files for a while, or so many.
fn fuzz(kind: &str, corpus: &[Vec<u8>], tries: u64, read: impl Fn(&Path)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("CLV_FUZZ_SEED").unwrap_or(1);
    let (started, seconds) = (Instant::now(), number("CLV_FUZZ_SECONDS").map(Duration::from_secs));
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(format!("fuzzed.{kind}"));
    let mut tried = 0;
    while seconds.map_or(tried < tries, |seconds| started.elapsed() < seconds) {
        let mut rng = Pcg64::seed_from_u64(seed << 40 | tried);
        // The files themselves first.
        let bytes = match corpus.get(tried as usize) {
            Some(whole) => whole.clone(),
            None => {
                let whole = &corpus[rng.random_range(0..corpus.len())];
                damage(&mut rng, whole, corpus)
            }
        };
        std::fs::write(&path, &bytes).unwrap();
        if catch_unwind(AssertUnwindSafe(|| read(&path))).is_err() {
            let kept = std::env::temp_dir().join(format!("clv-fuzzed-{seed}-{tried}.{kind}"));
            std::fs::write(&kept, &bytes).unwrap();
            panic!("try {tried} with seed {seed} panicked; the file is {}", kept.display());
        }
        tried += 1;
    }
    println!("{kind}: {tried} files in {:.0} s", started.elapsed().as_secs_f64());
}

const ORDERS: &str = "customer_id,order_date,amount,country\n\
    1,1997-01-01,10.50,DE\n2,1997-01-02,7,FR\n1,1997-03-01,12.25,\n007,1997-03-02T10:00:00Z,-3,DE\n\
    b,1997-04-01,0,\"a,\"\"b\"\n1,1997-04-01,1e2,DE\n,1997-04-02,5,DE\n3,,5,DE\n3,1997-04-03,x,DE\n3,1997-04-04\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read_as_orders(path: &Path) {
    for duplicates in [Duplicates::Keep, Duplicates::Drop] {
        let options = OrderOptions { duplicates, memory: Some(64), ..OrderOptions::default() };
        let Ok((mut log, report)) = read_orders(&[Input::Path(path.to_owned())], &options, &BytesRead::default())
        else {
            continue;
        };
        assert_eq!(report.rows, report.used + report.left_out.total());
        let end = log.last_day().unwrap();
        if let Ok((summary, _)) = log.summary(TimeUnit::Week, end, &Cohort::default()) {
            check(&summary);
        }
    }
}

fn check(summary: &Summary) {
    for i in 0..summary.len() {
        let (t_x, T, m) = (summary.recency[i], summary.T[i], summary.monetary_value[i]);
        assert!(t_x >= 0.0 && t_x <= T && T.is_finite() && m.is_finite(), "{t_x} {T} {m}");
        assert!((summary.frequency[i] == 0) == (t_x == 0.0));
    }
}

#[test]
fn orders_as_text() {
    let semicolons = ORDERS.replace(',', ";");
    let plain = ORDERS.replace("\"a,\"\"b\"", "ab");
    let corpus = [ORDERS, &semicolons, &plain, &plain.replace('\n', "\r\n")].map(|text| text.as_bytes().to_vec());
    fuzz("csv", &corpus, 4000, read_as_orders);
}

#[test]
fn orders_compressed() {
    let zstd = zstd::encode_all(ORDERS.as_bytes(), 3).unwrap();
    fuzz("gz", &[gzip(ORDERS.as_bytes()), zstd, ORDERS.as_bytes().to_vec()], 4000, read_as_orders);
}

const SUMMARY: &str = "customer_id,frequency,recency,T,monetary_value,first_purchase,last_purchase,orders,total\n\
    a,2,30,38.857142857142854,25.5,1997-01-01,1997-07-30,3,60\nb,0,0,38.714285714285715,0,1997-01-02,1997-01-02,1,8\n";

fn read_as_summary(path: &Path) {
    let Ok(mut table) =
        TableReader::open(&Input::Path(path.to_owned()), &FileOptions::default(), &BytesRead::default())
    else {
        return;
    };
    let options = SummaryOptions { unit: Some(TimeUnit::Week), ..SummaryOptions::default() };
    if let Ok(summary) = summary_file::read(&mut table, &options) {
        check(&summary);
        summary_file::table(&summary, false).write_csv(std::io::sink(), "nowhere").unwrap();
    }
}

#[test]
fn summaries() {
    fuzz("summary.csv", &[SUMMARY.as_bytes().to_vec()], 4000, read_as_summary);
}

#[test]
fn survivors() {
    let corpus = [b"period,customers\n0,1000\n1,869\n2,743\n3,653\n".to_vec()];
    fuzz("survivors.csv", &corpus, 2000, |path| {
        if let Ok(mut table) =
            TableReader::open(&Input::Path(path.to_owned()), &FileOptions::default(), &BytesRead::default())
        {
            let _ = survivor_file::read(&mut table);
        }
    });
}

/// Text whose every character may be of another alphabet, where dates, amounts and names of columns stand.
#[test]
fn text_of_every_alphabet() {
    const FORMS: [&str; 14] = [
        "1997-01-18 10:00+1122",
        "1997-01-18T10:00:59.123+01:00",
        "1997/1/18 9:05 UTC",
        "19970118",
        "3/4/97 8:26 PM",
        "03.04.1997 10:15:00",
        "Jan 5, 1997",
        "852076800",
        "$1,234.50",
        "(12.5)",
        "-1.234,56 €",
        "order_date",
        "Lineitem price",
        "customer_id",
    ];
    const STRANGERS: [char; 14] =
        ['é', '：', '１', '٣', '\u{2212}', '\u{a0}', '😀', 'ß', 'İ', '/', '-', ':', ' ', '\u{301}'];
    let mut rng = Pcg64::seed_from_u64(20);
    let mut cell = |strange: u32| -> String {
        let form = FORMS[rng.random_range(0..FORMS.len())];
        let change = |c: char| {
            if rng.random_range(0..12) < strange { STRANGERS[rng.random_range(0..STRANGERS.len())] } else { c }
        };
        form.chars().map(change).collect::<String>().replace(['"', ','], "")
    };
    let options = |format: Option<&str>, decimal_comma| OrderOptions {
        dates: DateReader::new(format, Some("Europe/Berlin")).unwrap(),
        convention: Convention::given(decimal_comma, None).unwrap(),
        ..OrderOptions::default()
    };
    let options = [
        options(None, false),
        options(None, true),
        options(Some("%d/%m/%y %I:%M %p"), false),
        options(Some("%b %d %Y"), false),
        options(Some("%s"), false),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    for strange in [0, 1, 2, 4].into_iter().cycle().take(1200) {
        let header = if strange < 4 {
            "customer_id,order_date,amount".to_owned()
        } else {
            [cell(1), cell(1), cell(1)].join(",")
        };
        let rows: String = (0..6).map(|_| [cell(2), cell(strange), cell(strange)].join(",") + "\n").collect();
        std::fs::write(&path, format!("{header}\n{rows}")).unwrap();
        for options in &options {
            // An answer or an error; no panic.
            if let Ok((_, report)) = read_orders(&[Input::Path(path.clone())], options, &BytesRead::default()) {
                assert_eq!(report.rows, report.used + report.left_out.total());
            }
        }
    }
}

/// What users write on the command line, in every alphabet.
#[test]
fn arguments_of_every_alphabet() {
    for text in
        ["", "é", "1é", "３m", "3ｍ", "+1é2", "1997-01-1é", "3m..é", "é..3m", "..", "-", "１９９７-01-01", "😀", "5M😀"]
    {
        let _ = text.parse::<Horizon>();
        let _ = text.parse::<clv::summary::Day>();
        let _ = text.parse::<clv::tables::Delimiter>();
        let _ = text.parse::<clv::answers::CustomerNumber>();
        let _ = text.parse::<clv::models::TimingKind>();
        let _ = DateReader::new(Some(text), Some(text));
        let _ = clv::orders::read_amount(text, true);
        let _ = clv::tables::time_zone(text);
    }
}

#[test]
fn models() {
    let file = |name: &str| std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut corpus = Vec::new();
    for entry in std::fs::read_dir(format!("{}/models", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        corpus.push(file(entry.unwrap().file_name().to_str().unwrap()));
    }
    corpus.sort();
    let mut table = {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.csv");
        std::fs::write(&path, SUMMARY).unwrap();
        TableReader::open(&Input::Path(path), &FileOptions::default(), &BytesRead::default()).unwrap()
    };
    let summary =
        summary_file::read(&mut table, &SummaryOptions { unit: Some(TimeUnit::Week), ..SummaryOptions::default() });
    let summary = summary.unwrap();
    let horizons: Vec<Horizon> = vec!["3m".parse().unwrap()];
    fuzz("model.json", &corpus, 4000, |path| {
        let Ok(predictor) = ModelFile::read(path).and_then(|model| model.predictor()) else { return };
        if let Ok(forecast) = predictor.forecast(&summary, &horizons, &Valuation::default()) {
            assert!(forecast.p_alive.iter().all(|alive| (0.0..=1.0).contains(alive)), "{:?}", forecast.p_alive);
            assert!(forecast.horizons[0].purchases.iter().all(|n| *n >= 0.0), "{:?}", forecast.horizons[0].purchases);
        }
    });
}

#[cfg(feature = "parquet")]
mod parquet {
    use clv::state_file::StateFile;

    use super::*;
    use crate::command::Folder;

    fn written(folder: &Folder, name: &str) -> Vec<u8> {
        std::fs::read(folder.path().join(name)).unwrap()
    }

    #[test]
    fn states_summaries_and_orders_in_parquet() {
        let folder = Folder::new();
        folder.write("orders.csv", ORDERS);
        let run = folder.clv("summarize orders.csv --keep country --state state.parquet -o summary.parquet");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let corpus = [written(&folder, "state.parquet"), written(&folder, "summary.parquet"), b"PAR1PAR1".to_vec()];
        fuzz("parquet", &corpus, 3000, read_as_all);
    }

    /// Any table of counts beside others that are whole.
    #[test]
    fn counts() {
        let folder = Folder::new();
        folder.write("orders.csv", ORDERS);
        let run = folder.clv("count orders.csv --by country --joint -o counts");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let whole = folder.path().join("counts");
        for part in clv::counts_file::PARTS {
            let file = clv::counts_file::file_of(&whole, part);
            let written = std::fs::read(&file).unwrap();
            fuzz("parquet", std::slice::from_ref(&written), 1000, |path| {
                std::fs::copy(path, &file).unwrap();
                if let Ok(counts) = clv::counts_file::read(&whole, &BytesRead::default()) {
                    check(counts.timing());
                }
            });
            std::fs::write(&file, written).unwrap();
        }
    }

    fn read_as_all(path: &Path) {
        read_as_orders(path);
        read_as_summary(path);
        if let Ok(mut state) = StateFile::open(path, &OrderOptions::default(), &BytesRead::default())
            && let Some(end) = state.log().last_day()
            && let Ok((summary, _)) = state.log().summary(TimeUnit::Week, end, &Cohort::default())
        {
            check(&summary);
        }
    }

    /// Files that claim sizes which no memory has end in an error, too: running out of memory would end the process, not panic.
    ///
    /// A long run: `CLV_FUZZ_SECONDS=3600 CLV_FUZZ_SEED=7 cargo test --release --test integration little_memory`.
    #[cfg(target_os = "linux")]
    #[test]
    fn files_of_all_writers_with_little_memory() {
        let folder = Folder::new();
        let test = std::env::current_exe().unwrap();
        let worker = "fuzz::parquet::files_of_all_writers";
        // In kilobytes; a page may claim 2 GB.
        let limited = format!("ulimit -v 1500000; exec '{}' --exact {worker} --ignored --nocapture", test.display());
        let mut command = std::process::Command::new("sh");
        let done = command.args(["-c", &limited]).env("TMPDIR", folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        if !done.status.success() {
            let kept = tempfile::Builder::new().prefix("clv-fuzzed-").suffix(".parquet").tempfile().unwrap();
            let (_, kept) = kept.keep().unwrap();
            for entry in std::fs::read_dir(folder.path()).unwrap() {
                let fuzzed = entry.unwrap().path();
                let fuzzed = if fuzzed.is_dir() { fuzzed.join("fuzzed.parquet") } else { fuzzed };
                std::fs::copy(fuzzed, &kept).unwrap();
            }
            panic!("{}: the file is {}\n{said}", done.status, kept.display());
        }
        assert!(String::from_utf8_lossy(&done.stdout).contains("1 passed"), "{said}");
    }

    #[test]
    #[ignore = "the process of another test, which limits its memory"]
    fn files_of_all_writers() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/parquet");
        let mut files: Vec<PathBuf> = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
        files.sort();
        let corpus: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
        fuzz("parquet", &corpus, 3000, read_as_all);
    }
}
