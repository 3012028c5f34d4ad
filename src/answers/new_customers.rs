//! Customers without history, of whom a model alone knows.

use crate::covariates::LOG_FREQUENCY;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::Predictor;
use crate::summary::{Attribute, Observation, Summary};

/// Customers acquired on the last day of an observation.
#[derive(Clone, Debug)]
pub struct NewCustomers {
    /// One of them.
    pub one: Summary,
    /// Many, for their totals, if they are asked for.
    pub crowd: Option<Summary>,
}

impl NewCustomers {
    /// One, and so many of them for totals; `describe` says what they are like, where the model has covariates. Their first purchase is
    /// worth what purchases of such customers are on average.
    ///
    /// # Errors
    /// Those of `describe`, of covariates that it leaves open, and
    /// [`Cause::InfiniteMean`](crate::error::Cause::InfiniteMean) if the spend model has no mean.
    pub fn new(
        predictor: &Predictor,
        observation: Observation,
        crowd: Option<u32>,
        describe: impl Fn(&mut Summary) -> Result<()>,
    ) -> Result<Self> {
        let customers = |count: u32, first: f64| -> Result<Summary> {
            let mut new = Summary::of_new_customers(count as usize, first, observation);
            describe(&mut new)?;
            Ok(new)
        };
        let first = predictor.mean_spend_of_new(&customers(1, 0.0)?)?.unwrap_or(0.0);
        let one = customers(1, first)?;
        // All are alike.
        let crowd = crowd.map(|count| one.weighted(&[count.into()])).transpose()?;
        Ok(Self { one, crowd })
    }
}

/// Says what new customers are like: of each covariate that a model has its name and value, an empty one where nothing is said.
///
/// # Errors
/// [`Error::usage`] with a name that is no covariate of the model, that is given twice, or that is missing.
pub fn describe_new(with: &[(String, String)], covariates: &[String], new: &mut Summary) -> Result<()> {
    for (i, (name, _)) in with.iter().enumerate() {
        if !covariates.contains(name) {
            let known = match covariates {
                [] => "the model has no covariates".to_owned(),
                names => format!("the model has {}", names.join(", ")),
            };
            return Err(Error::usage(say![
                opt("with"),
                format!(" has `{name}`, which is no covariate of the model; {known}")
            ]));
        }
        if with[..i].iter().any(|(known, _)| known == name) {
            return Err(Error::usage(say![opt("with"), format!(" names `{name}` twice")]));
        }
    }
    let is_said = |name: &String| name == LOG_FREQUENCY || with.iter().any(|(known, _)| known == name);
    let missing: Vec<&str> = covariates.iter().filter(|name| !is_said(name)).map(String::as_str).collect();
    if !missing.is_empty() {
        let mut what =
            say![format!("the model's customers differ by {}: say which a new one is, with ", missing.join(", "))];
        for (i, name) in missing.iter().enumerate() {
            if i > 0 {
                what.push(" ");
            }
            what.push(say![opt("with").with(format!("{name}=…"))]);
        }
        return Err(Error::usage(what));
    }
    for (name, value) in with {
        let said = vec![Some(value.clone()).filter(|value| !value.is_empty()); new.len()];
        new.attributes.push(Attribute::new(name.clone(), &said));
    }
    Ok(())
}
