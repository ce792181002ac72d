# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target is a session of noxfile.py. Nox lives in an environment of its own in the user's cache, so Python and make are all a clone needs.
# ARGS reaches the tool of a session: make unit ARGS="-k secrets -x"
SHELL := /bin/sh
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/steadystate-ecs
ARGS ?=

# The first Python >= 3.11 that can make virtual environments; a pyenv shim may be on PATH without a Python behind it.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.14 python3.11 python3 \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[1-4]*/bin/python3; do \
	"$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$python" && break; done)
NOX_REQUIREMENT := nox>=2025.2.9,<2027
RUNNER := $(CACHE)/nox-$(shell "$(PYTHON)" -c 'import hashlib, sys; print(hashlib.sha256(f"{sys.version} {sys.base_prefix} $(NOX_REQUIREMENT)".encode()).hexdigest()[:10])' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo recordings test test-matrix unit integration molecule benchmark lint docs format clean runner

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "make %-12s %s\n", $$1, $$2 }'

demo: runner ## build, install, and tell the story from there: deploy, run again, change, check, crash, race (under a minute)
	@"$(RUNNER)/bin/nox" -s demo -- $(ARGS)

recordings: runner ## make the recordings in README from a real run of the demo
	@"$(RUNNER)/bin/nox" -s recordings

test: runner ## everything CI runs: lint, site, demo, tests on the newest ansible-core and some on the oldest
	@"$(RUNNER)/bin/nox" -s test

test-matrix: runner ## all tests on every supported ansible-core, some more real runs included and the next release candidate
	@STEADYSTATE_THOROUGH=1 "$(RUNNER)/bin/nox" -s matrix

unit: runner ## the quick loop: unit tests without generated cases and real waits
	@"$(RUNNER)/bin/nox" -s unit -- $(ARGS)

integration: runner ## playbooks against the simulator
	@"$(RUNNER)/bin/nox" -s integration -- $(ARGS)

molecule: runner ## role scenarios against the simulator
	@"$(RUNNER)/bin/nox" -s molecule -- $(ARGS)

benchmark: runner ## time runs, lookups and fleets beside community.aws, ecs-deploy, the AWS CLI and boto3 scripts
	@"$(RUNNER)/bin/nox" -s benchmark -- $(ARGS)

lint: runner ## style, types, ansible-lint, documentation, changelog
	@"$(RUNNER)/bin/nox" -s lint

docs: runner ## the documentation site, in docs/build
	@"$(RUNNER)/bin/nox" -s docs

format: runner ## let ruff rewrite the Python files
	@"$(RUNNER)/bin/nox" -s format

clean: ## forget the environments and copied trees of all clones
	rm -rf "$(CACHE)"

runner:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer with venv and pip is needed: make PYTHON=/path/to/python3 ...' >&2; exit 1; }
	@"$(RUNNER)/bin/nox" --version >/dev/null 2>&1 || { \
		echo "Installing nox into $(RUNNER)" && \
		"$(PYTHON)" -m venv --clear "$(RUNNER)" && \
		"$(RUNNER)/bin/python" -m pip install --quiet --disable-pip-version-check '$(NOX_REQUIREMENT)'; }
