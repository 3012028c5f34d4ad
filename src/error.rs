//! The one error type: what is wrong, where, and what to do.

use crate::summary::{Day, Grain, LARGEST_AMOUNT};

/// Result of anything in this library that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model parameter that is not positive and finite.
    #[error("{model}: {name} is {value}; it must be positive and finite")]
    Parameter {
        /// The model.
        model: &'static str,
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },

    /// Too little data to estimate a model.
    #[error(
        "{model} cannot be fitted: {found} of {of} customers {what}, and at least {needed} are needed; a longer \
         observation or more customers would give them"
    )]
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
    #[error(
        "{model} cannot be fitted: every customer's age T is 0, because all orders fall in the last period of the observation. \
         Repeat purchases take an observation of weeks or months"
    )]
    NoTime {
        /// The model.
        model: &'static str,
    },

    /// Spend without any spread.
    #[error(
        "{model} cannot be fitted: the repeat purchases of every customer are worth {amount} on average, so there is no \
         difference to learn from. Value is then {amount} times the expected purchases"
    )]
    OneAmount {
        /// The model.
        model: &'static str,
        /// The amount.
        amount: f64,
    },

    /// No run of the optimiser ended at an optimum.
    #[error(
        "{model}: the fit did not converge in {evaluations} evaluations. Best point: {best}, log-likelihood \
         {log_likelihood:.4}, gradient {gradient:.1e}. Check the summary for customers who do not belong together"
    )]
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
    #[error(
        "{model}: {failed} of {refits} refits of the bootstrap failed, so the others do not show how uncertain the estimates are. The \
         first: {first}"
    )]
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
    #[error("the optimiser failed: {0}")]
    Optimiser(String),

    /// A spend model without a population mean.
    #[error(
        "gamma-gamma: q is {q:.4}, and with q <= 1 the mean spend over customers is infinite, so no customer without \
         repeat purchases can be valued. A few extreme amounts do that: look at the largest ones, or predict purchases \
         alone"
    )]
    InfiniteMean {
        /// The parameter.
        q: f64,
    },

    /// An amount, or a sum of amounts, that is no amount of money.
    #[error("{0} is not a usable amount: it must be finite and at most {LARGEST_AMOUNT:e} in size")]
    Amount(f64),

    /// More customers than a customer number can tell apart.
    #[error("more than 4,294,967,295 customers in one run; split the orders by customer")]
    TooManyCustomers,

    /// Two logs, or data and a model, that merge orders by different periods.
    #[error("orders are merged by {this} in one and by {other} in the other; use the same --grain for both")]
    Grain {
        /// One side.
        this: Grain,
        /// The other.
        other: Grain,
    },

    /// A model and data in different units of time.
    #[error("the model's time unit is the {model}, the data's is the {data}; summarise the orders with --unit {model}")]
    TimeUnit {
        /// Unit of the model.
        model: &'static str,
        /// Unit of the data.
        data: &'static str,
    },

    /// Nobody left to summarise.
    #[error("no customer with a purchase is left up to {end}; check --until, --from and --first-purchase-before")]
    NoCustomers {
        /// End of the observation.
        end: Day,
    },

    /// Wrong usage: an option that cannot be understood or does not apply.
    #[error("{0}")]
    Usage(String),

    /// Two readings are possible, and only the user knows which is meant.
    #[error("{question}")]
    Question {
        /// What is to be known, and why it cannot be told from the data.
        question: String,
        /// Each an option that settles it, ready to be added.
        answers: Vec<String>,
    },

    /// Unusable data, with file and place in the message.
    #[error("{0}")]
    Data(String),

    /// Reading or writing failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the file's name.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl Error {
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
            Self::Parameter { .. } | Self::Grain { .. } | Self::TimeUnit { .. } | Self::Usage(_) => "usage",
        }
    }

    /// An input or output error, with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
