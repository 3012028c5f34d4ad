//! A table with a row for each customer: what is known of them besides their purchases.

use rustc_hash::FxHashMap;

use crate::covariates::{FIRST_FACTS, LOG_FREQUENCY};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Attribute, Summary, whole_number};
use crate::tables::customer_names::customer_columns;
use crate::tables::{Batch, TableReader};

/// What a table says of customers.
#[derive(Debug)]
pub struct CustomerTable {
    name: String,
    columns: Vec<String>,
    /// Of each customer the row.
    rows: FxHashMap<Box<str>, u32>,
    /// What is said in each column, row by row.
    said: Vec<Vec<Option<String>>>,
}

/// How a table and the customers of a summary met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Customers without a row.
    pub without: u64,
    /// One of them.
    pub example: Option<String>,
    /// Rows of customers who are not in the summary.
    pub unused: u64,
}

/// Columns that are wanted, by where they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnOrigins {
    /// Those of the table of customers.
    pub of_table: Vec<String>,
    /// Those that orders, or a summary, have.
    pub of_orders: Vec<String>,
}

impl ColumnOrigins {
    /// Where covariates of these names come from: those that the table has from there, facts of the first order from nowhere, the others
    /// from the orders.
    ///
    /// # Errors
    /// [`Error::usage`] if a table is given and nothing of it is wanted.
    pub fn new(table: Option<&TableReader>, wanted: &[String]) -> Result<Self> {
        let is_of_table = |name: &&String| table.is_some_and(|table| table.header().contains(name));
        let (of_table, others): (Vec<&String>, Vec<&String>) = wanted.iter().partition(is_of_table);
        if let Some(table) = table.filter(|_| of_table.is_empty()) {
            return Err(Error::usage(say![
                opt("customer_table"),
                format!(
                    " has no column that is wanted: {} has {}; name those that are covariates",
                    table.name(),
                    table.header().join(", ")
                )
            ]));
        }
        let is_fact = |name: &&String| FIRST_FACTS.contains(&name.as_str()) || *name == LOG_FREQUENCY;
        let of_orders = others.into_iter().filter(|name| !is_fact(name)).cloned().collect();
        Ok(Self { of_table: of_table.into_iter().cloned().collect(), of_orders })
    }
}

impl CustomerTable {
    /// Reads these columns. The customer is in the column of this name, or in the only one that is named like one.
    ///
    /// # Errors
    /// [`Error::data`] if a column is missing, or two rows say different things of one customer; a question if it is not plain which
    /// column has the customer.
    pub fn read(table: &mut TableReader, customer: Option<&str>, columns: &[String]) -> Result<Self> {
        let mut wanted = vec![customer_column(table, customer)?];
        for name in columns {
            wanted.push(table.column(name)?);
        }
        let mut read = Self {
            name: table.name().to_owned(),
            columns: columns.to_vec(),
            rows: FxHashMap::default(),
            said: vec![Vec::new(); columns.len()],
        };
        while let Some(batch) = table.next_batch(&wanted, false)? {
            if let Some(ragged) = batch.ragged.first() {
                let place = table.place(ragged.place);
                let message = format!("{} fields, and the header has {}", ragged.fields, table.header().len());
                return Err(Error::data(message).at(place));
            }
            for row in 0..batch.places.len() {
                read.add(&batch, row, table)?;
            }
        }
        Ok(read)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns that were read.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What it says of its customers, row by row.
    pub fn attributes(&self) -> Vec<Attribute> {
        self.columns.iter().zip(&self.said).map(|(name, said)| Attribute::new(name.clone(), said)).collect()
    }

    fn add(&mut self, batch: &Batch, row: usize, table: &TableReader) -> Result<()> {
        let place = || table.place(batch.places[row]);
        let Some(id) = batch.columns[0].text(row).map(|id| canonical(&id).to_owned()).filter(|id| !id.is_empty())
        else {
            return Err(Error::data("a row without a customer").at(place()));
        };
        let said = |column: usize| {
            let text = batch.columns[column + 1].text(row);
            text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        if let Some(&known) = self.rows.get(&*id) {
            let differs = (0..self.columns.len()).find(|&column| self.said[column][known as usize] != said(column));
            return match differs {
                Some(column) => Err(Error::data(format!(
                    "customer `{id}` stands twice, and `{}` differs; give one row a customer",
                    self.columns[column]
                ))
                .at(place().in_column(&*self.columns[column]))),
                None => Ok(()),
            };
        }
        self.rows.insert(id.into(), self.said.first().map_or(self.rows.len(), Vec::len) as u32);
        for (column, cells) in self.said.iter_mut().enumerate() {
            cells.push(said(column));
        }
        Ok(())
    }

    /// Adds the columns to the customers of a summary, by their ids; of customers without a row nothing is said.
    ///
    /// # Errors
    /// [`Error::data`] if no customer has a row; [`Error::usage`] if rows stand for several customers.
    pub fn join(&self, summary: &mut Summary) -> Result<Joined> {
        summary.check_unweighted("a table of customers")?;
        let mut joined = Joined::default();
        let mut used = vec![false; self.rows.len()];
        let row_of = |customer: usize| {
            let id = summary.customers.text(customer);
            let row = self.rows.get(canonical(&id)).copied();
            match row {
                Some(row) => used[row as usize] = true,
                None => {
                    joined.without += 1;
                    joined.example.get_or_insert_with(|| id.into_owned());
                }
            }
            row
        };
        let rows: Vec<Option<u32>> = (0..summary.len()).map(row_of).collect();
        joined.unused = used.iter().filter(|used| !**used).count() as u64;
        if joined.without == summary.len() as u64 && !summary.is_empty() {
            return Err(Error::data(say![
                format!(
                    "{}: none of the customers has a row there, for instance `{}`. Name the column with the customer's id with ",
                    self.name,
                    joined.example.unwrap_or_default()
                ),
                opt("customer")
            ]));
        }
        for (name, said) in self.columns.iter().zip(&self.said) {
            let texts: Vec<Option<String>> = rows.iter().map(|row| said[(*row)? as usize].clone()).collect();
            summary.attributes.retain(|attribute| attribute.name != *name);
            summary.attributes.push(Attribute::new(name.clone(), &texts));
        }
        Ok(joined)
    }
}

/// Ids with nothing but zeros after a decimal point are whole numbers, as in orders.
fn canonical(id: &str) -> &str {
    let id = id.trim();
    whole_number(id).unwrap_or(id)
}

fn customer_column(table: &TableReader, given: Option<&str>) -> Result<usize> {
    if let Some(given) = given.filter(|given| table.header().iter().any(|name| name == given)) {
        return table.column(given);
    }
    let header = table.header();
    let found = customer_columns(header);
    match found[..] {
        [column] => Ok(column),
        [] => Err(Error::data(say![
            format!(
                "{}: no column is named like one with customers; it has {}. Name it with ",
                table.name(),
                header.join(", ")
            ),
            opt("customer")
        ])),
        _ => {
            let names: Vec<&str> = found.iter().map(|&i| &*header[i]).collect();
            let text = format!("{}: which column has the customer, {}?", table.name(), names.join(" or "));
            Err(Error::question(text, names.iter().map(|name| opt("customer").with(*name))))
        }
    }
}
