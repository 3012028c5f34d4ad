use clv::{fit::*, models::*, simulate::*, summary::*};
use std::time::Instant;
fn main() {
    let pop = Population {
        timing: BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 },
        spend: Some(GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 }),
        joining: 12.0,
        length: 39.0,
    };
    let day = |t: f64| (t * 7.0).floor() / 7.0;
    let (h, m): (Vec<_>, Vec<_>) = pop
        .customers(1)
        .take(1_000_000)
        .map(|c| {
            let h = c.history();
            (History { t_x: day(h.t_x), T: day(h.T), ..h }, (h.frequency, c.monetary_value()))
        })
        .unzip();
    for _ in 0..3 {
        let t = Instant::now();
        let c = CountedHistories::new(h.iter().copied());
        println!("count {:?} {} rows", t.elapsed(), c.rows().len());
        let t = Instant::now();
        let (_, r) = CountedHistories::with_rows(h.iter().copied());
        println!("with rows {:?} {}", t.elapsed(), r.len());
        let t = Instant::now();
        let th = c.thinned(16);
        println!("thin {:?} {}", t.elapsed(), th.rows().len());
        let t = Instant::now();
        let f: Fitted<BgNbd> = maximum_likelihood(&th).unwrap();
        println!("thin fit {:?} {} {} {:?}", t.elapsed(), f.iterations, f.evaluations, f.model);
        let t = Instant::now();
        let f: Fitted<BgNbd> = maximum_likelihood(&c).unwrap();
        println!("fit {:?} {} {} {:?}", t.elapsed(), f.iterations, f.evaluations, f.model);
        let t = Instant::now();
        f.model.log_likelihood(&c);
        println!("eval {:?}", t.elapsed());
        let t = Instant::now();
        let s = CountedSpend::new(m.iter().copied());
        println!("count spend {:?} {}", t.elapsed(), s.rows().len());
        let t = Instant::now();
        let f: Fitted<GammaGamma> = maximum_likelihood(&s).unwrap();
        println!("gg {:?} {} {} {:?}", t.elapsed(), f.iterations, f.evaluations, f.model);
        let t = Instant::now();
        f.model.log_likelihood(&s);
        println!("eval {:?}", t.elapsed());
    }
}
