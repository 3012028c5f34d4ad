//! The one error type: what is wrong, where, and what to do.

use std::fmt;

use crate::limits::{LARGEST_AMOUNT, PARAMETERS};
use crate::option_words::{on_the_command_line, with_options};

/// Result of anything in this library that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A model parameter that is out of its range.
    Parameter {
        /// The model.
        model: &'static str,
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },

    /// Too little data to estimate a model.
    TooFew {
        /// The model.
        model: &'static str,
        /// Which customers count.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// Out of how many.
        of: u64,
        /// How many it takes.
        needed: u64,
    },

    /// No customer was observed for any time after the first purchase.
    NoTime {
        /// The model.
        model: &'static str,
    },

    /// Spend without any spread.
    OneAmount {
        /// The model.
        model: &'static str,
        /// The amount.
        amount: f64,
    },

    /// No run of the optimiser ended at an optimum.
    NotConverged {
        /// The model.
        model: &'static str,
        /// The best parameters found, as text.
        best: String,
        /// Their log-likelihood.
        log_likelihood: f64,
        /// Largest entry of the gradient of the mean log-likelihood in the logarithms of the parameters.
        gradient: f64,
        /// Evaluations of the likelihood over all runs.
        evaluations: u64,
    },

    /// Most refits of a bootstrap ended somewhere, too many did not.
    Bootstrap {
        /// The model.
        model: &'static str,
        /// Refits without an end.
        failed: u32,
        /// Refits in all.
        refits: u32,
        /// Why the first of them failed.
        first: String,
    },

    /// The optimiser itself failed.
    Optimiser(String),

    /// A spend model in which the mean spend of a customer is infinite.
    InfiniteMean {
        /// The parameter.
        p: f64,
        /// The parameter.
        q: f64,
        /// Repeat purchases of the customer.
        x: u32,
        /// Who, if that is known.
        customer: Option<String>,
    },

    /// An amount, or a sum of amounts, that is no amount of money.
    Amount(f64),

    /// More customers than a customer number can tell apart.
    TooManyCustomers,

    /// Two logs, or data and a model, that merge orders by different periods.
    Grain {
        /// One side.
        this: &'static str,
        /// The other.
        other: &'static str,
    },

    /// A model and data in different units of time.
    TimeUnit {
        /// Unit of the model.
        model: &'static str,
        /// Unit of the data.
        data: &'static str,
    },

    /// A model and data whose amounts are in different currencies.
    Currency {
        /// Currency of the model.
        model: String,
        /// Currency of the data.
        data: String,
    },

    /// Nobody left to summarise.
    NoCustomers {
        /// End of the observation.
        end: String,
    },

    /// Wrong usage: an option that cannot be understood or does not apply.
    Usage(String),

    /// Two readings are possible, and only the user knows which is meant.
    Question {
        /// What is to be known, and why it cannot be told from the data.
        question: String,
        /// Each an option that settles it, ready to be added.
        answers: Vec<String>,
    },

    /// Unusable data, with file and place in the message.
    Data(String),

    /// Reading or writing failed.
    Io {
        /// What was being done, with the file's name.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// Why no customer with `x` repeat purchases can be valued.
fn infinite_mean(p: f64, q: f64, x: u32, customer: Option<&str>) -> String {
    if x == 0 {
        return format!(
            "q is {q:.4}, and with q <= 1 the mean spend over customers is infinite, so no customer without repeat purchases can be \
             valued"
        );
    }
    let at = q + p * f64::from(x);
    let times = if x == 1 { "1 repeat purchase".to_owned() } else { format!("{x} repeat purchases") };
    let who = customer.map_or_else(String::new, |customer| format!(", such as `{customer}`,"));
    format!(
        "with p {p:.4} and q {q:.4}, q + p x is {at:.4} for a customer with {times}, and with q + p x <= 1 the mean spend is infinite, so no \
         customer with so few{who} can be valued"
    )
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    /// As the command says it: options are `--until 1997-09-30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&on_the_command_line(&self.marked()))
    }
}

impl Error {
    /// The message with each option as `say` says it, from its name and its value: `until`, `1997-09-30`.
    pub fn with_options(&self, say: impl Fn(&str, Option<&str>) -> String) -> String {
        with_options(&self.marked(), say)
    }

