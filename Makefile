.PHONY: test check quick browser ci

# Every test. The release profile is shared with `cargo run --release`, so that polars is compiled once; the core alone
# is tested in the dev profile, with its overflow checks; the report's page in a real browser.
test:
	cargo test --locked --release
	cargo test --locked --no-default-features
	tests/browser/run

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	cargo clippy --locked --all-targets --no-default-features --features cli -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

quick:
	cargo test --locked --no-default-features --features cli

# Installs what it needs, Chromium too, or says why it cannot.
browser:
	tests/browser/run

ci: test check
