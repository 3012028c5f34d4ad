//! Forecasts that reach further than anything has been seen.

use super::Horizon;
use crate::error::Result;
use crate::message::{Message, opt, say};
use crate::summary::Observation;

/// A horizon that is longer than the observation by no more than this share is about as long.
const ABOUT: f64 = 0.05;

/// Says that horizons are longer than what was `observed`, in time units from the first purchase of all to the end, if they are:
/// nothing in the data then says whether customers go on as the model takes them to.
///
/// # Errors
/// [`crate::Error::usage`] if a horizon does not lie in the future.
pub fn beyond_observation(horizons: &[Horizon], observation: &Observation, observed: f64) -> Result<Option<Message>> {
    let mut beyond = Vec::new();
    for horizon in horizons {
        let times = horizon.length(observation)? / observed;
        if times > 1.0 + ABOUT {
            beyond.push((horizon, times));
        }
    }
    let names: Vec<String> = beyond.iter().map(|(horizon, _)| horizon.to_string()).collect();
    let (Some((last, others)), true) = (names.split_last(), observed > 0.0) else { return Ok(None) };
    let longest = beyond.iter().map(|(_, times)| *times).filter(|times| times.is_finite()).fold(0.0, f64::max);
    let (which, up_to) = match others {
        [] => (format!("the horizon {last} is"), ""),
        others => (format!("the horizons {} and {last} are", others.join(", ")), "up to "),
    };
    let how = match longest {
        0.0 => "longer than".to_owned(),
        times => format!("{up_to}{} times as long as", digits(times)),
    };
    let (unit, observed) = (observation.unit, digits(observed));
    Ok(Some(say![
        "{which} {how} the observation ({observed} {unit}s): no customer has been observed for that long, and such a forecast rests on \
         the model alone. Treat it with care, or give shorter ",
        opt("horizons")
    ]))
}

/// Two digits at least, none after the point where there are many before it.
fn digits(number: f64) -> String {
    let decimals = if number < 2.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::parse_horizons;
    use crate::summary::{Day, Grain, TimeUnit};

    fn beyond(horizons: &str, grain: Grain, unit: TimeUnit, observed: f64) -> Option<String> {
        // A Sunday.
        let observation = Observation { unit, grain, end: "1997-09-28".parse::<Day>().unwrap() };
        beyond_observation(&parse_horizons(horizons).unwrap(), &observation, observed)
            .unwrap()
            .map(|words| words.plain())
    }

    #[test]
    fn horizons_beyond_the_observation_are_named_with_how_much_longer_they_are() {
        let weeks = |horizons: &str, observed: f64| beyond(horizons, Grain::Day, TimeUnit::Week, observed);
        // CDNOW's: 39 weeks seen, 39 foreseen.
        assert_eq!(weeks("39w", 39.0), None);
        assert_eq!(weeks("40w,13w", 39.0), None);
        let one = weeks("3m,52w", 26.0).unwrap();
        assert!(one.starts_with("the horizon 52w is 2.0 times as long as the observation (26.0 weeks): "), "{one}");
        let two = weeks("3m,26w,52w", 5.0).unwrap();
        assert!(two.starts_with("the horizons 3m, 26w and 52w are up to 10.4 times as long"), "{two}");
        let both = weeks("60w,forever", 39.0).unwrap();
        assert!(both.starts_with("the horizons 60w and forever are up to 1.54 times as long"), "{both}");
        let forever = weeks("forever", 200.0).unwrap();
        assert!(forever.starts_with("the horizon forever is longer than the observation (200 weeks)"), "{forever}");
        // The end of a later period counts.
        assert!(weeks("26w..52w", 30.0).unwrap().contains("1.73 times"));
        assert_eq!(weeks("52w", 0.0), None);
        let periods = beyond("52w", Grain::Week, TimeUnit::Week, 13.0).unwrap();
        assert!(periods.contains("4.0 times as long as the observation (13.0 weeks)"), "{periods}");
    }
}
