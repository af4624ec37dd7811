# make lullaby   a lullaby as MIDI and audio, from nothing
# make test      everything that guards the project
# make bench     how fast it renders, beside other renderers
# make font      synthesises the built-in SoundFont anew
# make kernels   compiles the mixer's arithmetic anew, for every system
# make clean     removes what the others made

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The first Python on this machine that is 3.11 or newer.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)

.PHONY: lullaby test format-check lint types layers tests bench font kernels clean

lullaby: $(VENV)/.installed
	@$(BIN)/calmando render bedtime-lullaby --seed 7 -o lullaby.mid -o lullaby.flac
	@echo
	@echo "Your lullaby is here:"
	@echo "  $(CURDIR)/lullaby.flac  the sound: open it with any music player (VLC, Windows Media Player, QuickTime)"
	@echo "  $(CURDIR)/lullaby.mid   the notes: open it with notation software or a sequencer (MuseScore, GarageBand)"
	@echo "Another one: $(BIN)/calmando render bedtime-lullaby    All presets: $(BIN)/calmando presets"

test: format-check lint types layers tests

format-check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy
	$(BIN)/mypy --strict examples

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

tests: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/bench.py

font: $(VENV)/.installed
	$(BIN)/python -m calmando.instruments -o soundfonts/calmando.sf2

kernels: $(VENV)/.installed-kernels
	$(BIN)/python generator/kernels/build.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f lullaby.mid lullaby.flac

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Calmando needs Python 3.11 or newer; none was found. Install it from python.org."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Calmando needs into $(VENV); this takes a minute the first time."
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Calmando and its tests need into $(VENV); this takes a minute the first time."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-kernels: requirements-kernels.txt | $(VENV)/bin/python
	@echo "Installing a C compiler into $(VENV)."
	@$(PIP) install --require-hashes -r requirements-kernels.txt
	@touch $@
