//! `clv reproduce`: the published results beside this program's.

use clap::Args;
use serde_json::{Value, json};

use super::Ending;
use super::shared::files::check_reading;
use super::text::console::Console;
use crate::error::Result;
use crate::evaluate::{Figure, reproduce as recompute};
use crate::orders::{OrderOptions, Returns, read_orders};
use crate::report::{Align, DataTable, Format, TableView};
use crate::tables::{BytesRead, Input, expand};

/// Recompute the published results and show both
///
/// BG/NBD, Pareto/NBD and their relatives on the 1/10 sample of CDNOW, calibration to 1997-09-30, holdout to 1998-06-30; the
/// value of the whole cohort on all 78 weeks; BG/BB on donations; sBG on renewals. Exit code 1 if a figure does not
/// agree with what is published.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  clv reproduce
  clv reproduce --json | jq '.[] | select(.agrees | not)'")]
pub(super) struct ReproduceArgs {
    /// Orders of the CDNOW sample [default: those that come with the program]
    #[arg(value_name = "ORDERS")]
    orders: Option<String>,
}

const SAMPLE: Input = Input::Embedded {
    name: "the CDNOW sample",
    bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow/orders-sample.csv")),
};

const COHORT: Input = Input::Embedded {
    name: "the CDNOW cohort",
    bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow/orders.csv")),
};

pub(super) fn reproduce(args: &ReproduceArgs, console: &mut Console) -> Result<Ending> {
    let inputs = match &args.orders {
        Some(path) => expand(std::slice::from_ref(path))?,
        None => vec![SAMPLE],
    };
    check_reading(&inputs)?;
    let options = OrderOptions { returns: Returns::Error, strict: true, ..OrderOptions::default() };
    let read = |inputs: &[Input]| read_orders(inputs, &options, &BytesRead::default()).map(|(log, _)| log);
    let figures = recompute(&mut read(&inputs)?, &mut read(&[COHORT])?)?;
    table(&figures, console)?;
    console.results(&Value::Array(figures.iter().map(figure_json).collect()))?;
    Ok(if figures.iter().all(Figure::agrees) { Ending::Success } else { Ending::Failure })
}

fn table(figures: &[Figure], console: &mut Console) -> Result<()> {
    for of_source in figures.chunk_by(|a, b| a.source == b.source) {
        let status = |figure: &Figure| format!("{}{}", figure.status, if figure.agrees() { "" } else { "  DIFFERS" });
        let data = DataTable::new("figures", "")
            .text("what", of_source.iter().map(|figure| figure.what.to_string()))
            .text("known", of_source.iter().map(|figure| format!("{:.*}", figure.decimals, figure.published)))
            // Two digits more than are printed show how near it is.
            .text("ours", of_source.iter().map(|figure| format!("{:.*}", figure.decimals + 2, figure.ours)))
            .text("difference", of_source.iter().map(|figure| format!("{:.1e}", figure.ours - figure.published)))
            .text("status", of_source.iter().map(status));
        let view = ["known", "ours", "difference"]
            .iter()
            .fold(TableView::new(of_source[0].source, data).column("what", "", Format::Plain), |view, name| {
                view.column(name, name, Format::Plain).aligned(Align::Right)
            });
        console.table(&view.column("status", "", Format::Plain))?;
    }
    let agreeing = figures.iter().filter(|figure| figure.agrees()).count();
    console.say(format!(
        "\n{agreeing} of {} figures agree. published: printed in the source; cross-checked: asserted by other packages' \
         tests; recomputed: not in print, computed from the data by other means",
        figures.len()
    ))
}

fn figure_json(figure: &Figure) -> Value {
    json!({
        "what": figure.what,
        "known": figure.published,
        "ours": figure.ours,
        "difference": figure.ours - figure.published,
        "tolerance": figure.tolerance,
        "agrees": figure.agrees(),
        "status": figure.status.to_string(),
        "source": figure.source,
    })
}
