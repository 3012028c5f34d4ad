//! The one error type: what is wrong, where, and what to do, as data. How an option is written is for a surface to say.

use std::fmt;

use crate::address::Address;
use crate::limits::{LARGEST_AMOUNT, PARAMETERS};
use crate::message::{Message, Opt, opt, say};

/// Result of anything in this library that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong: its [`Cause`], and where, as far as that is known.
///
/// It displays with options as [`Opt`] does; a surface with another way to write them takes the [`message`](Self::message), and the
/// same facts as data: [`kind`](Self::kind), [`option`](Self::option), [`place`](Self::place), [`answers`](Self::answers).
///
/// ```
/// use clv::error::Kind;
/// use clv::predict::DiscountRate;
///
/// let error = DiscountRate::annual(-0.1).unwrap_err();
/// assert_eq!(error.kind(), Kind::Usage);
/// assert_eq!(error.option().unwrap().name(), "discount");
/// assert_eq!(error.place().value.as_deref(), Some("-0.1"));
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    cause: Cause,
    /// What it is about, from the outside in, in front of the message: a place, a model.
    before: Vec<String>,
    place: Place,
    option: Option<Opt>,
    /// Instead of the cause's own words, and of what stood before them.
    words: Option<Message>,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An option that cannot be understood, or does not apply.
    Usage,
    /// Two readings are possible, and only the user knows which is meant.
    Question,
    /// Data that cannot be used.
    Data,
    /// A model that cannot be fitted to these data, or cannot answer.
    Fit,
    /// A fit that ended nowhere.
    Convergence,
    /// A file that cannot be read or written.
    File,
}

