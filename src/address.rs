//! Addresses where a file is wanted, and what to do with them.
//!
//! They may hold passwords, and tokens behind a question mark, of which nothing gets into a message.

/// An address such as `s3://bucket/orders.parquet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    scheme: &'a str,
    rest: &'a str,
}

impl<'a> Address<'a> {
    /// What begins with a scheme; none if it is a path.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        is_scheme.then_some(Self { scheme, rest })
    }

    /// The address without what may be secret.
    pub(crate) fn shown(self) -> String {
        let Self { scheme, rest } = self;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = match (host.rsplit_once('@'), scheme.to_ascii_lowercase().as_str()) {
            // A container, and its account.
            (Some((container, account)), "abfs" | "abfss" | "wasb" | "wasbs") if !container.contains(':') => {
                format!("{container}@{account}")
            }
            (Some((_, host)), _) => host.to_owned(),
            (None, _) => host.to_owned(),
        };
        format!("{scheme}://{host}{path}")
    }

    /// How its content is read.
    pub(crate) fn instead_of_reading(self) -> String {
        let shown = self.shown();
        let how = match self.scheme.to_ascii_lowercase().as_str() {
            "file" => return format!("{shown} is an address; give the path of the file"),
            "s3" | "s3a" | "s3n" => {
                let shown = shown.replacen(&format!("{}://", self.scheme), "s3://", 1);
                format!("pipe it: aws s3 cp '{shown}' - | clv run -")
            }
            "gs" | "gcs" => format!("pipe it: gcloud storage cat '{shown}' | clv run -"),
            "http" | "https" | "ftp" => format!("pipe it: curl -sSL '{shown}' | clv run -"),
            "hdfs" => format!("pipe it: hdfs dfs -cat '{shown}' | clv run -"),
            "postgres" | "postgresql" => format!(
                "pipe a query: psql '{shown}' -c 'copy (select customer_id, order_date, amount from orders) to stdout csv header' | clv run \
                 -, or print the summary as a query with clv sql"
            ),
            "mysql" | "mariadb" | "snowflake" | "bigquery" | "redshift" | "mssql" | "oracle" | "duckdb" | "sqlite" => {
                "export the result of a query as CSV or Parquet, or print the summary as a query with clv sql"
                    .to_owned()
            }
            _ => "pipe it through a program that reads there: ... | clv summarize -".to_owned(),
        };
        format!(
            "{shown} is an address, and clv reads files and standard input; {how}. In Python, connections and data sets are read"
        )
    }

    /// How something gets there.
    pub(crate) fn instead_of_writing(self) -> String {
        format!("{} is an address, and clv writes files; write one, and copy it there", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_without_their_secrets() {
        let shown = |text| Address::of(text).unwrap().shown();
        assert_eq!(shown("https://ada:s3cr3t@example.org/a/o.csv?token=s3cr3t#s3cr3t"), "https://example.org/a/o.csv");
        assert_eq!(shown("postgres://ada:s3cr3t%40@db:5432/shop"), "postgres://db:5432/shop");
        assert_eq!(shown("postgresql://db/shop?password=s3cr3t"), "postgresql://db/shop");
        assert_eq!(shown("s3://bucket/a@b/orders.csv"), "s3://bucket/a@b/orders.csv");
        assert_eq!(
            shown("abfss://box@account.dfs.core.windows.net/o.csv"),
            "abfss://box@account.dfs.core.windows.net/o.csv"
        );
        for path in ["orders.csv", "a/b://c", "C:\\orders.csv", "dbfs:/orders", "://x", "1://x"] {
            assert_eq!(Address::of(path), None, "{path}");
        }
    }
}
