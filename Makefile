# The README's commands. Each can be repeated; finished work is not done again.

PORT ?= 8501
RECSYS_HOME ?= data
export RECSYS_HOME

VENV := .venv
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$name && break; done)
IN_VENV := $(VENV)/bin/python
UV_VERSION := 0.13.9
INSTALL := $(VENV)/bin/uv pip install --quiet --python $(IN_VENV) --require-hashes --compile-bytecode
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url

CATALOGUES := $(wildcard locales/*/LC_MESSAGES/kalcare.po)
EXTRACT := extract --mapping=babel.cfg --no-location --sort-output -k Message \
	--header-comment="\# Every message of the app, for translators: make translations."

.PHONY: help setup setup-cluster setup-dev lock run serve test lint check fuzz kill bench screenshots translations check-python check-port check-tls check-key check-secrets

help:
	@echo "make run     start the app on this machine (http://127.0.0.1:$(PORT))"
	@echo "make serve   start the app for the office network, with RECSYS_STAKEHOLDER_KEY or sign-in set; CERT= and KEY= make it https"
	@echo "make setup-cluster  also install what several machines need: docs/scale.md"
	@echo "make test    run the tests"
	@echo "make check   lint, check types, run the tests"
	@echo "make fuzz    read 10,000 mutated pictures, and 2,000 mutated CSVs, queries and weights"
	@echo "make kill    kill import, embed, backup, migration and answers a hundred times each"
	@echo "make bench   measure speed and memory"
	@echo "make screenshots    take the README's pictures of every page"
	@echo "make lock    pin requirements*.txt and their dependencies, with hashes"
	@echo "make translations   update the languages' catalogues from the code"

check-python:
	@test -n "$(PYTHON)" || { echo "Expected Python 3.11, 3.12 or 3.13, found $$(python3 --version 2>&1): install one, or name it with PYTHON=/path/to/python." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { echo "Expected Python 3.11, 3.12 or 3.13, found $$("$(PYTHON)" --version 2>&1): install one, or name it with PYTHON=/path/to/python." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Expected Python's venv module, found none: install it (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }

check-port: check-python
	@"$(PYTHON)" -c 'import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("$(ADDRESS)", $(PORT)))' 2>/dev/null || { echo "Expected a free port from 1024 to 65535, but $(PORT) is taken or invalid: choose another with PORT=." >&2; exit 1; }

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev
setup-cluster: $(VENV)/.installed-cluster

$(VENV)/bin/uv: | check-python
	"$(PYTHON)" -m venv $(VENV)
	$(IN_VENV) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/uv
	@echo "Installing into $(VENV): about 2.5 GB, a minute or two."
	$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.installed-cluster: requirements-cluster.lock $(VENV)/.installed
	$(INSTALL) -r requirements-cluster.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(INSTALL) -r requirements-dev.lock
	@touch $@

# One lock for every system and Python that the app supports; packages are updated only if requirements*.txt ask for it.
lock: $(VENV)/bin/uv
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-cluster.txt --constraint requirements.lock --output-file requirements-cluster.lock
	$(LOCK) requirements-dev.txt --constraint requirements.lock --constraint requirements-cluster.lock \
		--output-file requirements-dev.lock

# Leave out headers that cause merge conflicts and repeat what git knows, and Babel's guesses at printf formats.
translations:
	@test -x $(VENV)/bin/pybabel || $(MAKE) setup
	$(IN_VENV) -m babel.messages.frontend -q $(EXTRACT) -o locales/kalcare.pot pages recsys embeddings
	$(VENV)/bin/pybabel -q update -D kalcare -i locales/kalcare.pot -d locales --no-fuzzy-matching --ignore-obsolete
	sed -i.bak -E '/^"(POT?-|Project-Id|Report-|Last-Tr|Language-Team|Generated)|^#, python-format$$/d; s/, python-format//' \
		locales/kalcare.pot $(CATALOGUES)
	rm locales/kalcare.pot.bak $(CATALOGUES:=.bak)

check-tls:
	@test -z "$(CERT)$(KEY)" || { test -r "$(CERT)" && test -r "$(KEY)"; } || { echo "Expected CERT and KEY to be the files of a certificate and its key, got CERT='$(CERT)' and KEY='$(KEY)': name both, or neither." >&2; exit 1; }

check-key:
	@test -n "$$RECSYS_STAKEHOLDER_KEY$$RECSYS_SIGN_IN_ISSUER" -o "$(OPEN)" = 1 || { echo "Expected RECSYS_STAKEHOLDER_KEY, or sign-in with RECSYS_SIGN_IN_ISSUER (docs/reference.md), without which everybody on the network could read remarks, download answers and start jobs: set one, or allow just that with OPEN=1." >&2; exit 1; }

check-secrets: check-key setup
	@$(IN_VENV) -m recsys check $(if $(filter 1,$(OPEN)),,secrets) sign-in

run: ADDRESS = 127.0.0.1
serve: ADDRESS = 0.0.0.0
serve: export RECSYS_SURVEY_STEP ?= 5
serve: export RECSYS_SERVED = 1
serve: check-secrets
serve: TLS = $(if $(CERT),--server.sslCertFile "$(CERT)" --server.sslKeyFile "$(KEY)")
run serve: check-port check-tls setup
	$(IN_VENV) -m recsys demo --if-empty $(if $(filter full,$(DEMO)),,--starter)
	@echo "Open http$(if $(CERT),s)://$(if $(filter 0.0.0.0,$(ADDRESS)),<this machine>,$(ADDRESS)):$(PORT)"
	@exec $(VENV)/bin/streamlit run streamlit_app.py --server.address $(ADDRESS) --server.port $(PORT) $(TLS)

test: setup-dev
	$(IN_VENV) -m tests.side_by_side

lint: setup-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(IN_VENV) -m tests.advisories

check: lint test

screenshots: setup-dev
	$(IN_VENV) -m recsys demo --if-empty
	$(IN_VENV) -m recsys embed EfficientNetLite0 EfficientNetLite1
	$(IN_VENV) -m tests.browser.screenshots

kill: setup-dev
	$(IN_VENV) -m tests.kills --times 100

fuzz: setup-dev
	$(IN_VENV) -m tests.fuzz

bench: setup-dev
	$(IN_VENV) -m benchmarks
