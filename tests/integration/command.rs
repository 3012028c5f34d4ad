//! Runs the command in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run of the command left behind.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Standard error without its last line, in which a run that went well says what it took.
    #[track_caller]
    pub fn complaints(&self) -> &str {
        let before = self.stderr.trim_end().rfind('\n').map_or(0, |end| end + 1);
        let (complaints, took) = self.stderr.split_at(before);
        assert!(took.contains(" rows, ") && took.contains(" customers in "), "{took}");
        complaints
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}

/// A folder for the files of one test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Names of everything in the folder, hidden files too.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `clv` here; words are separated by spaces.
    pub fn clv(&self, words: &str) -> Outcome {
        self.clv_with(&words.split_whitespace().collect::<Vec<_>>(), b"")
    }

    /// Runs `clv` here with these arguments and this standard input.
    pub fn clv_with(&self, arguments: &[&str], stdin: &[u8]) -> Outcome {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clv"))
            .args(arguments)
            .current_dir(self.path())
            .env("COLUMNS", "80")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that fails early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A model file without what it says of the tables beside it.
pub fn model(text: &str) -> Value {
    let mut model: Value = serde_json::from_str(text).unwrap();
    model.as_object_mut().unwrap().remove("tables");
    model
}

/// The CDNOW orders: the sample, or the whole cohort.
pub fn cdnow(name: &str) -> String {
    format!("{}/data/cdnow/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Cells of a CSV table by line, the header first.
pub fn cells(csv: &str) -> Vec<Vec<String>> {
    csv.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// A CSV table by names of columns.
pub struct Records {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Records {
    pub fn new(csv: &str) -> Self {
        let mut rows = cells(csv);
        Self { header: rows.remove(0), rows }
    }

    pub fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    #[track_caller]
    pub fn text(&self, row: usize, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        &self.rows[row][place.unwrap_or_else(|| panic!("no column {column} among {:?}", self.header))]
    }

    #[track_caller]
    pub fn number(&self, row: usize, column: &str) -> f64 {
        let text = self.text(row, column);
        text.parse().unwrap_or_else(|_| panic!("{column} is `{text}`"))
    }

    #[track_caller]
    pub fn sum(&self, column: &str) -> f64 {
        (0..self.rows.len()).map(|row| self.number(row, column)).sum()
    }
}
