//! The page.

use clv::Error;
use clv::answers::{CustomerNumber, MARGIN, Questions};
use clv::model_file::{FittedModels, ModelFile, ModelOptions};
use clv::orders::{OrderOptions, ReadReport};
use clv::predict::{DiscountRate, Horizon, Valuation, check_distinct};
use clv::report::{LookedBack, Material, Page, PageOptions};
use clv::summary::{Cohort, Day, Excluded, Grain, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::ahead::Ahead;
use crate::arguments::Arguments;
use crate::customers::CustomerColumns;
use crate::errors::{as_argument, exception, in_python};
use crate::evaluation::{Tables, tables};
use crate::orders::Orders;
use crate::summary::Summary;
use crate::wait::wait;

/// The page as HTML, its verdicts by level, headline and text, its tables, and the text of the model file.
type Made = (String, Vec<(&'static str, String, String)>, Tables, String);

/// What a page shows.
struct PageTask {
    page: PageOptions,
    horizons: Vec<Horizon>,
    margin: CustomerNumber,
    discount: DiscountRate,
}

impl PageTask {
    fn of(
        horizons: &[Ahead],
        given: &Bound<'_, PyDict>,
        (unit, grain): (TimeUnit, Grain),
        cohort: Cohort,
        until: Option<Day>,
    ) -> clv::Result<Self> {
        let mut given = Arguments::of(given).map_err(|error| Error::usage(error.to_string()))?;
        let (page, models): (PageOptions, ModelOptions) = (given.take()?, given.take()?);
        let Questions { margin, discount, .. } = given.all()?;
        models.check()?;
        let page = PageOptions { models, unit, cohort, until, ..page };
        page.check()?;
        margin.check(&MARGIN)?;
        let horizons = horizons.iter().map(|ahead| ahead.horizon(Some(unit), grain));
        let horizons = horizons.collect::<clv::Result<Vec<Horizon>>>()?;
        check_distinct(&horizons)?;
        Ok(Self { page, horizons, margin, discount })
    }
}

impl PageTask {
    fn made(
        self,
        summary: &clv::summary::Summary,
        orders: Option<(&ReadReport, &Excluded)>,
        looked_back: LookedBack,
    ) -> clv::Result<Made> {
        let FittedModels { file: model, histories, .. } = ModelFile::fit_and_count(summary, &self.page.models)?;
        let (predictor, _) = model.predictor()?.usable();
        let margin = self.margin.of(summary, &MARGIN, false)?;
        let page = self.page.page(Material {
            summary,
            histories: &histories,
            orders,
            looked_back,
            model: &model,
            predictor: &predictor,
            valuation: Valuation { margin, discount: self.discount, cac: None },
            horizons: self.horizons,
            all_customers: None,
            calibrated: &[],
        })?;
        Ok((page.html(as_argument)?, verdicts(&page), tables(page.tables())?, model.to_json()))
    }
}

fn verdicts(page: &Page) -> Vec<(&'static str, String, String)> {
    let verdicts = page.verdicts.iter();
    verdicts.map(|verdict| (verdict.level.name(), verdict.headline.clone(), in_python(&verdict.text))).collect()
}

#[pymethods]
impl Orders {
    /// The page to look at.
    #[pyo3(name = "page", signature = (horizons, given, customers=None))]
    fn made_page(
        &self,
        py: Python<'_>,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
        customers: Option<CustomerColumns>,
    ) -> PyResult<Made> {
        let OrderOptions { grain, cohort, until, .. } = self.options;
        let task = PageTask::of(&horizons, given, (self.unit(), grain), cohort, until).map_err(exception)?;
        wait(py, || {
            let customers = customers.map(|customers| customers.read()).transpose()?;
            let (mut summary, excluded) = self.summarised()?;
            if let Some(customers) = &customers {
                customers.join(&mut summary)?;
            }
            let looked_back = task.page.look_back_with(Some(&mut self.log()), &summary, customers.as_ref())?;
            task.made(&summary, Some((&self.report, &excluded)), looked_back)
        })
    }
}

#[pymethods]
impl Summary {
    /// The page to look at, without what takes orders.
    #[pyo3(name = "page")]
    fn made_page(&self, py: Python<'_>, horizons: Vec<Ahead>, given: &Bound<'_, PyDict>) -> PyResult<Made> {
        self.check_dated().map_err(exception)?;
        let observation = self.inner.observation;
        let units = (observation.unit, observation.grain);
        let task = PageTask::of(&horizons, given, units, Cohort::default(), None).map_err(exception)?;
        wait(py, || {
            if task.page.models.with_spend {
                self.check_spend()?;
            }
            let looked_back = task.page.look_back(None, &self.inner)?;
            task.made(&self.inner, None, looked_back)
        })
    }
}
