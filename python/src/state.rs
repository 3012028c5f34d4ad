//! Orders that are delivered bit by bit.

use std::path::PathBuf;

use clv::orders::Summarising;
use clv::outputs::Outputs;
use clv::state_file::{StateOptions, StateUpdate};
use clv::tables::{BytesRead, expand};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::options_of;
use crate::errors::exception;
use crate::frame::Content;
use crate::orders::{RatesSource, Sources, order_options, warnings_of};
use crate::summary::Summary;
use crate::wait::wait;

/// Adds files to a state, or begins it with them, and summarises all of it; without files it is summarised as it is. The state is in
/// its place when the summary is there. Also what is not in the summary or is doubtful, in words.
#[pyfunction]
#[pyo3(signature = (path, files, delivery, given, amount_is_optional, rates, sum_log_interpurchase))]
#[expect(clippy::too_many_arguments, reason = "as many as the function in Python has")]
pub(crate) fn summarize_state(
    py: Python<'_>,
    path: PathBuf,
    files: Vec<String>,
    delivery: &Bound<'_, PyDict>,
    given: &Bound<'_, PyDict>,
    amount_is_optional: bool,
    rates: Option<RatesSource>,
    sum_log_interpurchase: bool,
) -> PyResult<(Summary, Vec<String>)> {
    let how: StateOptions = options_of(delivery).map_err(exception)?;
    let options = order_options(given, amount_is_optional, rates.as_ref()).map_err(exception)?;
    wait(py, || {
        let inputs = expand(&files)?;
        let outputs = Outputs::new(false).reading(&inputs);
        // Without orders, the state is read alone.
        let outputs =
            if inputs.is_empty() { outputs.reading_files([&path]) } else { outputs.writing_knowingly(Some(&path)) };
        outputs.check()?;
        let mut update = StateUpdate::new(&path, &inputs, how, &options, &BytesRead::default())?;
        let report = std::mem::take(&mut update.report);
        let (mut summary, excluded) = Summarising::of(&options).summary(update.state.log(), &report)?;
        if sum_log_interpurchase {
            summary.sum_log_interpurchase = Some(update.state.log().sum_log_interpurchase(&summary)?);
        }
        let known = update.known.iter();
        let mut warnings: Vec<String> =
            known.map(|(name, before)| format!("{name} was delivered before, as {before}: it adds nothing")).collect();
        warnings.extend(warnings_of(&report, &excluded, &summary, summary.last_order(update.state.log())));
        let (mut ids, kept) = Sources::Files(files).contents(&options)?;
        if update.state.log().ids_are_text() {
            ids = Content::Text;
        }
        update.commit(|staged| outputs.commit(staged))?;
        let inner = std::sync::Arc::new(summary);
        Ok((Summary { inner, says_end: true, is_dated: true, knows_unit: true, ids, has_ids: true, kept }, warnings))
    })
}
