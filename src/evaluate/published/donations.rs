//! Yearly donations to a charity: BG/BB on the supporters of 1995.

use super::{BTYD, Figures, LIFETIMES, Status};
use crate::error::Result;
use crate::fit::{Fitted, maximum_likelihood};
use crate::models::{BgBb, FuturePurchases, Likelihood, Timing};
use crate::summary::{Counted, CountedHistories, History};

const FHS10: &str = "Fader, Hardie & Shang (2010), Marketing Science 29(6)";

/// Years 1996-2001.
const YEARS: f64 = 6.0;

/// `(x, t_x, supporters)`: years with a donation, the last of them, of the 11,104 first-time donors of 1995. From the
/// package lifetimes 0.11.3 (MIT licence).
const SUPPORTERS: [(u32, u32, f64); 22] = [
    (0, 0, 3464.0),
    (1, 1, 1091.0),
    (1, 2, 277.0),
    (1, 3, 129.0),
    (1, 4, 78.0),
    (1, 5, 119.0),
    (1, 6, 129.0),
    (2, 2, 613.0),
    (2, 3, 255.0),
    (2, 4, 155.0),
    (2, 5, 173.0),
    (2, 6, 234.0),
    (3, 3, 322.0),
    (3, 4, 181.0),
    (3, 5, 225.0),
    (3, 6, 357.0),
    (4, 4, 240.0),
    (4, 5, 284.0),
    (4, 6, 512.0),
    (5, 5, 335.0),
    (5, 6, 728.0),
    (6, 6, 1203.0),
];

fn supporter(x: u32, t_x: u32) -> History {
    History::new(x, f64::from(t_x), YEARS)
}

impl Figures {
    pub(super) fn donations(&mut self) -> Result<()> {
        use Status::{CrossChecked, Published, Recomputed};
        let rows = SUPPORTERS.map(|(x, t_x, supporters)| (supporter(x, t_x), supporters));
        let data = CountedHistories::weighted(rows);
        let fitted: Fitted<BgBb> = maximum_likelihood(&data)?;
        let model = fitted.model;
        self.add("supporters", "11104", data.customers(), Published, FHS10);
        let names = BgBb::PARAMETERS;
        self.add_row("BG/BB {}", &names, "1.204 .750 .657 2.783", &model.parameters(), CrossChecked, BTYD);
        self.add_row("BG/BB {}", &names, "1.20352 .74972 .65672 2.78344", &model.parameters(), Recomputed, FHS10);
        self.add("BG/BB log-likelihood", "-33225.6", fitted.estimate.log_likelihood, CrossChecked, BTYD);
        self.add("BG/BB log-likelihood", "-33225.5813", fitted.estimate.log_likelihood, Recomputed, FHS10);
        let errors: Vec<f64> =
            fitted.estimate.standard_errors().into_iter().map(|error| error.unwrap_or(f64::NAN)).collect();
        let printed = ".0693914 .0294477 .0510099 .3208190";
        self.add_row("BG/BB standard error of {}", &names, printed, &errors, Recomputed, FHS10);

        // Alive at the next opportunity: alive now, and not gone before it.
        let next = |x, t_x| {
            let alive = model.future(&supporter(x, t_x));
            model.p_alive(&supporter(x, t_x)) * alive.delta / (alive.gamma + alive.delta)
        };
        let ours = [next(0, 0), next(2, 4), next(6, 6)];
        self.add_row(
            "alive in 2002, (x, t_x) = ({})",
            &["0, 0", "2, 4", "6, 6"],
            ".11 .59 .93",
            &ours,
            CrossChecked,
            BTYD,
        );
        let years = ["1", "2", "3", "4", "5", "6"];
        let ours = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].map(|n| model.expected_purchases(n));
        let printed = ".4985 .9233 1.2969 1.6323 1.9381 2.2202";
        self.add_row("E[X({})]", &years, printed, &ours, CrossChecked, BTYD);
        let five_years: f64 = rows
            .iter()
            .map(|(history, supporters)| {
                supporters * model.p_alive(history) * model.future(history).expected_purchases(5.0)
            })
            .sum();
        self.add("donations expected in 2002-2006", "12884.2", five_years, CrossChecked, LIFETIMES);
        let donors = ["0", "1", "2", "3", "4", "5", "6"];
        let ours: Vec<f64> = (0..=6).map(|x| data.customers() * model.pmf(x, YEARS)).collect();
        let printed = "3454.9 1888.7 1348.9 1113.4 1017.9 1027.2 1253.1";
        self.add_row("supporters with {} donations", &donors, printed, &ours, Recomputed, FHS10);
        Ok(())
    }
}
