# Every entry point of the project. `make demo` and `make test` are the two that a newcomer needs.

# One target folder outside the checkout: a fresh clone then recompiles only our own crates.
export CARGO_TARGET_DIR ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/frontdesk/target
export CARGO_TERM_COLOR ?= auto
# Plain `tsc` from npm, the oracle for our types (see crates/lang/tests).
export FRONTDESK_TSC := $(CURDIR)/tests/node_modules/.bin/tsc
# npm packages that are not ours: `jose` to agree with about tokens (see crates/perimeter/tests).
export FRONTDESK_NODE_MODULES := $(CURDIR)/tests/node_modules
# A gRPC server that is not ours, for reflection. Without python3 its one test is passed over, and says so.
export FRONTDESK_PYTHON := $(if $(shell command -v python3),$(CURDIR)/tests/python/bin/python)
# The Kotlin compiler with what generated clients stand on, in jars of one package (see crates/contract/tests/it/mobile.rs).
export FRONTDESK_KOTLIN := $(if $(shell command -v python3),$(CURDIR)/tests/kotlin/run_kotlin_kernel/jars)
# A real browser for the sign-in tests; installed by apt where it is missing.
FRONTDESK_CHROMIUM ?= $(or $(shell command -v chromium || command -v chromium-browser || command -v google-chrome),/usr/bin/chromium)
export FRONTDESK_CHROMIUM
FUZZ_SECONDS ?= 20

.PHONY: demo test lint bench bench-check bench-policies soak fuzz release clean-generated

## Builds everything and runs Harbor Commerce on loopback until interrupted.
demo: release tests/node_modules/.installed
	@examples/harbor/demo --bin $(CARGO_TARGET_DIR)/release $(DEMO_FLAGS)

release:
	cargo build --release --locked -p frontdesk -p harbor-services

## Installs what tests need from the package registries, then runs every test. Where a browser or Redis cannot be had at all,
## their tests are passed over, and that is said.
test: tests/node_modules/.installed $(if $(FRONTDESK_PYTHON),tests/python/.installed tests/kotlin/.installed)
	@tests/servers || unset CI FRONTDESK_CHROMIUM; cargo test --workspace --locked --no-fail-fast

tests/node_modules/.installed: tests/package.json tests/package-lock.json
	cd tests && npm ci --no-audit --no-fund
	touch $@

tests/python/.installed: tests/requirements.txt
	python3 -m venv tests/python
	tests/python/bin/pip install --quiet --requirement tests/requirements.txt
	touch $@

# One package of many things: only its jars are wanted, so nothing that it depends on is installed.
tests/kotlin/.installed: tests/kotlin.txt tests/python/.installed
	rm -rf tests/kotlin
	tests/python/bin/pip install --quiet --no-deps --target tests/kotlin --requirement tests/kotlin.txt
	touch $@

## Formatting, clippy with warnings denied, the rules about crates (xtask tidy).
lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run --quiet --locked -p xtask -- tidy

## The workloads side by side against hand-written servers and other proxies; writes bench/results/.
bench:
	bench/run

## Instructions per request against the gates: does not move with the neighbours.
bench-check:
	bench/run --check

## Instructions per request with each policy switched on, one by one; writes bench/results/policies.md.
bench-policies:
	bench/run --policies

## Steady load on two instances while faults come and go, every answer checked: SOAK_SECONDS (600), then bench/results/soak.svg.
soak:
	bench/run --only soak

## Each fuzz target for FUZZ_SECONDS.
fuzz:
	cargo run --quiet --locked -p xtask -- fuzz --seconds $(FUZZ_SECONDS)
