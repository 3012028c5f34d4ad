//! What the browser may do with the page: run its own two scripts, use its own style sheet, and nothing else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The content security policy that allows these scripts and this style sheet, by their hashes, and no request at all.
pub(crate) fn policy(scripts: &[&str], style: &str) -> String {
    let scripts: Vec<String> = scripts.iter().map(|script| source(script)).collect();
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        scripts.join(" "),
        source(style)
    )
}

/// How a policy names what stands between the tags, byte by byte.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::{policy, source};

    #[test]
    fn hashes_are_those_of_openssl() {
        // By openssl: printf "alert('Hello, world.');" | openssl dgst -sha256 -binary | openssl base64
        let named = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert_eq!(source("alert('Hello, world.');"), named);
    }

    #[test]
    fn nothing_unsafe_is_allowed() {
        let policy = policy(&["a()", "b()"], "p {}");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert_eq!(policy.matches("'sha256-").count(), 3);
        assert!(!policy.contains("unsafe") && !policy.contains('"'), "{policy}");
    }
}
