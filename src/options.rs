//! Options by their names, from which every surface fills the structs that hold them.
//!
//! A struct of options is what serde makes of it: its fields are the options, with their defaults, and a field that is itself such a struct
//! groups some of them. Whoever gives options, by keyword or in a request, gives them by name, without the groups: [`take`] puts them where
//! they belong.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::message::Message;

/// The options of a struct by name, with their defaults as JSON.
///
/// # Panics
/// If the struct is none of options: its JSON is no object.
pub fn defaults<T: Default + Serialize>() -> BTreeMap<String, Value> {
    values(&T::default())
}

/// Options that are not what they are by default, by name.
pub fn changed<T: Default + Serialize>(options: &T) -> Vec<String> {
    let usual = defaults::<T>();
    values(options).into_iter().filter(|(name, value)| usual[name] != *value).map(|(name, _)| name).collect()
}

/// The options of a struct by name, as JSON.
///
/// # Panics
/// Like [`defaults`].
pub fn values<T: Serialize>(options: &T) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    ungroup(shape(options), &mut values);
    values
}

fn shape<T: Serialize>(options: &T) -> Map<String, Value> {
    match serde_json::to_value(options) {
        Ok(Value::Object(fields)) => fields,
        other => panic!("these are no options: {other:?}"),
    }
}

fn ungroup(fields: Map<String, Value>, values: &mut BTreeMap<String, Value>) {
    for (name, value) in fields {
        match value {
            Value::Object(group) => ungroup(group, values),
            value => assert!(values.insert(name.clone(), value).is_none(), "two options are called {name}"),
        }
    }
}

/// What was wrong with an option that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong<E> {
    /// Its name.
    pub option: String,
    /// What is wrong with it.
    pub error: E,
}

/// Takes from what was given by name whatever is an option of a struct, and fills the struct with it; the others stay as they are by default.
///
/// # Errors
/// What the struct says of a value that it cannot take.
pub fn take<'de, T, G>(given: &mut BTreeMap<String, G>) -> Result<T, Wrong<G::Error>>
where
    T: Default + Serialize + DeserializeOwned,
    G: Deserializer<'de>,
{
    let (shape, mut reading) = (shape(&T::default()), String::new());
    let fields = Fields { shape: &shape, given, reading: &mut reading };
    T::deserialize(fields).map_err(|error| Wrong { option: reading, error })
}

/// A struct, or a group within it.
struct Fields<'a, G> {
    shape: &'a Map<String, Value>,
    given: &'a mut BTreeMap<String, G>,
    /// The option that is being read.
    reading: &'a mut String,
}

impl<'de, G: Deserializer<'de>> Deserializer<'de> for Fields<'_, G> {
    type Error = G::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, G::Error> {
        let Self { shape, given, reading } = self;
        visitor.visit_map(Walk { fields: shape.iter(), given, reading, next: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// What comes next on the walk through the fields.
enum Next<'a, G> {
    Group(&'a Map<String, Value>),
    Option(G),
}

struct Walk<'a, G> {
    fields: serde_json::map::Iter<'a>,
    given: &'a mut BTreeMap<String, G>,
    reading: &'a mut String,
    next: Option<Next<'a, G>>,
}

impl<'de, G: Deserializer<'de>> MapAccess<'de> for Walk<'_, G> {
    type Error = G::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, G::Error> {
        for (name, value) in self.fields.by_ref() {
            self.next = match value {
                Value::Object(group) => Some(Next::Group(group)),
                _ => self.given.remove(name).map(Next::Option),
            };
            if self.next.is_some() {
                self.reading.clone_from(name);
                return seed.deserialize(name.as_str().into_deserializer()).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, G::Error> {
        match self.next.take().expect("a name comes before its value") {
            Next::Group(shape) => seed.deserialize(Fields { shape, given: self.given, reading: self.reading }),
            Next::Option(value) => seed.deserialize(value),
        }
    }
}

/// What an error says, through serde, whose errors are text alone: where it names options, they stay data.
pub(crate) fn through_serde(error: &Error) -> String {
    let message = error.message();
    match message.options().next() {
        Some(_) => serde_json::to_string(&message).expect("a message is JSON"),
        None => message.plain(),
    }
}

/// What an error of serde's says of an option that was given.
pub fn said(text: &str) -> Message {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// Types that are written and read as text.
macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(|error: $crate::error::Error| serde::de::Error::custom($crate::options::through_serde(&error)))
            }
        }
    )*};
}

pub(crate) use as_text;

/// Reads a number, or a text that says what it is.
pub(crate) struct NumberOrText<N, T> {
    /// What is taken, for messages.
    pub(crate) what: &'static str,
    /// What a number is.
    pub(crate) number: N,
    /// What a text says.
    pub(crate) text: T,
}

impl<'de, R, N, T> Visitor<'de> for NumberOrText<N, T>
where
    N: FnOnce(f64) -> crate::error::Result<R>,
    T: FnOnce(&str) -> crate::error::Result<R>,
{
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<R, E> {
        (self.number)(number).map_err(|error| E::custom(through_serde(&error)))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<R, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<R, E> {
        self.visit_f64(number as f64)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<R, E> {
        (self.text)(text).map_err(|error| E::custom(through_serde(&error)))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        robust: bool,
        prior_sd: Option<f64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Outer {
        fit: Inner,
        seed: u64,
    }

    impl Default for Outer {
        fn default() -> Self {
            Self { fit: Inner::default(), seed: 7 }
        }
    }

    fn given(json: Value) -> BTreeMap<String, Value> {
        shape(&json).into_iter().collect()
    }

    #[test]
    fn options_go_where_they_belong_and_others_stay() {
        let mut all = given(json!({ "robust": true, "seed": 3, "horizon": "3m" }));
        let expected = Outer { fit: Inner { robust: true, prior_sd: None }, seed: 3 };
        assert_eq!(take::<Outer, _>(&mut all).unwrap(), expected);
        assert_eq!(all.into_keys().collect::<Vec<_>>(), ["horizon"]);
        assert_eq!(changed(&expected), ["robust", "seed"]);
        // A group is no option.
        let mut grouped = given(json!({ "fit": { "robust": true } }));
        assert_eq!(take::<Outer, _>(&mut grouped).unwrap(), Outer::default());
        assert_eq!(grouped.len(), 1);
    }

    #[test]
    fn what_is_wrong_says_of_which_option() {
        for (json, option) in [(json!({ "seed": -1 }), "seed"), (json!({ "prior_sd": "two", "seed": 3 }), "prior_sd")] {
            assert_eq!(take::<Outer, _>(&mut given(json)).unwrap_err().option, option);
        }
    }

    #[test]
    fn messages_come_through_serde() {
        use crate::message::{opt, say};
        for users in ["a--strict", "[1]", "\"x\"", "{x}", "⟨--strict⟩"] {
            for message in [say!["`{users}`"], say![opt("where"), " `{users}`: ", opt("unit").with(users)]] {
                assert_eq!(said(&through_serde(&Error::usage(message.clone()))), message);
            }
        }
    }

    #[test]
    fn defaults_are_told_by_name() {
        let defaults: Vec<(String, Value)> = defaults::<Outer>().into_iter().collect();
        let expected = [("prior_sd", json!(null)), ("robust", json!(false)), ("seed", json!(7))];
        assert_eq!(defaults, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
