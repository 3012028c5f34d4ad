//! The page, and descriptions.

use clv::Error;
use clv::answers::{CustomerNumber, MARGIN, grouping};
use clv::describe::{Description, Groups};
use clv::fit::TimingChoice;
use clv::model_file::{ModelFile, ModelOptions};
use clv::orders::ReadReport;
use clv::predict::{DiscountRate, Horizon, Valuation, check_distinct};
use clv::report::{LookedBack, Material, Page, PageOptions, describe_tables};
use clv::summary::{Cohort, Day, Excluded, Grain, TimeUnit};
use pyo3::prelude::*;

use crate::errors::{exception, marked_in_python};
use crate::evaluation::{Tables, split, tables};
use crate::given::{Ahead, GivenFit, GivenNumber};
use crate::orders::Orders;
use crate::summary::Summary;
use crate::wait::wait;

/// What a page shows.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenPage {
    model: String,
    spend: bool,
    horizons: Vec<Ahead>,
    margin: GivenNumber,
    discount: f64,
    test: bool,
    split: Option<String>,
    holdout: Option<String>,
    compare: bool,
    top: usize,
    seed: u64,
}

/// The page as HTML, its verdicts by level, headline and text, its tables, and the text of the model file.
type Made = (String, Vec<(&'static str, String, String)>, Tables, String);

/// The same, understood.
struct Asked {
    page: PageOptions,
    models: ModelOptions,
    horizons: Vec<Horizon>,
    margin: CustomerNumber,
    discount: DiscountRate,
}

impl GivenPage {
    fn understood(
        self,
        fit: &GivenFit,
        (unit, grain): (TimeUnit, Grain),
        cohort: Cohort,
        until: Option<Day>,
    ) -> clv::Result<Asked> {
        let model: TimingChoice = self.model.parse()?;
        let models = fit.models(model, self.spend)?;
        let page = PageOptions {
            split: if self.test { Some(split(self.split.as_deref(), self.holdout.as_deref())?) } else { None },
            compare: self.compare,
            top: self.top,
            model,
            with_spend: self.spend,
            fit: models.fit,
            seed: self.seed,
            unit,
            cohort,
            until,
        };
        page.check()?;
        let margin = CustomerNumber::from(self.margin);
        margin.check(&MARGIN)?;
        let horizons = self.horizons.iter().map(|ahead| ahead.horizon(Some(unit), grain));
        let horizons = horizons.collect::<clv::Result<Vec<Horizon>>>()?;
        check_distinct(&horizons)?;
        Ok(Asked { page, models, horizons, margin, discount: DiscountRate::annual(self.discount)? })
    }
}

impl Asked {
    fn made(
        self,
        summary: &clv::summary::Summary,
        orders: Option<(&ReadReport, &Excluded)>,
        looked_back: LookedBack,
    ) -> clv::Result<Made> {
        let (model, _) = ModelFile::fit(summary, &self.models)?;
        let (predictor, _) = model.predictor()?.usable();
        let margin = self.margin.of(summary, &MARGIN, false)?;
        let page = self.page.page(Material {
            summary,
            orders,
            looked_back,
            model: &model,
            predictor: &predictor,
            valuation: Valuation { margin, discount: self.discount, cac: None },
            horizons: self.horizons,
            all_customers: None,
        })?;
        Ok((page.html()?, verdicts(&page), tables(page.tables())?, model.to_json()))
    }
}

fn verdicts(page: &Page) -> Vec<(&'static str, String, String)> {
    let verdicts = page.verdicts.iter();
    verdicts.map(|verdict| (verdict.level.name(), verdict.headline.clone(), marked_in_python(&verdict.text))).collect()
}

#[pymethods]
impl Orders {
    /// The page to look at.
    #[pyo3(name = "page")]
    fn made_page(&self, py: Python<'_>, given: GivenPage, fit: GivenFit) -> PyResult<Made> {
        let choices = &self.choices;
        let units = (choices.unit, choices.options.grain);
        let asked = given.understood(&fit, units, choices.cohort, choices.options.until).map_err(exception)?;
        wait(py, || {
            let (summary, excluded) = self.summarised()?;
            let looked_back = asked.page.look_back(Some(&mut self.log()), &summary)?;
            asked.made(&summary, Some((&self.report, &excluded)), looked_back)
        })
    }

    /// What is said of the customers without a model, and of groups of them by a column that was kept.
    #[pyo3(signature = (by=None, control=None))]
    fn describe(&self, py: Python<'_>, by: Option<String>, control: Option<String>) -> PyResult<Tables> {
        wait(py, || {
            let (summary, _) = self.summarised()?;
            let mut description = Description::of_orders(&mut self.log(), &summary)?;
            if let Some(by) = &by {
                let values = description.values.as_ref().map(|values| &*values.value);
                let groups = Groups::new(by, &summary, &grouping(by, &summary)?, values, control.as_deref())?;
                description.groups = Some(groups);
            } else if control.is_some() {
                return Err(Error::Usage("control names a group; give by, the column of the groups".to_owned()));
            }
            tables(describe_tables(&description).iter().filter(|table| !table.is_empty()))
        })
    }
}

#[pymethods]
impl Summary {
    /// The page to look at, without what takes orders.
    #[pyo3(name = "page")]
    fn made_page(&self, py: Python<'_>, given: GivenPage, fit: GivenFit) -> PyResult<Made> {
        if !self.is_dated {
            let what = "the summary has no dates: give unit= and until=, or the orders";
            return Err(exception(Error::Usage(what.to_owned())));
        }
        let observation = self.inner.observation;
        let units = (observation.unit, observation.grain);
        let asked = given.understood(&fit, units, Cohort::default(), None).map_err(exception)?;
        wait(py, || {
            if asked.models.with_spend {
                self.check_spend()?;
            }
            let looked_back = asked.page.look_back(None, &self.inner)?;
            asked.made(&self.inner, None, looked_back)
        })
    }
}
