//! The rows of one table of counts.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::columns::{AGE, FREQUENCY, MONETARY_VALUE, RECENCY, WEIGHTS};
use crate::error::{Error, Result};
use crate::summary::{Attribute, CustomerIds, MOST_PURCHASES, Summary};
use crate::tables::{Batch, Cells, Table, TableColumn, TableReader, hex};
use crate::task::{phase, step};

/// Hexadecimal digits of a checksum.
const DIGITS: usize = 32;

/// A checksum of all cells, with the names of the columns.
pub(super) fn checksum(table: &Table<'_>) -> String {
    let mut hash = Sha256::new();
    let text = |hash: &mut Sha256, text: Option<&str>| {
        hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default());
    };
    for (name, column) in &table.columns {
        text(&mut hash, Some(name));
        match column {
            TableColumn::Count(cells) => cells.iter().for_each(|cell| hash.update(cell.to_le_bytes())),
            TableColumn::Real(cells) => cells.iter().for_each(|cell| hash.update(cell.to_le_bytes())),
            TableColumn::Attribute(cells) => (0..cells.of.len()).for_each(|row| text(&mut hash, cells.text(row))),
            other => (0..other.len()).for_each(|row| text(&mut hash, Some(&other.cell(row)))),
        }
    }
    let mut digits = hex(&hash.finalize());
    digits.truncate(DIGITS);
    digits
}

/// Reads the rows of a table into a summary without any.
pub(super) fn read_rows(part: &str, table: &mut TableReader, empty: Summary, told_apart: &[String]) -> Result<Summary> {
    let has = |wanted: bool, name: &'static str| wanted.then_some(name);
    let names = [
        Some(FREQUENCY.name),
        Some(WEIGHTS.name),
        has(part != "spend", RECENCY.name),
        has(part != "spend", AGE.name),
        has(part != "timing", MONETARY_VALUE.name),
    ];
    let names: Vec<&str> = names.into_iter().flatten().chain(told_apart.iter().map(String::as_str)).collect();
    let columns = names.iter().map(|name| table.column(name)).collect::<Result<Vec<usize>>>()?;
    let place = |name: &str| names.iter().position(|known| *known == name);
    let mut summary = empty;
    let mut weights: Vec<f64> = Vec::new();
    let mut texts: Vec<Vec<Option<String>>> = vec![Vec::new(); told_apart.len()];
    let name = table.name().to_owned();
    phase("customers read", 0);
    while let Some(block) = table.next_block()? {
        let batch = block.batch(&columns, false)?;
        let rows = batch.places.len();
        step(rows as u64);
        let reals = |column: &str| match place(column) {
            Some(place) => reals(&batch, place, column).map_err(|error| error.in_file(&name)),
            None => Ok(vec![0.0; rows]),
        };
        let counts = reals(FREQUENCY.name)?.into_iter().map(|x| {
            let whole = x.fract() == 0.0 && (0.0..=f64::from(MOST_PURCHASES)).contains(&x);
            whole.then_some(x as u32).ok_or_else(|| damaged(FREQUENCY.name).in_file(&name))
        });
        summary.frequency.extend(counts.collect::<Result<Vec<u32>>>()?);
        weights.extend(reals(WEIGHTS.name)?);
        summary.recency.extend(reals(RECENCY.name)?);
        summary.T.extend(reals(AGE.name)?);
        summary.monetary_value.extend(reals(MONETARY_VALUE.name)?);
        for (texts, cells) in texts.iter_mut().zip(&batch.columns[columns.len() - told_apart.len()..]) {
            texts.extend((0..rows).map(|row| cells.text(row).map(Cow::into_owned)));
        }
    }
    summary.customers = CustomerIds::Number((1..=weights.len() as i64).collect());
    summary.attributes = told_apart.iter().zip(texts).map(|(name, texts)| in_order(name, &texts)).collect();
    summary.weighted(&weights).map_err(|error| error.in_file(&name))
}

fn reals(batch: &Batch, column: usize, name: &str) -> Result<Vec<f64>> {
    let numbers: Option<Vec<f64>> = match &batch.columns[column] {
        Cells::Integer(cells) => cells.iter().map(|cell| cell.map(|number| number as f64)).collect(),
        Cells::Real(cells) => cells.iter().copied().collect(),
        _ => None,
    };
    numbers.ok_or_else(|| damaged(name))
}

fn damaged(column: &str) -> Error {
    Error::data(format!("column `{column}` of counts has something else than numbers in it. Count the summary again"))
        .in_column(column)
}

/// With its texts in their order, as they were counted.
fn in_order(name: &str, cells: &[Option<String>]) -> Attribute {
    let mut attribute = Attribute::new(name.to_owned(), cells);
    let mut order: Vec<u32> = (0..attribute.texts.len() as u32).collect();
    order.sort_by_key(|text| &attribute.texts[*text as usize]);
    let mut places = vec![0; order.len()];
    order.iter().zip(0..).for_each(|(&text, place)| places[text as usize] = place);
    let texts: Vec<Box<str>> = order.iter().map(|&text| attribute.texts[text as usize].clone()).collect();
    attribute.of.iter_mut().for_each(|text| *text = text.map(|text| places[text as usize]));
    attribute.texts = texts.into();
    attribute
}
