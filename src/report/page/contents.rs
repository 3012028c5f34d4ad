//! The page: one file of HTML that needs nothing else.

use crate::message::Message;
use crate::report::{Chart, DataTable, TableView};

/// What people read: a verdict, key figures, and sections of words, charts and tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// What is to be thought of it, first of all.
    pub verdicts: Vec<Verdict>,
    /// Key figures.
    pub facts: Vec<Fact>,
    /// Names of the horizons among which the page switches; with fewer than two there is no switch.
    pub horizons: Vec<String>,
    /// The horizon that is shown at first, by its place.
    pub selected: usize,
    /// The sections.
    pub sections: Vec<Section>,
    /// What stands at the end.
    pub footer: String,
}

/// What is to be thought of something.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How good it is.
    pub level: Level,
    /// In a few words.
    pub headline: String,
    /// In a few sentences.
    pub text: Message,
}

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// To be trusted.
    Good,
    /// To be read with care.
    Caution,
    /// Not to be trusted.
    Bad,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// How much.
    pub value: String,
    /// What else belongs to it, an interval, say.
    pub note: String,
    /// The horizon, by its place, to which it belongs: shown only with it.
    pub horizon: Option<usize>,
}

/// A section.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its name in addresses, in lower case with dashes; no two may have the same.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Paragraphs.
    pub words: Vec<Message>,
    /// What follows them.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A chart, as wide as the page.
    Chart(Chart),
    /// Two charts, side by side where there is room.
    Pair(Chart, Chart),
    /// A table.
    Table(TableView),
    /// A remark that should not be missed.
    Note {
        /// How good it is.
        level: Level,
        /// The remark.
        text: Message,
    },
    /// A paragraph between others.
    Words(String),
    /// A list.
    Points(Vec<Message>),
}

impl Page {
    /// Everything its charts and tables show, each table once.
    pub fn tables(&self) -> Vec<&DataTable> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        let tables = blocks.flat_map(|block| match block {
            Block::Chart(chart) => vec![&chart.data],
            Block::Pair(left, right) => vec![&left.data, &right.data],
            Block::Table(table) => vec![&table.data],
            Block::Note { .. } | Block::Words(_) | Block::Points(_) => Vec::new(),
        });
        let mut names = std::collections::BTreeSet::new();
        tables.filter(|table| names.insert(&*table.name)).collect()
    }
}

impl Level {
    /// Its name for machines, and in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Caution => "caution",
            Self::Bad => "bad",
        }
    }

    /// What stands beside the colour for those who do not see it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Caution => "Caution",
            Self::Bad => "Not good",
        }
    }
}
