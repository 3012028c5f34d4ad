//! `clv describe`: what orders say of customers without a model, and beside one.

mod args;
mod groups_text;
mod text;

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::Ending;
use super::shared::covariate_args::join;
use super::shared::files::names;
use super::shared::load::{Reading, log_or_summary};
use super::shared::tables_folder::{check_folder, stage_tables};
use super::text::console::Console;
use super::text::words;
use crate::answers::{CAC, DescribedCustomers, MARGIN};
use crate::describe::{Description, OrderLogs, Question};
use crate::error::Result;
use crate::orders::read_costs;
use crate::report::{DataTable, describe_tables};
use crate::summary::{PurchaseLog, Summary};
use crate::tables::{Staged, TableWriter};
pub(super) use args::DescribeArgs;
use args::Task;
use text::Described;

pub(super) fn describe(args: &DescribeArgs, console: &mut Console) -> Result<Ending> {
    check_folder(args.tables.as_deref(), &args.output.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let mut task = args.task(console)?;
    let columns = task.columns.beside(args.columns());
    let customers = task.columns.take(&args.orders)?;
    let (mut loaded, log) = log_or_summary(&task.inputs, &args.orders, &columns, task.purpose, console)?;
    if let Some(customers) = &customers {
        join(customers, &mut loaded.summary, None, console)?;
    }
    if log.is_none() {
        args.refuse_what_needs_orders()?;
        let order = loaded.summary.customers.ascending();
        loaded.summary = loaded.summary.select(&order);
    }
    if task.predictor.as_ref().is_some_and(|predictor| predictor.spend.is_some()) {
        loaded.check_spend()?;
    }
    if let Some(model) = &task.model {
        let beyond = model.beyond_observation(&loaded.summary, &task.options.horizons)?;
        beyond.into_iter().chain(task.options.discount.caution()).for_each(|caution| console.warn(caution));
    }
    let description = description(args, &task, &loaded.summary, log, console)?;
    let tables = describe_tables(&description);
    let files = write(args, &task, &loaded.summary, &description, &tables, console.raw_text)?;
    Described { summary: &loaded.summary, description: &description, of_orders: loaded.orders.is_some() }
        .say(&tables, console)?;
    if !files.is_empty() {
        let mut written: Vec<String> = args.output.iter().map(|path| path.display().to_string()).collect();
        written.extend(args.tables.iter().map(|folder| format!("{} tables to {}", tables.len(), folder.display())));
        console.say(format!("\nWrote {}", written.join(" and ")))?;
    }
    let mut results = words::loaded_json(&loaded);
    results["describe"] = serde_json::to_value(description.sums(&loaded.summary)).expect("sums are JSON");
    let tables = tables.iter().map(|table| (table.name.replace('-', "_"), table.records()));
    results["tables"] = Value::Object(tables.collect::<Map<String, Value>>());
    results["files"] = names(&files);
    console.results(&results)?;
    Ok(Ending::Success)
}

/// Asks, with the orders if there are any, and warns of what is left out.
fn description(
    args: &DescribeArgs,
    task: &Task,
    summary: &Summary,
    log: Option<PurchaseLog>,
    console: &mut Console,
) -> Result<Description> {
    let decimal_comma = args.orders.decimal_comma();
    let question = Question {
        summary,
        options: &task.options,
        margin: args.margin.of(summary, &MARGIN, decimal_comma)?,
        cac: args.cac.as_ref().map(|cac| cac.of(summary, &CAC, decimal_comma)).transpose()?,
        predictor: task.predictor.as_ref(),
    };
    let description = match log {
        Some(mut orders) => {
            let mut goods = costs(args, task, "cogs", args.cogs.as_deref(), console)?;
            let mut serving = costs(args, task, "serving", args.serving.as_deref(), console)?;
            let (goods, serving) = (goods.as_mut(), serving.as_mut());
            question.answer(Some(&mut OrderLogs { orders: &mut orders, goods, serving }))?
        }
        None => question.answer(None)?,
    };
    description.cautions.iter().for_each(|caution| console.warn(caution));
    Ok(description)
}

/// Reads the costs of the orders from a column, if one is named.
fn costs(
    args: &DescribeArgs,
    task: &Task,
    option: &str,
    column: Option<&str>,
    console: &mut Console,
) -> Result<Option<PurchaseLog>> {
    let Some(column) = column else { return Ok(None) };
    let options = args.orders.options(&[])?;
    let reading = Reading::begin(&task.inputs, console);
    let costs = read_costs(reading.tables(0, &args.orders), &options, option, column)?;
    drop(reading);
    costs.missing.iter().try_for_each(|what| console.say(format!("  --{option}: {what}: no cost there")))?;
    Ok(Some(costs.log))
}

/// Writes what is asked for, all of it or nothing, and returns the names.
fn write(
    args: &DescribeArgs,
    task: &Task,
    summary: &Summary,
    description: &Description,
    tables: &[DataTable],
    raw_text: bool,
) -> Result<Vec<PathBuf>> {
    let mut staged: Vec<Staged> = Vec::new();
    let mut files: Vec<PathBuf> = args.output.iter().cloned().collect();
    if let Some(path) = &args.output {
        let mut rows = TableWriter::create(path)?.with_raw_text(raw_text);
        DescribedCustomers::new(summary, description).table().write(&mut rows)?;
        staged.push(rows.finish()?);
    }
    if let Some(folder) = &args.tables {
        let tables: Vec<&DataTable> = tables.iter().collect();
        for (name, file) in stage_tables(folder, &tables)? {
            files.push(name);
            staged.push(file);
        }
    }
    task.outputs.commit(staged)?;
    Ok(files)
}