impl Kind {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Question => "question",
            Self::Data => "data",
            Self::Fit => "fit",
            Self::Convergence => "convergence",
            Self::File => "file",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where something is wrong, as far as it is known. It displays as file and row: `orders.csv line 5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, or the frame.
    pub file: Option<String>,
    /// Its row.
    pub row: Option<Row>,
    /// Its column.
    pub column: Option<String>,
    /// What stands there.
    pub value: Option<String>,
}

/// How rows of a table are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// By lines of text, of which the header is the first.
    Line(u64),
    /// From the first row, which is 1.
    Row(u64),
}

impl Row {
    /// Its number.
    pub fn number(self) -> u64 {
        match self {
            Self::Line(number) | Self::Row(number) => number,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Row(number) => write!(f, "row {number}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.row) {
            (Some(file), Some(row)) => write!(f, "{file} {row}"),
            (Some(file), None) => f.write_str(file),
            (None, Some(row)) => row.fmt(f),
            (None, None) => Ok(()),
        }
    }
}

impl Place {
    /// A file as a whole, or a row of it.
    pub fn new(file: impl Into<String>, row: impl Into<Option<Row>>) -> Self {
        Self { file: Some(file.into()), row: row.into(), ..Self::default() }
    }

    /// In this column.
    #[must_use]
    pub fn in_column(self, column: impl Into<String>) -> Self {
        Self { column: Some(column.into()), ..self }
    }

    /// Where this stands.
    #[must_use]
    pub fn of_value(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    /// With what another knows and this does not.
    fn or(self, other: Self) -> Self {
        Self {
            // A row is one of its own file.
            row: self.row.or(other.row.filter(|_| self.file.is_none() || self.file == other.file)),
            file: self.file.or(other.file),
            column: self.column.or(other.column),
            value: self.value.or(other.value),
        }
    }
}

/// Everything that can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
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
        first: Box<Error>,
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
    Usage(Message),

    /// Two readings are possible, and only the user knows which is meant.
    Question {
        /// What is to be known, and why it cannot be told from the data.
        question: Message,
        /// Each an option that settles it.
        answers: Vec<Opt>,
    },

    /// Unusable data.
    Data(Message),

    /// Reading or writing failed.
    Io {
        /// What was being done, with the file's name.
        what: Message,
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

impl Cause {
    fn kind(&self) -> Kind {
        match self {
            Self::Question { .. } => Kind::Question,
            Self::NotConverged { .. } => Kind::Convergence,
            Self::TooFew { .. }
            | Self::NoTime { .. }
            | Self::OneAmount { .. }
            | Self::Bootstrap { .. }
            | Self::Optimiser(_)
            | Self::InfiniteMean { .. } => Kind::Fit,
            Self::Data(_) | Self::Amount(_) | Self::TooManyCustomers | Self::NoCustomers { .. } => Kind::Data,
            Self::Io { .. } => Kind::File,
            Self::Parameter { .. }
            | Self::Grain { .. }
            | Self::TimeUnit { .. }
            | Self::Currency { .. }
            | Self::Usage(_) => Kind::Usage,
        }
    }

    fn message(&self) -> Message {
        match self {
            Self::Parameter { model, name, value } => {
                let (least, most) = (PARAMETERS.start(), PARAMETERS.end());
                say!["{model}: {name} is {value:?}; it must be positive, from {least:e} to {most:e}"]
            }
            Self::TooFew { model, what, found, of, needed } => say![
                "{model} cannot be fitted: {found} of {of} customers {what}, and at least {needed} are needed; a longer \
                 observation or more customers would give them"
            ],
            Self::NoTime { model } => say![
                "{model} cannot be fitted: every customer's age T is 0, because all orders fall in the last period of the observation. \
                 Repeat purchases take an observation of weeks or months"
            ],
            Self::OneAmount { model, amount } => say![
                "{model} cannot be fitted: the repeat purchases of every customer are worth {amount} on average, so there is no \
                 difference to learn from. Value is then {amount} times the expected purchases"
            ],
            Self::NotConverged { model, best, log_likelihood, gradient, evaluations } => say![
                "{model}: the fit did not converge in {evaluations} evaluations. Best point: {best}, log-likelihood \
                 {log_likelihood:.4}, gradient {gradient:.1e}. Check the summary for customers who do not belong together"
            ],
            Self::Bootstrap { model, failed, refits, first } => say![
                "{model}: {failed} of {refits} refits of the bootstrap failed, so the others do not show how uncertain the estimates \
                 are. The first: ",
                first.message()
            ],
            Self::Optimiser(text) => say!["the optimiser failed: {text}"],
            Self::InfiniteMean { p, q, x, customer } => say![
                format!(
                    "gamma-gamma: {}. A few extreme amounts do that: look at the largest ones, or predict \
                     purchases alone with ",
                    infinite_mean(*p, *q, *x, customer.as_deref())
                ),
                opt("with_spend").with(false)
            ],
            Self::Amount(text) => {
                say!["{text} is not a usable amount: it must be finite and at most {LARGEST_AMOUNT:e} in size"]
            }
            Self::TooManyCustomers => {
                "more than 4,294,967,295 customers in one run; split the orders by customer".into()
            }
            Self::Grain { this, other } => {
                say![
                    "orders are merged by {this} in one and by {other} in the other; use the same ",
                    opt("grain"),
                    " for both"
                ]
            }
            Self::TimeUnit { model, data } => say![
                "the model's time unit is the {model}, the data's is the {data}; summarise the orders with ",
                opt("unit").with(model.to_string())
            ],
            Self::Currency { model, data } => say![
                "the model's amounts are in {model}, the data's are in {data}; convert the orders with ",
                opt("currency").with(model.to_string()),
                " and ",
                opt("rates"),
                ", or fit a model to them"
            ],
            Self::NoCustomers { end } => say![
                "no customer with a purchase is left up to {end}; check ",
                opt("until"),
                ", ",
                opt("from"),
                " and ",
                opt("first_purchase_before")
            ],
            Self::Usage(message) | Self::Data(message) | Self::Question { question: message, .. } => message.clone(),
            Self::Io { what, source } => say![what.clone(), format!(": {source}")],
        }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self(Box::new(Inner { cause, before: Vec::new(), place: Place::default(), option: None, words: None }))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().plain())
    }
}

/// Errors are made where something is wrong, and told on the way out where that is.
impl Error {
    /// Wrong usage.
    pub fn usage(message: impl Into<Message>) -> Self {
        Cause::Usage(message.into()).into()
    }

    /// Unusable data.
    pub fn data(message: impl Into<Message>) -> Self {
        Cause::Data(message.into()).into()
    }

    /// A question, with the options that settle it.
    pub fn question(question: impl Into<Message>, answers: impl IntoIterator<Item = Opt>) -> Self {
        Cause::Question { question: question.into(), answers: answers.into_iter().collect() }.into()
    }

    /// An input or output error, with what was being done.
    pub fn io(what: impl Into<Message>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Cause::Io { what, source }.into()
    }

    /// That this file cannot be read.
    pub fn reading(file: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |error| match Address::of(&file) {
            Some(address) => Self::usage(address.instead_of_reading()),
            None => Self::io(format!("cannot read {file}"))(error).knowing(Place::new(file, None)),
        }
    }

    /// That this file cannot be written.
    pub fn writing(file: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |error| match Address::of(&file) {
            Some(address) => Self::usage(address.instead_of_writing()),
            None => Self::io(format!("cannot write {file}"))(error).knowing(Place::new(file, None)),
        }
    }

    /// It is in this file, which the message begins with.
    #[must_use]
    pub fn in_file(self, file: impl Into<String>) -> Self {
        self.at(Place::new(file, None))
    }

    /// It is at this place, which the message begins with.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        self.about(place.to_string()).knowing(place)
    }

    /// It is about this, which the message begins with.
    #[must_use]
    pub fn about(mut self, what: impl Into<String>) -> Self {
        self.0.before.insert(0, what.into());
        self
    }

    /// It is in this column, as the message says.
    #[must_use]
    pub fn in_column(self, column: impl Into<String>) -> Self {
        self.knowing(Place::default().in_column(column))
    }

    /// This is what stands there, as the message says.
    #[must_use]
    pub fn of_value(self, value: impl Into<String>) -> Self {
        self.knowing(Place::default().of_value(value))
    }

    /// It is at this place, as the message says. What was known before, nearer to where it happened, stays.
    #[must_use]
    pub fn knowing(mut self, place: Place) -> Self {
        let known = std::mem::take(&mut self.0.place);
        self.0.place = known.or(place);
        self
    }

    /// It is about this option, which the message does not name first.
    #[must_use]
    pub fn of_option(mut self, option: Opt) -> Self {
        self.0.option = Some(option);
        self
    }

    /// This error with the customer's name, where it is about one.
    pub(crate) fn of_customer(mut self, name: impl FnOnce() -> String) -> Self {
        if let Cause::InfiniteMean { customer: customer @ None, .. } = &mut self.0.cause {
            *customer = Some(name());
        }
        self
    }

    /// This error in other words.
    pub(crate) fn reworded(mut self, words: impl FnOnce(Message) -> Message) -> Self {
        self.0.words = Some(words(self.message()));
        self.0.before.clear();
        self
    }
}

/// What surfaces tell.
impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> Kind {
        self.0.cause.kind()
    }

    /// What went wrong, for code that does something about it.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// What is wrong, where, and what to do.
    pub fn message(&self) -> Message {
        let mut message = Message::default();
        self.0.before.iter().for_each(|what| message.push(format!("{what}: ")));
        message.push(self.0.words.clone().unwrap_or_else(|| self.0.cause.message()));
        message
    }

    /// Where it is, as far as that is known.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The options that it is about: that which is in question first, then those that would help.
    pub fn options(&self) -> Vec<Opt> {
        let mut options: Vec<Opt> = self.0.option.iter().cloned().collect();
        let message = self.message();
        for option in message.options().chain(self.answers()) {
            if options.iter().all(|known| known.name() != option.name()) {
                options.push(option.clone());
            }
        }
        options
    }

    /// The option that it is about, if it is about one.
    pub fn option(&self) -> Option<Opt> {
        self.options().into_iter().next()
    }

    /// Options that settle a question, each ready to be added.
    pub fn answers(&self) -> &[Opt] {
        match &self.0.cause {
            Cause::Question { answers, .. } => answers,
            _ => &[],
        }
    }
}
