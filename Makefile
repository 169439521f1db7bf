# Học Số: two commands are enough: `make run` and `make test`. Needed: Python 3.11, 3.12 or 3.13 and make.

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run journey migrate test lint format bench assets messages screenshots lock clean

PY := .venv/bin/python
VAR := $(or $(VAR_DIR),var)
export PYTHON
ANY_PYTHON = for p in python3 python3.13 python3.12 python3.11 python "$$PYTHON"; do \
	[ -n "$$p" ] && "$$p" -c '' 2>/dev/null && break; p=; done; \
	[ -n "$$p" ] || { echo "Học Số: không tìm thấy Python; hãy cài Python 3.11 trở lên. / Python is not found; install Python 3.11 or newer." >&2; exit 2; }; \
	"$$p" scripts/setup.py

help:  ## This list
	@echo "Học Số: make run | make test"; echo
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'
	@echo; echo "  PORT=8000  VAR_DIR=var  PYTHON=python3.12 choose the port, the data folder and the Python."

setup:  ## Make .venv/ from the lock files; done already: nothing happens
	@$(ANY_PYTHON) runtime

setup-dev:
	@$(ANY_PYTHON) dev

run: setup  ## Set up, play the journey once, then serve web, worker and beat until Ctrl-C
	@[ -f "$(VAR)/journey/report.json" ] || $(PY) manage.py journey
	@exec $(PY) manage.py serve

journey: setup  ## Set up and play the whole journey; 0 only when every step really happened
	@$(PY) manage.py journey

migrate: setup  ## Bring the database to this version of the platform
	@$(PY) manage.py migrate --noinput

test: setup-dev lint  ## Lint, then all tests (ARGS="-k word" chooses)
	@$(PY) -m pytest $(ARGS)

lint: setup-dev  ## Format, style, types, room borders, templates, migrations, settings, translations
	@$(PY) scripts/lint.py

format: setup-dev  ## Put the code into its format
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --fix --quiet .
	@.venv/bin/djlint --reformat --quiet $$(find . -path ./node_modules -prune -o -path ./.venv -prune -o \
		-type d -name templates -print) || true

bench: setup-dev  ## Measure, as JSON
	@$(PY) -m benchmarks

assets: setup  ## Build static/dist again (needs Node; its result is committed)
	@npm ci && npm run build

messages: setup-dev  ## Collect and compile translations (needs gettext)
	@$(PY) scripts/messages.py

screenshots: setup-dev  ## Take the README's pictures of a played journey (needs Chromium)
	@$(PY) scripts/screenshots.py

lock: setup  ## Write the lock files again from requirements*.in
	@for part in "" -dev -s3 -setup; do \
		.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			$$([ "$$part" = -dev -o "$$part" = -s3 ] && echo "--constraint requirements.txt") \
			requirements$$part.in --output-file requirements$$part.txt || exit 2; done

clean:  ## Remove .venv/ and caches; var/ with your data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find . -name __pycache__ -type d -not -path './node_modules/*' -prune -exec rm -rf {} +
