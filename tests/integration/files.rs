//! One export in many files: whatever the form, the summary is the same.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::command::{Folder, Outcome, Records};
use crate::exports::words;

/// Customers, days of 2023 and cents, by simple rules.
fn orders() -> Vec<(String, String, String)> {
    let of_customer = |customer: u32| {
        (0..1 + customer % 5).map(move |k| {
            let day = (customer * 7 + k * (11 + customer % 13)) % 360;
            let date = format!("2023-{:02}-{:02}", 1 + day / 30, 1 + (day % 30).min(27));
            (
                format!("Käufer {customer}"),
                date,
                format!("{}.{:02}", 10 + (customer * k) % 90, (customer + 7 * k) % 100),
            )
        })
    };
    (1..=60).flat_map(of_customer).collect()
}

/// The export as text, with its cells between these.
fn csv(delimiter: char) -> String {
    let rows = orders()
        .into_iter()
        .map(|(customer, date, amount)| format!("{customer}{delimiter}{date}{delimiter}{amount}\n"));
    format!("customer{delimiter}date{delimiter}amount\n{}", rows.collect::<String>())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn archive(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn utf16(text: &str, mark: bool, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = if mark { write(0xfeff).to_vec() } else { Vec::new() };
    mark.into_iter().chain(text.encode_utf16().flat_map(write)).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// A record a line.
fn json_lines() -> String {
    let line = |(customer, date, amount): (String, String, String)| {
        format!(
            "{{\"order\": {{\"customer\": \"{customer}\"}}, \"date\": \"{date}\", \"lines\": [1, 2], \"amount\": {amount}}}\n"
        )
    };
    orders().into_iter().map(line).collect()
}

fn summarized(folder: &Folder, file: &str, options: &str) -> Outcome {
    folder.clv(&format!("summarize {file} -o summary.csv --overwrite --json {options}"))
}

fn told(outcome: &Outcome) -> String {
    let told: Value = outcome.json()["orders"]["told"].clone();
    told.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_form_of_a_file_gives_the_same_summary() {
    let plain = csv(',');
    let text = plain.as_bytes();
    let with_titles = |titles: &str| format!("{titles}{plain}").into_bytes();
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let deflated = SimpleFileOptions::default();
    let frame = zstd::stream::encode_all(text, 1).unwrap();
    let skippable = [b"\x50\x2a\x4d\x18\x04\x00\x00\x00", &frame.len().to_le_bytes()[..4]].concat();
    let list = format!("[\n{}]", json_lines().trim_end().replace('\n', ",\n"));
    let forms: Vec<(&str, Vec<u8>, &str)> = vec![
        ("marked.csv", [b"\xef\xbb\xbf", text].concat(), ""),
        ("sep.csv", format!("sep=;\n{}", csv(';')).into_bytes(), ""),
        ("sep-and-title.csv", format!("sep=;\nOrders\n{}", csv(';')).into_bytes(), ""),
        ("old-mac.csv", plain.replace('\n', "\r").into_bytes(), ""),
        ("windows.csv", plain.replace('\n', "\r\n").into_bytes(), ""),
        ("title.csv", with_titles("Orders of the shop\n\nExported on 2024-01-05\n"), ""),
        ("padded-title.csv", with_titles("Orders of the shop,,\n,,\n\"Period, all of it\",,\n"), ""),
        ("tab-title.csv", format!("Orders\n{}", csv('\t')).into_bytes(), ""),
        ("little.csv", utf16(&plain, true, u16::to_le_bytes), ""),
        ("big.csv", utf16(&plain, true, u16::to_be_bytes), ""),
        ("unmarked.csv", utf16(&csv('\t'), false, u16::to_le_bytes), ""),
        ("western.csv", windows_1252(&plain), ""),
        ("named.csv", windows_1252(&plain), "--encoding latin1"),
        ("members.csv.gz", [gzip(&text[..500]), gzip(&text[500..])].concat(), ""),
        ("filled.csv.gz", [gzip(text), vec![0; 1024]].concat(), ""),
        ("frames.csv.zst", [skippable, frame].concat(), ""),
        ("stored.zip", archive(&[("orders.csv", text)], stored), ""),
        ("deflated.zip", archive(&[("__MACOSX/._orders.csv", b"x"), ("export/orders.csv", text)], deflated), ""),
        ("old-mac-in-western.zip", archive(&[("o", &windows_1252(&plain.replace('\n', "\r")))], deflated), ""),
        ("lines.jsonl", json_lines().into_bytes(), "--customer order.customer"),
        ("list.json", list.into_bytes(), "--customer order.customer"),
        ("lines.jsonl.gz", gzip(json_lines().as_bytes()), "--customer order.customer"),
    ];
    let folder = Folder::new();
    folder.write("orders.csv", text);
    assert_eq!(summarized(&folder, "orders.csv", "").code, 0);
    let known = folder.read("summary.csv");
    for (name, content, options) in &forms {
        folder.write(name, content);
        let outcome = summarized(&folder, name, options);
        assert_eq!(outcome.code, 0, "{name}: {}", outcome.stderr);
        assert_eq!(folder.read("summary.csv"), known, "{name}");
        assert_eq!(outcome.json()["orders"]["rows"], orders().len(), "{name}");
        // Through a pipe, too.
        let arguments: Vec<&str> =
            "summarize - -o summary.csv --overwrite".split(' ').chain(options.split_whitespace()).collect();
        let outcome = folder.clv_with(&arguments, content);
        assert_eq!(outcome.code, 0, "{name}: {}", outcome.stderr);
        assert_eq!(folder.read("summary.csv"), known, "{name} through a pipe");
    }
}

#[test]
fn what_was_found_is_told() {
    let folder = Folder::new();
    folder.write("western.csv", windows_1252(&csv(',')));
    folder.write("title.csv", format!("Orders of the shop\n\n{}", csv(',')));
    let said = told(&summarized(&folder, "western.csv", ""));
    assert!(said.contains("western.csv is not UTF-8, and was read as windows-1252; --encoding"), "{said}");
    assert_eq!(told(&summarized(&folder, "western.csv", "--encoding windows-1252")), "");
    let said = told(&summarized(&folder, "title.csv", ""));
    assert!(said.contains("title.csv: the header is in line 3, and 1 line above it left out"), "{said}");
    // Lines are still those of the file.
    folder.write("title.csv", format!("Orders of the shop\n\n{}Käufer 1,soon,5\n", csv(',')));
    let outcome = summarized(&folder, "title.csv", "");
    let line = orders().len() + 4;
    assert!(outcome.stdout.contains(&format!("title.csv line {line}")), "{}", outcome.stdout);
}

/// A sheet that openpyxl 3.1 wrote: a title, a blank row, the header in row 3, dates as dates, a row without amount, a total below; and a
/// second sheet.
#[test]
fn sheets_of_workbooks_are_read() {
    let folder = Folder::new();
    folder.write("orders.xlsx", include_bytes!("../data/orders.xlsx"));
    let known = "customer_id,frequency,recency,T,monetary_value,first_purchase,last_purchase,orders,total,unit,grain,observed_until\n";
    let outcome = summarized(&folder, "orders.xlsx", "--unit day");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let summary = folder.read("summary.csv");
    assert!(summary.starts_with(known), "{summary}");
    let rows: Vec<&str> = summary.lines().skip(1).collect();
    // Worked out by hand from the sheet.
    assert_eq!(
        rows,
        [
            "1001,1,31,60,20.5,2024-01-01,2024-02-01,2,30.75,day,day,2024-03-01",
            "1002,0,0,0,0,2024-03-01,2024-03-01,1,1234.5,day,day,2024-03-01",
        ]
    );
    let json = outcome.json();
    assert!(told(&outcome).contains("the sheet is `Orders`, the first of 2"), "{}", told(&outcome));
    assert_eq!(
        (&json["orders"]["rows"], &json["orders"]["left_out"]["no_date"]["rows"]),
        (&Value::from(5), &Value::from(1)),
        "{json}"
    );
    let other = summarized(&folder, "orders.xlsx", "--unit day --sheet Returns");
    assert_eq!(other.code, 0, "{}", other.stderr);
    assert_eq!(folder.read("summary.csv").lines().count(), 2);
    let none = summarized(&folder, "orders.xlsx", "--sheet Nothing");
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("the workbook has `Orders`, `Returns`"), "{}", none.stderr);
    folder.write("orders.csv", csv(','));
    let none = summarized(&folder, "orders.csv", "--sheet Orders");
    assert!(none.code == 2 && none.stderr.contains("this is none"), "{}", none.stderr);
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    let deflated = SimpleFileOptions::default();
    let text = csv(',');
    let folder = Folder::new();
    let says = |name: &str, content: &[u8], options: &str, part: &str| {
        folder.write(name, content);
        let outcome = summarized(&folder, name, options);
        assert!(outcome.code == 1 || outcome.code == 2, "{name}: {}", outcome.code);
        assert!(outcome.stderr.contains(part), "{name}: {}", outcome.stderr);
    };
    let two = archive(&[("a.csv", text.as_bytes()), ("b.csv", text.as_bytes())], deflated);
    says("two.zip", &two, "", "a zip archive with 2 files");
    says("none.zip", &archive(&[("a/", b"")], deflated), "", "without a file");
    says("cut.zip", &two[..two.len() - 30], "", "zip archive");
    says("cut.csv.gz", &gzip(text.as_bytes())[..300], "", "cut short");
    says("rest.csv.gz", &[gzip(text.as_bytes()), b"rest".to_vec()].concat(), "", "rest.csv.gz");
    says("half.csv", &[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00], "", "its bytes are no utf-16le text");
    says("orders.csv", text.as_bytes(), "--encoding klingon", "which is none");
    says("bad.jsonl", b"{\"customer\": 1}\n{\"customer\": \n", "", "no record of JSON");
    says("book.xls", b"\xd0\xcf\x11\xe0 and no workbook", "", "a workbook that cannot be read");
    // A row with more cells than the header is no header.
    says("ragged.csv", b"customer\na,2023-01-01,5\nb,2023-01-02,6\n", "", "which columns are the customer");
}

/// Exports in other languages: one question names all that is missing, and the command in it reads them.
#[test]
fn names_that_are_not_known_are_answered_by_one_command() {
    for header in [
        "Kundennr;Bestelldatum;Betrag",
        "Bestell-Nr.;Rechnungsdatum;Kunden-Nr.;Gesamtsumme",
        "N° client;Date de commande;Montant total TTC",
        "Cliente;Fecha de pedido;Importe total",
        "Klantnummer;Besteldatum;Totaalbedrag",
        "Data ordine;ID cliente;Totale ordine",
        "Código do cliente;Data do pedido;Valor total",
        "custmer_ref;order date (local);amnt_total",
        "Konto;date;amount",
        "customer_id;Umsatz;date",
    ] {
        let roles: Vec<&str> = header
            .split(';')
            .map(|name| match name.to_lowercase() {
                name if ["kunde", "client", "klant", "cust", "konto"].iter().any(|part| name.contains(part)) => "c",
                name if ["dat", "fecha"].iter().any(|part| name.contains(part)) => "d",
                name if name.starts_with("bestell-") => "n",
                _ => "a",
            })
            .collect();
        let row = |customer: &str, date: &str, amount: &str| {
            let cell = |role: &&str| match *role {
                "c" => customer.to_owned(),
                "d" => date.to_owned(),
                "a" => amount.to_owned(),
                _ => "17".to_owned(),
            };
            roles.iter().map(cell).collect::<Vec<_>>().join(";")
        };
        let rows =
            [row("k1", "2024-01-05", "10.50"), row("k1", "2024-02-05", "20.25"), row("k2", "2024-01-06", "7.75")];
        let folder = Folder::new();
        folder.write("orders.csv", format!("{header}\n{}\n", rows.join("\n")));
        let outcome = summarized(&folder, "orders.csv", "");
        assert_eq!(outcome.code, 1, "{header}: {}", outcome.stderr);
        let error: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let message = error["error"]["message"].as_str().unwrap().to_owned();
        let (_, command) =
            message.split_once("By the names it may be ").unwrap_or_else(|| panic!("{header}: {message}"));
        let command = command.split("; there are").next().unwrap().split(", or take").next().unwrap();
        let mut arguments: Vec<String> =
            "summarize orders.csv -o summary.csv --json".split(' ').map(str::to_owned).collect();
        arguments.extend(words(command));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome = folder.clv_with(&arguments, b"");
        assert_eq!(outcome.code, 0, "{header}: {command}: {}", outcome.stderr);
        let records = Records::new(&folder.read("summary.csv"));
        assert_eq!((records.rows.len(), records.sum("total")), (2, 38.5), "{header}: {command}");
    }
}
