//! Keyword arguments, as the engine's options take them.
//!
//! A dictionary of arguments by name becomes the structs of the engine, which know what they take. What no JSON holds, frames and
//! arrays of numbers among them, stays a Python object up to here.

use std::collections::BTreeMap;
use std::fmt;

use clv::answers::Questions;
use clv::covariates::CovariateOptions;
use clv::describe::DescribeOptions;
use clv::evaluate::{EvaluationOptions, Origins};
use clv::fit::FitOptions;
use clv::message::{Message, opt};
use clv::model_file::ModelOptions;
use clv::options;
use clv::orders::OrderOptions;
use clv::parts::FoldOptions;
use clv::report::PageOptions;
use clv::retention::{ProjectionOptions, RetentionOptions};
use clv::simulate::Simulation;
use clv::sql::SqlOptions;
use clv::state_file::StateOptions;
use clv::summary_file::SummaryOptions;
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyIterator, PyString};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, SeqAccess, Visitor,
};
use serde::{Serialize, forward_to_deserialize_any};

/// Arguments by the engine's names.
pub(crate) struct Arguments<'py>(BTreeMap<String, Argument<'py>>);

impl<'py> Arguments<'py> {
    /// Of a dictionary of keyword arguments; Python's own words have an underscore behind them.
    pub(crate) fn of(given: &Bound<'py, PyDict>) -> PyResult<Self> {
        let named = |(name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>)| {
            let name: String = name.extract()?;
            Ok((name.trim_end_matches('_').to_owned(), Argument(value)))
        };
        given.iter().map(named).collect::<PyResult<_>>().map(Self)
    }

    /// The options that a struct of the engine takes of them.
    pub(crate) fn take<T: Default + Serialize + DeserializeOwned>(&mut self) -> Result<T> {
        options::take(&mut self.0).map_err(|options::Wrong { option, error }| {
            let mut message = Message::from(opt(option.clone()));
            match error {
                Wrong::Wanted { what, value } => message.push(format!(" is {value}; give {what}")),
                Wrong::Unexpected { what } => message.push(format!(": give {what}")),
                Wrong::Said(text) => match options::said(&text) {
                    // It says itself what it is about.
                    said if said.options().next().is_some() => message = said,
                    said => {
                        message.push(": ");
                        message.push(said);
                    }
                },
            }
            Error::usage(message).of_option(opt(option))
        })
    }

    /// The options of a struct, which are all of them.
    pub(crate) fn all<T: Default + Serialize + DeserializeOwned>(mut self) -> Result<T> {
        let options = self.take()?;
        self.finish().map(|()| options)
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0.into_keys().next() {
            Some(name) => Err(Error::usage(format!("there is no option {name} here"))),
            None => Ok(()),
        }
    }
}

/// Options as a dictionary, of which none but these are there.
pub(crate) fn options_of<T: Default + Serialize + DeserializeOwned>(given: &Bound<'_, PyDict>) -> Result<T> {
    Arguments::of(given).map_err(|error| Error::usage(error.to_string()))?.all()
}

/// Why a value is none that an option takes.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// In the option's own words.
    Said(String),
    /// What is wanted instead of the value, as Python shows it.
    Wanted { what: String, value: String },
    /// What is wanted, of whoever holds the value.
    Unexpected { what: String },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => f.write_str(text),
            Self::Wanted { what, value } => write!(f, "{value}; give {what}"),
            Self::Unexpected { what } => write!(f, "give {what}"),
        }
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Said(text.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Unexpected { what: expected.to_string() }
    }
}

/// A value that was given.
struct Argument<'py>(Bound<'py, PyAny>);

/// Longer ones are not shown in full.
const SHOWN: usize = 80;

