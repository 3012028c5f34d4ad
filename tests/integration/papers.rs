//! The pages: short where they have to be, and links that lead somewhere.

use std::path::{Path, PathBuf};

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "CONTRIBUTING.md", "python/README.md", "notebooks/README.md", "data/cdnow/README.md"];
    docs.chain(others.map(|name| root.join(name))).collect()
}

/// Where the links of a page lead, besides those to other places.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"))
}

/// The name that a heading has in links.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    letters.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn links_lead_somewhere() {
    let mut met = 0;
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        for link in links(&page) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !part.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                let has = text.lines().any(|line| line.starts_with('#') && anchor(line) == part);
                assert!(has, "{}: there is no heading for {link}", path.display());
            }
            met += 1;
        }
    }
    assert!(met > 30, "{met} links");
}

#[test]
fn the_first_page_is_short_and_names_every_other() {
    let readme = std::fs::read_to_string(format!("{}/README.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    for path in pages() {
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned();
        assert!(name == "README.md" || readme.contains(&*name), "README.md does not lead to {name}");
    }
}

#[test]
fn files_that_pages_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src/", "python/", "tests/", "benches/", "assets/", "docs/", "examples/", "models/"];
    let mut met = 0;
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        for name in page.lines().flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let is_file = folders.iter().any(|folder| name.starts_with(folder)) && !name.contains([' ', '<', '*']);
            // A page of a folder may name what is in it from there.
            let there = root.join(name).exists() || path.parent().unwrap().join(name).exists();
            assert!(!is_file || there, "{} names {name}, which is not there", path.display());
            met += usize::from(is_file);
        }
    }
    assert!(met > 40, "{met} files");
}