    /// The message with its options marked.
    pub(crate) fn marked(&self) -> String {
        match self {
            Self::Parameter { model, name, value } => {
                let (least, most) = (PARAMETERS.start(), PARAMETERS.end());
                format!("{model}: {name} is {value:?}; it must be positive, from {least:e} to {most:e}")
            }
            Self::TooFew { model, what, found, of, needed } => format!(
                "{model} cannot be fitted: {found} of {of} customers {what}, and at least {needed} are needed; a longer \
         observation or more customers would give them"
            ),
            Self::NoTime { model } => format!(
                "{model} cannot be fitted: every customer's age T is 0, because all orders fall in the last period of the observation. \
         Repeat purchases take an observation of weeks or months"
            ),
            Self::OneAmount { model, amount } => format!(
                "{model} cannot be fitted: the repeat purchases of every customer are worth {amount} on average, so there is no \
         difference to learn from. Value is then {amount} times the expected purchases"
            ),
            Self::NotConverged { model, best, log_likelihood, gradient, evaluations } => format!(
                "{model}: the fit did not converge in {evaluations} evaluations. Best point: {best}, log-likelihood \
         {log_likelihood:.4}, gradient {gradient:.1e}. Check the summary for customers who do not belong together"
            ),
            Self::Bootstrap { model, failed, refits, first } => format!(
                "{model}: {failed} of {refits} refits of the bootstrap failed, so the others do not show how uncertain the estimates are. The \
         first: {first}"
            ),
            Self::Optimiser(text) => format!("the optimiser failed: {text}"),
            Self::InfiniteMean { p, q, x, customer } => format!(
                "gamma-gamma: {}. A few extreme amounts do that: look at the largest ones, or predict purchases alone with ⟨--no-spend⟩",
                infinite_mean(*p, *q, *x, customer.as_deref())
            ),
            Self::Amount(text) => {
                format!("{text} is not a usable amount: it must be finite and at most {LARGEST_AMOUNT:e} in size")
            }
            Self::TooManyCustomers => {
                "more than 4,294,967,295 customers in one run; split the orders by customer".to_owned()
            }
            Self::Grain { this, other } => {
                format!(
                    "orders are merged by {this} in one and by {other} in the other; use the same ⟨--grain⟩ for both"
                )
            }
            Self::TimeUnit { model, data } => format!(
                "the model's time unit is the {model}, the data's is the {data}; summarise the orders with ⟨--unit {model}⟩"
            ),
            Self::Currency { model, data } => format!(
                "the model's amounts are in {model}, the data's are in {data}; convert the orders with ⟨--currency {model}⟩ and \
         ⟨--rates⟩, or fit a model to them"
            ),
            Self::NoCustomers { end } => format!(
                "no customer with a purchase is left up to {end}; check ⟨--until⟩, ⟨--from⟩ and ⟨--first-purchase-before⟩"
            ),
            Self::Usage(text) => text.clone(),
            Self::Question { question, .. } => question.clone(),
            Self::Data(text) => text.clone(),
            Self::Io { what, source } => format!("{what}: {source}"),
        }
    }

    /// This error with the customer's name, where it is about one.
    pub(crate) fn of_customer(self, name: impl FnOnce() -> String) -> Self {
        match self {
            Self::InfiniteMean { p, q, x, customer: None } => Self::InfiniteMean { p, q, x, customer: Some(name()) },
            error => error,
        }
    }

    /// A question, with the options that settle it.
    pub fn question(question: impl Into<String>, answers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Question { question: question.into(), answers: answers.into_iter().map(Into::into).collect() }
    }

    /// What kind it is, in one word: `usage`, `question`, `data`, `fit`, `convergence` or `file`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Question { .. } => "question",
            Self::NotConverged { .. } => "convergence",
            Self::TooFew { .. }
            | Self::NoTime { .. }
            | Self::OneAmount { .. }
            | Self::Bootstrap { .. }
            | Self::Optimiser(_)
            | Self::InfiniteMean { .. } => "fit",
            Self::Data(_) | Self::Amount(_) | Self::TooManyCustomers | Self::NoCustomers { .. } => "data",
            Self::Io { .. } => "file",
            Self::Parameter { .. }
            | Self::Grain { .. }
            | Self::TimeUnit { .. }
            | Self::Currency { .. }
            | Self::Usage(_) => "usage",
        }
    }

    /// An input or output error, with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
