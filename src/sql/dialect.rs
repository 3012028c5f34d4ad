//! What the dialects of SQL call the same things.

use serde::{Deserialize, Serialize};

use crate::summary::{Day, Grain};

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL, 11 or newer.
    #[default]
    Postgres,
    /// DuckDB.
    Duckdb,
    /// Spark, 3.5 or newer, and Databricks.
    Spark,
    /// BigQuery.
    Bigquery,
    /// Snowflake.
    Snowflake,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 5] = [Self::Postgres, Self::Duckdb, Self::Spark, Self::Bigquery, Self::Snowflake];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Duckdb => "duckdb",
            Self::Spark => "spark",
            Self::Bigquery => "bigquery",
            Self::Snowflake => "snowflake",
        }
    }

    /// The type of floating numbers of 64 bits.
    fn double_type(self) -> &'static str {
        match self {
            Self::Postgres => "double precision",
            Self::Duckdb | Self::Spark | Self::Snowflake => "double",
            Self::Bigquery => "float64",
        }
    }

    /// The type of text.
    fn text_type(self) -> &'static str {
        match self {
            Self::Postgres => "text",
            Self::Duckdb | Self::Snowflake => "varchar",
            Self::Spark | Self::Bigquery => "string",
        }
    }

    /// The type of whole numbers of 64 bits.
    fn big_integer_type(self) -> &'static str {
        if self == Self::Bigquery { "int64" } else { "bigint" }
    }

    /// The type of decimal numbers with nine digits after the point.
    fn decimal_type(self) -> &'static str {
        match self {
            Self::Postgres => "numeric(38, 9)",
            Self::Duckdb | Self::Spark => "decimal(38, 9)",
            Self::Bigquery => "numeric",
            Self::Snowflake => "number(38, 9)",
        }
    }

    /// As a floating number.
    pub(super) fn double(self, of: &str) -> String {
        format!("cast({of} as {})", self.double_type())
    }

    /// As text.
    pub(super) fn text(self, of: &str) -> String {
        format!("cast({of} as {})", self.text_type())
    }

    /// As a whole number, of counts.
    pub(super) fn count(self, of: &str) -> String {
        let integer = if self == Self::Bigquery { "int64" } else { "integer" };
        format!("cast({of} as {integer})")
    }

    /// As a whole number of 64 bits, of what has no fraction.
    pub(super) fn big_integer(self, of: &str) -> String {
        format!("cast({of} as {})", self.big_integer_type())
    }

    /// As a decimal number.
    pub(super) fn decimal(self, of: &str) -> String {
        format!("cast({of} as {})", self.decimal_type())
    }

    /// A column as a floating number; what is text and no number makes the query fail.
    pub(super) fn number(self, column: &str) -> String {
        match self {
            // Where ANSI mode is off, a cast makes nothing of what is no number, and the row would be lost in silence.
            Self::Spark => format!(
                "case when {column} is not null and try_cast({column} as double) is null \
                 then raise_error(concat('this is no number: ', cast({column} as string))) else {} end",
                self.double(column)
            ),
            _ => self.double(column),
        }
    }

    /// A floating number without its fraction. Casts alone round in some dialects.
    pub(super) fn truncated(self, of: &str) -> String {
        match self {
            Self::Spark => format!("cast({of} as bigint)"),
            _ => format!("trunc({of})"),
        }
    }

    /// A whole number of up to 128 bits: whole x 2^64 + middle x 2^32 + low.
    pub(super) fn joined_limbs(self, [whole, middle, low]: [&str; 3]) -> String {
        const HIGH: &str = "18446744073709551616";
        const MIDDLE: &str = "4294967296";
        match self {
            Self::Postgres => {
                format!("cast({whole} as numeric) * {HIGH} + cast({middle} as numeric) * {MIDDLE} + {low}")
            }
            Self::Duckdb => {
                format!("cast({whole} as hugeint) * {HIGH} + cast({middle} as hugeint) * {MIDDLE} + {low}")
            }
            Self::Spark => format!(
                "cast({whole} as decimal(19, 0)) * cast('{HIGH}' as decimal(20, 0)) \
                 + cast({middle} as decimal(19, 0)) * cast('{MIDDLE}' as decimal(10, 0)) + {low}"
            ),
            Self::Bigquery => format!(
                "cast({whole} as bignumeric) * bignumeric '{HIGH}' + cast({middle} as bignumeric) * {MIDDLE} + {low}"
            ),
            Self::Snowflake => {
                format!("cast({whole} as number(19, 0)) * {HIGH} + cast({middle} as number(19, 0)) * {MIDDLE} + {low}")
            }
        }
    }

    /// Days from one date to another.
    pub(super) fn days(self, earlier: &str, later: &str) -> String {
        match self {
            Self::Postgres | Self::Duckdb => format!("({later} - {earlier})"),
            Self::Spark => format!("datediff({later}, {earlier})"),
            Self::Bigquery => format!("date_diff({later}, {earlier}, day)"),
            Self::Snowflake => format!("datediff(day, {earlier}, {later})"),
        }
    }

    /// Months of the calendar from one date to another.
    pub(super) fn months(self, earlier: &str, later: &str) -> String {
        let month = |date: &str| format!("(extract(year from {date}) * 12 + extract(month from {date}))");
        format!("{} - {}", month(later), month(earlier))
    }

    /// Years of the calendar likewise.
    pub(super) fn years(self, earlier: &str, later: &str) -> String {
        let year = |date: &str| format!("extract(year from {date})");
        format!("{} - {}", year(later), year(earlier))
    }

    /// A day.
    pub(super) fn date(self, day: Day) -> String {
        format!("date '{day}'")
    }

    /// The first day of the period of a date.
    pub(super) fn period_start(self, grain: Grain, date: &str) -> String {
        match (self, grain) {
            (_, Grain::Day) => date.to_owned(),
            (Self::Postgres, _) => {
                format!("cast(date_trunc('{grain}', cast({date} as timestamp)) as date)")
            }
            (Self::Duckdb, _) => format!("cast(date_trunc('{grain}', {date}) as date)"),
            (Self::Spark, _) => format!("trunc({date}, '{grain}')"),
            // Weeks begin on Sunday where nothing else is said.
            (Self::Bigquery, Grain::Week) => format!("date_trunc({date}, isoweek)"),
            (Self::Bigquery, _) => format!("date_trunc({date}, {grain})"),
            // And here on whatever day a parameter of the session says.
            (Self::Snowflake, Grain::Week) => format!("dateadd(day, 1 - dayofweekiso({date}), {date})"),
            (Self::Snowflake, _) => format!("date_trunc('{grain}', {date})"),
        }
    }

    /// Text without the characters of a literal at both ends.
    pub(super) fn trimmed(self, text: &str, characters: &str) -> String {
        match self {
            Self::Postgres => format!("btrim({text}, {characters})"),
            Self::Spark => format!("trim(both {characters} from {text})"),
            _ => format!("trim({text}, {characters})"),
        }
    }

    /// An order of text that is the same everywhere: by its bytes.
    pub(super) fn by_bytes(self, text: &str) -> String {
        match self {
            Self::Postgres => format!("{text} collate \"C\""),
            _ => text.to_owned(),
        }
    }
}
