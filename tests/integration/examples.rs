//! The programs in `examples/` run.

/// A module of its own for each, with a test that runs it.
macro_rules! example {
    ($name:ident) => {
        mod $name {
            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/", stringify!($name), ".rs"));

            #[test]
            fn runs() {
                main().unwrap();
            }
        }
    };
}

example!(evaluate);
example!(fit);
example!(merge_logs);
example!(model_file);
example!(orders_to_value);

/// An example that is added is run, too.
#[test]
fn none_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    for name in files.filter_map(|file| file.strip_suffix(".rs").map(str::to_owned)) {
        assert!(include_str!("examples.rs").contains(&format!("example!({name});")), "{name} is not run");
    }
}
