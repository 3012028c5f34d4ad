//! `clv describe`: what orders say of customers without a model, and beside one.

mod args;
mod description;
mod groups_text;
mod json;
mod order_costs;
mod text;

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::Ending;
use super::shared::files::names;
use super::shared::load::log_or_summary;
use super::shared::tables_folder::{check_folder, stage_tables};
use super::text::console::Console;
use super::text::words;
use crate::error::Result;
use crate::report::{DataTable, describe_tables};
use crate::tables::{Staged, TableWriter};
pub(super) use args::DescribeArgs;
use description::Found;
use json::Described;

/// Cohorts and groups that are shown.
const ROWS: usize = 24;

pub(super) fn describe(args: &DescribeArgs, console: &mut Console) -> Result<Ending> {
    check_folder(args.tables.as_deref(), &args.output.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let asked = args.asked(console)?;
    let (mut loaded, log) = log_or_summary(&asked.inputs, &args.orders, &args.columns(), asked.purpose, console)?;
    if log.is_none() {
        args.refuse_what_needs_orders()?;
        let order = loaded.summary.customers.ascending();
        loaded.summary = loaded.summary.select(&order);
    }
    if asked.predictor.as_ref().is_some_and(|predictor| predictor.spend.is_some()) {
        loaded.check_spend()?;
    }
    if let Some(model) = &asked.model {
        let beyond = model.beyond_observation(&loaded.summary, &asked.horizons)?;
        beyond.into_iter().chain(asked.discount.caution()).for_each(|caution| console.warn(caution));
    }
    let found = Found::new(args, &asked, &loaded.summary, log, console)?;
    let described = Described {
        summary: &loaded.summary,
        asked: &asked,
        found: &found,
        of_orders: loaded.orders.is_some(),
        by: args.by.as_deref(),
    };
    let tables = describe_tables(&found.description);
    let files = write(args, &described, &tables, console.raw_text)?;
    described.say(&tables, console)?;
    if !files.is_empty() {
        let mut written: Vec<String> = args.output.iter().map(|path| path.display().to_string()).collect();
        written.extend(args.tables.iter().map(|folder| format!("{} tables to {}", tables.len(), folder.display())));
        console.say(format!("\nWrote {}", written.join(" and ")))?;
    }
    let mut results = words::loaded_json(&loaded);
    results["describe"] = described.json();
    let tables = tables.iter().map(|table| (table.name.replace('-', "_"), table.records()));
    results["tables"] = Value::Object(tables.collect::<Map<String, Value>>());
    results["files"] = names(&files);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Writes what is asked for, all of it or nothing, and returns the names.
fn write(args: &DescribeArgs, described: &Described<'_>, tables: &[DataTable], raw_text: bool) -> Result<Vec<PathBuf>> {
    let mut staged: Vec<Staged> = Vec::new();
    let mut files: Vec<PathBuf> = args.output.iter().cloned().collect();
    if let Some(path) = &args.output {
        let mut rows = TableWriter::create(path)?.with_raw_text(raw_text);
        described.customers().table().write(&mut rows)?;
        staged.push(rows.finish()?);
    }
    if let Some(folder) = &args.tables {
        let tables: Vec<&DataTable> = tables.iter().collect();
        for (name, file) in stage_tables(folder, &tables)? {
            files.push(name);
            staged.push(file);
        }
    }
    described.asked.outputs.commit(staged)?;
    Ok(files)
}
