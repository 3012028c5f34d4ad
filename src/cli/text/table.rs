//! Tables on a terminal: columns as wide as what they hold on the screen, and no line wider than the terminal.

use unicode_width::UnicodeWidthStr;

use crate::report::{Align, TableView};

/// Between two columns.
const GAP: &str = "  ";
/// Where there is no number.
const NOTHING: &str = "-";
/// Most lines of a heading.
const TALLEST_HEADING: usize = 3;
/// Texts are at most so wide.
const WIDEST_TEXT: usize = 46;
/// What heads rows may be cut to so much where there is no room for all columns.
const NARROWEST_LABEL: usize = 30;

/// The width of the terminal: that in the variable `COLUMNS`, or that of the window, or 80.
pub(crate) fn terminal_width() -> usize {
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let window = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    given.filter(|&columns: &usize| columns > 0).or_else(window).unwrap_or(80)
}

/// A column, ready to be laid out.
struct Column {
    heading: String,
    /// The heading in lines, of which the last stands right above the cells.
    lines: Vec<String>,
    cells: Vec<String>,
    align: Align,
    width: usize,
}

/// The table in lines that are at most `width` wide, without its caption. Headings take as few lines as they need for all columns to
/// find room; those that find none stand below the others, with the first column again.
pub(crate) fn lines(view: &TableView, width: usize) -> Vec<String> {
    let mut columns: Vec<Column> = (0..view.columns.len()).map(|i| Column::of(view, i)).collect();
    let fits = |columns: &[Column]| line_width(columns) <= width;
    let tallest = (1..=TALLEST_HEADING).find(|&height| {
        columns.iter_mut().for_each(|column| column.set_heading(height));
        fits(&columns)
    });
    if tallest.is_none() {
        let others = line_width(&columns) - columns.first().map_or(0, |labels| labels.width);
        if let Some(labels) = columns.first_mut() {
            labels.clip(width.saturating_sub(others).max(NARROWEST_LABEL));
        }
    }
    let Some((labels, others)) = columns.split_first() else { return Vec::new() };
    let mut lines = Vec::new();
    // As many blocks as are needed, and none much narrower than the others.
    let needed = blocks(labels, others, width).len();
    let even = (0..width).find(|&narrower| blocks(labels, others, narrower).len() <= needed).unwrap_or(width);
    for (i, block) in blocks(labels, others, even).into_iter().enumerate() {
        if i > 0 {
            lines.push(String::new());
        }
        let block: Vec<&Column> = std::iter::once(labels).chain(block).collect();
        let height = block.iter().map(|column| column.lines.len()).max().unwrap_or_default();
        let heading = |line: usize| line_of(&block, |column| column.heading_line(height, line));
        lines.extend((0..height).map(heading).filter(|line| !line.is_empty()));
        lines.extend((0..view.data.len()).map(|row| line_of(&block, |column| &column.cells[row])));
    }
    lines
}

fn line_width(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.width).sum::<usize>() + GAP.len() * columns.len().saturating_sub(1)
}

/// The columns that stand side by side, as many as there is room for.
fn blocks<'a>(labels: &Column, others: &'a [Column], width: usize) -> Vec<Vec<&'a Column>> {
    let mut blocks: Vec<Vec<&Column>> = vec![Vec::new()];
    let mut taken = labels.width;
    for column in others {
        let more = GAP.len() + column.width;
        if taken + more > width && blocks.last().is_some_and(|block| !block.is_empty()) {
            blocks.push(Vec::new());
            taken = labels.width;
        }
        taken += more;
        blocks.last_mut().expect("there is one").push(column);
    }
    blocks
}

fn line_of<'a>(block: &[&'a Column], text: impl Fn(&'a Column) -> &'a str) -> String {
    let cells: Vec<String> = block.iter().map(|&column| padded(text(column), column.width, column.align)).collect();
    cells.join(GAP).trim_end().to_owned()
}

impl Column {
    fn of(view: &TableView, i: usize) -> Self {
        let column = &view.columns[i];
        let cell = |row: usize| view.cell(column, row).map_or_else(|| NOTHING.to_owned(), |text| plain(&text));
        let cells: Vec<String> = (0..view.data.len()).map(cell).collect();
        let mut laid_out =
            Self { heading: plain(&column.heading), lines: Vec::new(), cells, align: column.align, width: 0 };
        laid_out.clip(WIDEST_TEXT);
        laid_out
    }

    /// Cuts texts to so much; numbers are never cut.
    fn clip(&mut self, widest: usize) {
        if self.align == Align::Left {
            self.cells.iter_mut().for_each(|cell| *cell = clipped(cell, widest));
        }
        self.set_heading(self.lines.len().max(1));
    }

    /// The heading in at most so many lines, as narrow as they can be.
    fn set_heading(&mut self, height: usize) {
        let widest = self.cells.iter().map(|cell| display_width(cell)).max().unwrap_or_default();
        let room = (widest..).find(|&room| in_lines(&self.heading, room).len() <= height).unwrap_or(widest);
        self.lines = in_lines(&self.heading, room);
        self.width = self.lines.iter().map(|line| display_width(line)).max().unwrap_or_default().max(widest);
    }

