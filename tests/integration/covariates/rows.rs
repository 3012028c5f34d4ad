//! Ninety customers, and what is known of them: simulated by `tests/reference/covariates.py`.

use clv::summary::{Attribute, Day, Grain, History, Observation, Summary, TimeUnit};

/// `x`, `t_x`, `T`, channel, age and mean repeat spend.
const ROWS: [(u32, u32, u32, u32, u32, f64); 90] = [
    (4, 27, 31, 1, 62, 13.65),
    (14, 54, 60, 1, 33, 8.87),
    (11, 26, 33, 1, 47, 14.90),
    (0, 0, 36, 0, 64, 0.00),
    (0, 0, 47, 0, 56, 0.00),
    (6, 19, 60, 0, 38, 13.09),
    (1, 18, 42, 0, 57, 3.81),
    (6, 32, 54, 1, 63, 8.96),
    (2, 13, 57, 0, 40, 17.48),
    (2, 5, 32, 1, 50, 17.44),
    (1, 5, 30, 1, 64, 0.45),
    (2, 24, 60, 1, 50, 15.92),
    (1, 1, 34, 0, 69, 29.61),
    (0, 0, 31, 0, 35, 0.00),
    (4, 14, 31, 0, 51, 9.91),
    (0, 0, 46, 0, 24, 0.00),
    (1, 7, 46, 0, 70, 8.46),
    (35, 56, 56, 1, 29, 7.52),
    (22, 50, 51, 1, 26, 27.21),
    (2, 3, 33, 1, 25, 5.32),
    (17, 49, 52, 1, 39, 12.74),
    (8, 53, 53, 1, 60, 22.49),
    (4, 29, 34, 0, 21, 12.90),
    (0, 0, 56, 0, 29, 0.00),
    (0, 0, 31, 0, 60, 0.00),
    (2, 29, 40, 0, 69, 6.88),
    (0, 0, 51, 0, 35, 0.00),
    (0, 0, 60, 0, 32, 0.00),
    (0, 0, 53, 0, 62, 0.00),
    (0, 0, 43, 0, 25, 0.00),
    (0, 0, 49, 0, 32, 0.00),
    (2, 48, 60, 0, 28, 9.27),
    (2, 20, 48, 1, 21, 4.61),
    (10, 57, 58, 1, 30, 7.65),
    (1, 14, 42, 1, 63, 27.99),
    (0, 0, 36, 0, 69, 0.00),
    (2, 6, 33, 0, 70, 16.32),
    (0, 0, 44, 0, 58, 0.00),
    (1, 3, 55, 0, 59, 5.01),
    (1, 5, 37, 0, 66, 7.27),
    (0, 0, 31, 1, 23, 0.00),
    (1, 1, 55, 0, 25, 18.85),
    (6, 6, 35, 1, 33, 20.53),
    (7, 17, 32, 0, 35, 4.82),
    (11, 50, 51, 1, 60, 4.64),
    (3, 18, 50, 0, 47, 27.99),
    (7, 42, 58, 0, 64, 17.71),
    (0, 0, 47, 0, 25, 0.00),
    (1, 5, 58, 0, 23, 3.82),
    (4, 38, 45, 0, 26, 3.20),
    (0, 0, 54, 0, 51, 0.00),
    (0, 0, 54, 1, 30, 0.00),
    (1, 2, 58, 1, 66, 36.17),
    (3, 8, 40, 1, 48, 65.38),
    (2, 2, 59, 1, 29, 3.16),
    (1, 23, 35, 0, 62, 7.75),
    (0, 0, 30, 0, 44, 0.00),
    (26, 46, 47, 1, 48, 25.47),
    (1, 4, 41, 1, 42, 7.32),
    (2, 21, 48, 0, 22, 6.45),
    (4, 30, 33, 0, 39, 17.50),
    (1, 34, 34, 1, 29, 25.28),
    (0, 0, 32, 1, 37, 0.00),
    (6, 11, 58, 1, 61, 10.21),
    (2, 12, 52, 0, 28, 16.34),
    (1, 19, 44, 1, 54, 11.87),
    (1, 6, 38, 0, 54, 3.10),
    (4, 21, 33, 1, 38, 20.15),
    (0, 0, 42, 1, 21, 0.00),
    (0, 0, 47, 0, 37, 0.00),
    (2, 2, 32, 1, 54, 10.70),
    (2, 52, 52, 1, 22, 7.69),
    (0, 0, 60, 0, 41, 0.00),
    (6, 11, 30, 1, 44, 17.75),
    (6, 13, 39, 1, 67, 12.68),
    (0, 0, 48, 0, 46, 0.00),
    (2, 18, 56, 0, 68, 8.58),
    (1, 12, 51, 0, 34, 23.08),
    (2, 5, 55, 0, 21, 31.89),
    (0, 0, 37, 1, 21, 0.00),
    (4, 16, 52, 1, 70, 8.56),
    (1, 3, 49, 0, 51, 4.49),
    (3, 36, 43, 1, 51, 19.23),
    (1, 32, 41, 1, 29, 27.48),
    (4, 36, 45, 0, 49, 4.41),
    (0, 0, 52, 0, 33, 0.00),
    (0, 0, 45, 0, 57, 0.00),
    (1, 15, 45, 1, 31, 7.96),
    (3, 32, 39, 0, 55, 2.32),
    (4, 42, 59, 0, 24, 3.56),
];

/// Customers with these histories and mean spends, of whom these columns are known; an empty text says nothing.
pub(super) fn customers(histories: &[(History, f64)], columns: &[(&str, Vec<String>)]) -> Summary {
    let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(10_000) };
    let mut summary = Summary::from_histories(histories.iter().copied(), observation);
    summary.attributes = columns
        .iter()
        .map(|(name, texts)| {
            let texts: Vec<Option<String>> =
                texts.iter().map(|text| Some(text.clone()).filter(|text| !text.is_empty())).collect();
            Attribute::new((*name).to_owned(), &texts)
        })
        .collect();
    summary
}

/// All of them, with their channel as 0 or 1 and in words, and their age.
pub fn ninety() -> Summary {
    let history =
        |&(x, t_x, T, .., mean): &(u32, u32, u32, u32, u32, f64)| (History::new(x, f64::from(t_x), f64::from(T)), mean);
    let column = |say: &dyn Fn(u32, u32) -> String| ROWS.iter().map(|row| say(row.3, row.4)).collect();
    customers(
        &ROWS.iter().map(history).collect::<Vec<_>>(),
        &[
            ("online", column(&|channel, _| channel.to_string())),
            ("channel", column(&|channel, _| ["store", "online"][channel as usize].to_owned())),
            ("age", column(&|_, age| age.to_string())),
        ],
    )
}
