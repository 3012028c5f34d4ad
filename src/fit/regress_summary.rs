//! Fits of coefficients to the customers of a summary, by what is known of them there.

use super::{
    Blocks, BootstrapOptions, FitOptions, FitRecord, RegressionOptions, redraw_regression, regress as regress_blocks,
};
use crate::covariates::{CovariateOptions, Design, Effects, Patterns, Process, UnknownLevels};
use crate::error::Result;
use crate::models::{GammaGamma, TimingModel};
use crate::summary::{FitData, Summary};

/// What is asked of a fit of coefficients.
#[derive(Clone, Copy, Debug)]
pub struct SummaryRegression<'a> {
    /// Which covariates explain what.
    pub covariates: &'a CovariateOptions,
    /// How the parameters are fitted.
    pub fit: FitOptions,
    /// Whether each covariate is tested.
    pub tests: bool,
    /// How the estimates are bootstrapped, if they are.
    pub bootstrap: Option<BootstrapOptions>,
}

/// The columns of covariates, who has which, and what they move.
struct Coded {
    design: Design,
    patterns: Patterns,
    coefficients: Vec<(Process, usize)>,
}

impl SummaryRegression<'_> {
    /// Fits the coefficients of purchases and dropout, beginning from a model without them and its evidence.
    ///
    /// # Errors
    /// Those of [`Design::of`], [`Design::check_model`], [`Design::check_rank`] and [`TimingModel::regress`].
    pub fn of_timing<'a>(
        &self,
        (model, plain): (&TimingModel, &FitRecord),
        data: impl Into<FitData<'a>>,
    ) -> Result<(TimingModel, FitRecord, Effects)> {
        let data = data.into();
        let kind = model.kind();
        Design::check_model(self.covariates, kind.title(), kind.parameters(), kind.is_discrete())?;
        let coded = self.coded(data.timing(), &self.covariates.names_of_timing(), false)?;
        let blocks = Blocks::of_histories(data, &coded.patterns);
        let how = self.options(&coded);
        let (model, mut fit, effects) = model.regress(plain.log_likelihood, &blocks, &how)?;
        if kind.is_regular() {
            let of_times = plain.cautions.iter().filter(|caution| caution.plain().contains("times between purchases"));
            fit.cautions.extend(of_times.cloned());
        }
        fit.profile.clone_from(&plain.profile);
        if let Some(bootstrap) = &self.bootstrap {
            fit.draws = Some(model.bootstrap_regression(&effects, &blocks, &how, bootstrap)?);
        }
        Ok((model, fit, effects))
    }

    /// The same of spend.
    ///
    /// # Errors
    /// Likewise.
    pub fn of_spend(
        &self,
        (model, plain): (&GammaGamma, &FitRecord),
        summary: &Summary,
    ) -> Result<(GammaGamma, FitRecord, Effects)> {
        let names: Vec<&str> = self.covariates.spend.iter().map(String::as_str).collect();
        let coded = self.coded(summary, &names, true)?;
        let blocks = Blocks::of_spend(summary, &coded.patterns);
        let how = self.options(&coded);
        let (model, mut fit, effects) = regress_blocks(model, plain.log_likelihood, &blocks, &how)?;
        if let Some(bootstrap) = &self.bootstrap {
            fit.draws = Some(redraw_regression(&model, &effects, &blocks, &how, bootstrap)?);
        }
        Ok((model, fit, effects))
    }

    fn coded(&self, summary: &Summary, names: &[&str], spend: bool) -> Result<Coded> {
        let design = Design::of(summary, names)?;
        let patterns = design.patterns(summary, UnknownLevels::Refuse)?;
        let coefficients = design.coefficients(self.covariates, spend);
        let customers = |row| if !spend || Blocks::is_spender(summary, row) { summary.weight(row) } else { 0.0 };
        design.check_rank(&patterns, &coefficients, self.covariates.sd.is_some(), customers)?;
        Ok(Coded { design, patterns, coefficients })
    }

    fn options<'a>(&self, coded: &'a Coded) -> RegressionOptions<'a> {
        let Coded { design, coefficients, .. } = coded;
        RegressionOptions { design, coefficients, sd: self.covariates.sd, fit: self.fit, tests: self.tests }
    }
}
