.PHONY: test check quick browser python ci

# Every test. The release profile is shared with `cargo run --release`, so that dependencies are compiled once; the core alone
# is tested in the dev profile, with its overflow checks; the report's page in a real browser; the Python package as a wheel, with
# the notebooks; and frames of polars last, which takes minutes to compile.
test:
	cargo test --locked --release
	cargo test --locked --no-default-features
	tests/browser/run
	python/tests/run
	cargo test --locked --no-default-features --features report,polars --test polars
	cargo test --locked --no-default-features --features report,polars --doc polars

check:
	cargo fmt --all --check
	python3 tests/structure.py
	python3 tests/dependencies.py
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	cargo clippy --locked --all-targets --no-default-features --features cli -- -D warnings
	cargo clippy --locked --no-default-features --features report,polars --lib --test polars -- -D warnings
	cargo clippy --locked -p clv-python --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

quick:
	cargo test --locked --no-default-features --features cli

# Installs what it needs, Chromium too, or says why it cannot.
browser:
	tests/browser/run

# Installs what it needs from PyPI, or says why it cannot.
python:
	python/tests/run

ci: test check