    /// A line of the heading, whose last one stands in the last of `height` lines.
    fn heading_line(&self, height: usize, line: usize) -> &str {
        (line + self.lines.len()).checked_sub(height).map_or("", |own| &self.lines[own])
    }
}

/// How many columns of a screen the text takes: two for a wide letter or an emoji, none for an accent that goes on the letter before.
pub(crate) fn display_width(text: &str) -> usize {
    text.width()
}

/// The text with blanks up to a width.
fn padded(text: &str, width: usize, align: Align) -> String {
    let blanks = " ".repeat(width.saturating_sub(display_width(text)));
    match align {
        Align::Left => format!("{text}{blanks}"),
        Align::Right => format!("{blanks}{text}"),
    }
}

/// A text that takes at most so many columns, with three dots if there was more of it.
fn clipped(text: &str, widest: usize) -> String {
    if display_width(text) <= widest {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if display_width(&kept) > widest - 3 {
            kept.pop();
            break;
        }
    }
    kept + "..."
}

/// What no terminal should be told to do is a blank.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A heading in lines that are at most so wide, as far as its words are.
fn in_lines(heading: &str, widest: usize) -> Vec<String> {
    let words: Vec<&str> = heading.split(' ').collect();
    let room = words.iter().map(|word| display_width(word)).max().unwrap_or_default().max(widest);
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if display_width(line) + 1 + display_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{display_width, lines};
    use crate::report::{DataTable, Format, TableView};

    fn shown(view: &TableView, width: usize) -> String {
        lines(view, width).join("\n")
    }

    #[test]
    fn columns_are_as_wide_as_the_screen_shows_them() {
        let names = ["Köln", "日本の店", "e\u{301}te\u{301}", "👩‍👩‍👧", "-"];
        let data = DataTable::new("t", "T").text("shop", names).real("value", [1234.5, 2.0, 3.0, 4.0, f64::NAN]);
        let view = TableView::new("T", data).column("shop", "shop", Format::Plain).column(
            "value",
            "value so far",
            Format::Number(1),
        );
        assert_eq!(
            shown(&view, 17),
            "            value\nshop       so far\nKöln      1,234.5\n日本の店      2.0\ne\u{301}te\u{301}           3.0\n👩‍👩‍👧            4.0\n-               -"
        );
        for line in lines(&view, 17).iter().skip(1) {
            assert_eq!(display_width(line), 17, "{line}");
        }
        // Where there is room, a heading takes one line.
        assert_eq!(lines(&view, 22)[0], "shop      value so far");
    }

    #[test]
    fn what_finds_no_room_stands_below_with_the_labels_again() {
        let data = DataTable::new("t", "T").text("who", ["a", "b"]).whole("one", [1, 2]).whole("two", [30, 40]);
        let view = TableView::plain("T", data);
        assert_eq!(shown(&view, 13), "who  one  two\na      1   30\nb      2   40");
        assert_eq!(shown(&view, 12), "who  one\na      1\nb      2\n\nwho  two\na     30\nb     40");
        // A terminal that is narrower than a column has it all the same.
        assert_eq!(shown(&view, 1), shown(&view, 8));
    }

    #[test]
    fn no_column_is_left_alone() {
        let data = DataTable::new("t", "T").text("who", ["a"]).whole("one", [1]).whole("two", [2]);
        let view = TableView::plain("T", data.whole("tri", [3]).whole("for", [4]));
        assert_eq!(shown(&view, 20), "who  one  two\na      1    2\n\nwho  tri  for\na      3    4");
    }

    #[test]
    fn long_names_are_clipped_and_commands_to_the_terminal_are_not_passed_on() {
        let names = ["x".repeat(50), "日".repeat(50), "\u{1b}[31mred\nline".to_owned()];
        let data = DataTable::new("t", "T").text("who", names);
        let view = TableView::plain("T", data);
        let lines = lines(&view, 80);
        assert_eq!(lines[1], format!("{}...", "x".repeat(43)));
        assert_eq!(lines[2], format!("{}...", "日".repeat(21)));
        assert_eq!(lines[3], " [31mred line");
    }

    #[test]
    fn labels_make_room_for_numbers_as_far_as_they_can_be_told_apart() {
        let data = DataTable::new("t", "T").text("who", ["x".repeat(40)]).whole("a count", [123_456_789]);
        let view = TableView::plain("T", data);
        // 40, a gap of 2, and 11.
        let whole = format!("{}  123,456,789", "x".repeat(40));
        assert_eq!(lines(&view, 53)[1], whole);
        assert_eq!(lines(&view, 50)[1], format!("{}...  123,456,789", "x".repeat(34)));
        assert_eq!(lines(&view, 10)[1], format!("{}...  123,456,789", "x".repeat(27)));
    }
}