impl<'py> Argument<'py> {
    fn wrong(&self, what: impl Into<String>) -> Wrong {
        let value = self.0.repr().map_or_else(|_| "no value".to_owned(), |text| text.to_string());
        let shown = match value.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value,
        };
        Wrong::Wanted { what: what.into(), value: shown }
    }

    /// Text, and days in any form that Python knows.
    fn text(&self) -> Option<String> {
        let value = &self.0;
        if let Ok(text) = value.cast::<PyString>() {
            return text.to_cow().ok().map(|text| text.into_owned());
        }
        if value.hasattr("isoformat").unwrap_or(false) {
            return value
                .call_method0("isoformat")
                .ok()?
                .extract::<String>()
                .ok()
                .map(|text| text.chars().take(10).collect());
        }
        let is_day = value.get_type().name().is_ok_and(|name| name == "datetime64");
        is_day
            .then(|| value.call_method1("astype", ("datetime64[D]",)).ok()?.str().ok().map(|text| text.to_string()))
            .flatten()
    }

    fn is_truth(&self) -> bool {
        // Not by `Display`, which looks for Ctrl-C and loses it.
        let is_of_numpy = || self.0.get_type().name().is_ok_and(|name| name == "bool" || name == "bool_");
        self.0.is_instance_of::<PyBool>() || is_of_numpy()
    }

    /// One number, of Python or of NumPy.
    fn number(&self) -> Option<f64> {
        let several = self.0.getattr("ndim").and_then(|ndim| ndim.extract::<usize>()).unwrap_or(0) > 0;
        let other = self.is_truth() || self.0.is_instance_of::<PyString>() || self.0.is_instance_of::<PyBytes>();
        if several || other { None } else { self.0.call_method0("__float__").ok()?.extract().ok() }
    }

    /// One whole number from 0 on.
    fn whole(&self, largest: u64) -> std::result::Result<u64, Wrong> {
        let whole = || {
            if self.is_truth() {
                return None;
            }
            self.0.call_method0("__index__").ok()?.extract::<u64>().ok().filter(|whole| *whole <= largest)
        };
        whole().ok_or_else(|| self.wrong(format!("a whole number from 0 to {largest}")))
    }

    /// Several values; an array of them in Python's own numbers.
    fn several(&self) -> Option<Several<'py>> {
        let value = &self.0;
        let flat = match value.hasattr("ravel") {
            Ok(true) => value.call_method0("ravel").ok()?,
            _ => value.clone(),
        };
        let listed = match flat.hasattr("tolist") {
            Ok(true) => flat.call_method0("tolist").ok()?,
            _ => flat,
        };
        listed.try_iter().ok().map(Several)
    }

    /// Any value, as what it is.
    fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        if self.is_truth() {
            return visitor.visit_bool(self.0.is_truthy().unwrap_or(false));
        }
        if let Some(text) = self.text() {
            return visitor.visit_string(text);
        }
        if let Some(number) = self.number() {
            return visitor.visit_f64(number);
        }
        match self.several() {
            Some(several) if !self.0.is_instance_of::<PyBytes>() && !self.0.is_instance_of::<PyDict>() => {
                visitor.visit_seq(several)
            }
            _ => visitor.visit_unit(),
        }
    }
}

/// Values one after the other.
struct Several<'py>(Bound<'py, PyIterator>);

impl<'de> SeqAccess<'de> for Several<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> std::result::Result<Option<T::Value>, Wrong> {
        match self.0.next() {
            Some(Ok(value)) => seed.deserialize(Argument(value)).map(Some),
            Some(Err(error)) => Err(Wrong::Said(error.to_string())),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

/// One value where there may be several.
struct One<'py>(Option<Argument<'py>>);

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> std::result::Result<Option<T::Value>, Wrong> {
        self.0.take().map(|value| seed.deserialize(value)).transpose()
    }
}

type Read<V> = std::result::Result<V, Wrong>;

impl<'de> Deserializer<'de> for Argument<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.any(visitor).map_err(|wrong| match wrong {
            Wrong::Unexpected { what } => self.wrong(what),
            wrong => wrong,
        })
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.is_truth() {
            true => visitor.visit_bool(self.0.is_truthy().map_err(|error| Wrong::Said(error.to_string()))?),
            false => Err(self.wrong("True or False")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number().ok_or_else(|| self.wrong("a number"))?;
        visitor.visit_f64(number)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.whole(u32::MAX.into())?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.whole(u64::MAX)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.text().ok_or_else(|| self.wrong("a text"))?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.0.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let is_one = self.text().is_some() || self.0.is_instance_of::<PyFloat>() || self.0.is_instance_of::<PyInt>();
        if is_one || self.number().is_some() {
            return visitor.visit_seq(One(Some(self)));
        }
        match self.several() {
            Some(several) if !self.0.is_instance_of::<PyBytes>() => visitor.visit_seq(several),
            _ => Err(self.wrong("one, or a list of them")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        match self.text().filter(|text| variants.contains(&&**text)) {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(self.wrong(one_of(variants))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

/// `'day', 'week' or 'month'`.
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match &quoted[..] {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

/// The options of every kind, with their defaults, as JSON.
#[pyfunction]
pub(crate) fn option_defaults() -> String {
    let all = serde_json::json!({
        "orders": options::defaults::<OrderOptions>(),
        "summary": options::defaults::<SummaryOptions>(),
        "fit": options::defaults::<FitOptions>(),
        "fold": options::defaults::<FoldOptions>(),
        "covariates": options::defaults::<CovariateOptions>(),
        "models": options::defaults::<ModelOptions>(),
        "questions": options::defaults::<Questions>(),
        "evaluation": options::defaults::<EvaluationOptions>(),
        "origins": options::defaults::<Origins>(),
        "page": options::defaults::<PageOptions>(),
        "simulation": options::defaults::<Simulation>(),
        "description": options::defaults::<DescribeOptions>(),
        "retention": options::defaults::<RetentionOptions>(),
        "projection": options::defaults::<ProjectionOptions>(),
        "state": options::defaults::<StateOptions>(),
        "sql": options::defaults::<SqlOptions>(),
    });
    all.to_string()
}
