//! Flags that fill the library's options.

use std::fmt::Display;

/// Flags for fields of a struct of options, which have their names and types: what was given is put there as it is.
macro_rules! flags {
    ($(#[$about:meta])* $name:ident => $options:ty { $($(#[$flag:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, clap::Args)]
        pub(crate) struct $name {
            $($(#[$flag])* pub(crate) $field: $type,)*
        }

        impl $name {
            /// Puts what was given into the options.
            pub(crate) fn fill(&self, options: &mut $options) {
                $(options.$field = Clone::clone(&self.$field);)*
            }
        }
    };
}

pub(crate) use flags;

/// What the library takes unless something else is given, as it would be written.
pub(crate) fn default_text(value: impl Display) -> &'static str {
    // A flag is described once, and to the end.
    value.to_string().leak()
}

/// The default of several values, as help shows it.
pub(crate) fn default_list<T: Display>(values: &[T]) -> &'static str {
    default_text(values.iter().map(T::to_string).collect::<Vec<_>>().join(","))
}
