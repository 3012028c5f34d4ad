//! Orders in parts, each of which is folded where it is: by the machines of a cluster, or one after the other.
//!
//! Parts may be of some customers each, with all of their orders; then a [`Fold`] of a part makes their rows of the summary, and nobody ever
//! has all of them. Or they are of anything: then a fold makes [`Records`] of each part, one a customer and day, which take less room, and
//! another fold adds up those of its customers. Amounts are added exactly, so that neither the order of the rows nor their division into
//! parts shows in any bit.
//!
//! Rows are orders already, with columns of the right types: what is no order was left out before. Nothing is found out from a part,
//! which another part might contradict.
//!
//! ```
//! use std::ops::Range;
//! use std::sync::Arc;
//!
//! use clv::parts::{Fold, FoldOptions};
//! use clv::tables::{BytesRead, Cells, HeldRows, TableReader};
//!
//! /// Days of the orders of customer 7, since 1970, and their amounts.
//! #[derive(Debug)]
//! struct Part(Vec<(i32, f64)>);
//!
//! impl HeldRows for Part {
//!     fn rows(&self) -> usize {
//!         self.0.len()
//!     }
//!
//!     fn cells(&self, column: usize, rows: Range<usize>) -> clv::Result<Cells> {
//!         let rows = self.0[rows].iter();
//!         Ok(match column {
//!             0 => Cells::Integer(rows.map(|_| Some(7)).collect()),
//!             1 => Cells::Date(rows.map(|row| Some(row.0)).collect()),
//!             _ => Cells::Real(rows.map(|row| Some(row.1)).collect()),
//!         })
//!     }
//! }
//!
//! let options = FoldOptions { until: Some("2024-01-29".parse()?), ..FoldOptions::default() };
//! let mut fold = Fold::new(options)?;
//! let header = ["customer_id", "order_date", "amount"].map(str::to_owned).to_vec();
//! let part = Part(vec![(19_723, 20.0), (19_737, 35.0)]);
//! fold.add(&mut TableReader::held("part", header, vec![Arc::new(part)], &BytesRead::default()))?;
//! let summary = fold.summary()?;
//! assert_eq!((summary.frequency[0], summary.recency[0], summary.T[0]), (1, 2.0, 4.0));
//! # Ok::<(), clv::Error>(())
//! ```

mod fold;
mod options;
mod records;

pub use fold::Fold;
pub use options::FoldOptions;
pub use records::{Record, RecordReader, Records};
