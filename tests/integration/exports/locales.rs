//! How amounts are written in eight countries.

#[derive(Clone, Copy, Debug)]
pub struct Locale {
    pub name: &'static str,
    thousands: &'static str,
    mark: &'static str,
    /// Two digits at a time after the first three.
    indian: bool,
    before: &'static str,
    after: &'static str,
    minus: Minus,
    pub delimiter: char,
    /// Whether amounts have no cents.
    pub whole: bool,
}

#[derive(Clone, Copy, Debug)]
enum Minus {
    Before,
    After,
    BesideDigits,
    Parentheses,
    Credit,
    Mathematical,
}

const fn locale(name: &'static str, thousands: &'static str, mark: &'static str) -> Locale {
    Locale {
        name,
        thousands,
        mark,
        indian: false,
        before: "",
        after: "",
        minus: Minus::Before,
        delimiter: ',',
        whole: false,
    }
}

pub const LOCALES: [Locale; 8] = [
    Locale { before: "$", minus: Minus::Parentheses, ..locale("en-US", ",", ".") },
    Locale { after: " €", delimiter: ';', minus: Minus::After, ..locale("de-DE", ".", ",") },
    Locale { after: "\u{a0}€", delimiter: ';', minus: Minus::Mathematical, ..locale("fr-FR", "\u{202f}", ",") },
    Locale { after: " kr", delimiter: ';', ..locale("sv-SE", "\u{a0}", ",") },
    Locale { before: "CHF ", minus: Minus::BesideDigits, ..locale("de-CH", "’", ".") },
    Locale { before: "Rs. ", indian: true, minus: Minus::Credit, ..locale("en-IN", ",", ".") },
    Locale { before: "R$ ", delimiter: ';', minus: Minus::BesideDigits, ..locale("pt-BR", ".", ",") },
    Locale { before: "$", delimiter: ';', minus: Minus::BesideDigits, whole: true, ..locale("es-CL", ".", ",") },
];

impl Locale {
    /// Cents as money.
    pub fn money(&self, cents: i64) -> String {
        let digits = self.grouped(cents.abs() / 100);
        let fraction = if self.whole { String::new() } else { format!("{}{:02}", self.mark, cents.abs() % 100) };
        let number = format!("{digits}{fraction}");
        let Self { before, after, .. } = self;
        if cents >= 0 {
            return format!("{before}{number}{after}");
        }
        match self.minus {
            Minus::Before => format!("-{before}{number}{after}"),
            Minus::After => format!("{before}{number}-{after}"),
            Minus::BesideDigits => format!("{before}-{number}{after}"),
            Minus::Parentheses => format!("({before}{number}{after})"),
            Minus::Credit => format!("{before}{number}{after} CR"),
            Minus::Mathematical => format!("−{before}{number}{after}"),
        }
    }

    /// The same with another character between fields.
    pub fn delimited(&self, delimiter: char) -> Self {
        Self { delimiter, ..*self }
    }

    /// The same without a currency beside amounts.
    pub fn plain(&self) -> Self {
        Self { before: "", after: "", ..*self }
    }

    fn grouped(&self, whole: i64) -> String {
        let digits = whole.to_string();
        let (mut groups, mut end, mut size) = (Vec::new(), digits.len(), 3);
        while end > 0 {
            let start = end.saturating_sub(size);
            groups.push(&digits[start..end]);
            end = start;
            size = if self.indian { 2 } else { 3 };
        }
        groups.reverse();
        groups.join(self.thousands)
    }

    /// A row, with quotes where the delimiter stands in a cell.
    pub fn row(&self, cells: &[String]) -> String {
        let quoted = |cell: &String| match cell.contains(self.delimiter) {
            true => format!("\"{cell}\""),
            false => cell.clone(),
        };
        cells.iter().map(quoted).collect::<Vec<_>>().join(&self.delimiter.to_string()) + "\n"
    }
}
