# Robust Data Processor: `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

UV := .local/tools/bin/uv
BIN := .venv/bin
EMULATOR_BIN := emulator/.venv/bin
SHELL_SCRIPTS = $$(git ls-files -co --exclude-standard 'scripts/*.sh' .ci/run)
# tests against a stack mostly wait
SIDE_BY_SIDE := --numprocesses 4 --dist

export RUNTIME PORT HOT_RELOAD CLEAN

##@ The local stack
.PHONY: up
up: ## start LocalStack, deploy, send a first log (RUNTIME=docker|embedded; PORT=4600; HOT_RELOAD=1 runs lambdas/ as saved)
	scripts/up.sh

.PHONY: down
down: ## stop LocalStack; the next `make up` continues from there (CLEAN=1 deletes the stack and its records)
	scripts/localstack.sh stop

.PHONY: status
status: ## show whether LocalStack runs, and whether each part of the stack is healthy
	scripts/localstack.sh status
	$(BIN)/rdp health

.PHONY: logs
logs: ## follow LocalStack's own log (the functions' logs: rdp logs)
	scripts/localstack.sh logs

.PHONY: runtime
runtime: ## install another function runtime for the embedded LocalStack (PYTHON=python3.12)
	scripts/setup.sh
	LOCALSTACK_SERVERLESS_CACHE=.local $(EMULATOR_BIN)/localstack-serverless runtime install $(or $(PYTHON),python3.11)

.PHONY: doctor
doctor: ## show what this machine lacks, and the command that installs it
	scripts/doctor.sh

##@ Tests
.PHONY: test
test: lint types unit infra-test ## all tests that need no stack: lint, types, unit tests, Terraform's tests

.PHONY: e2e
e2e: ## end-to-end tests against the running stack (starts it if it is down)
	scripts/localstack.sh status >/dev/null || scripts/up.sh
	$(BIN)/pytest e2e $(SIDE_BY_SIDE) loadfile
	scripts/conformance.sh
	eval "$$(scripts/localstack.sh env)"
	cd emulator && LOCALSTACK_SERVERLESS_CACHE="$(CURDIR)/.local" .venv/bin/pytest tests/standalone tests/live $(SIDE_BY_SIDE) worksteal

.PHONY: chaos
chaos: ## break every part, and check that nothing is lost (LOGS=N, SEED=N, FAST=1: a few, RANDOM=N: random schedules)
	scripts/localstack.sh status >/dev/null || scripts/up.sh
	$(BIN)/rdp chaos run $(if $(LOGS),--logs $(LOGS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(RANDOM),--random $(RANDOM)) $(if $(FAST),--fast)

.PHONY: conformance
conformance: ## test what AWS documents at ENDPOINT=URL|aws (default: the local stack); PEERS=1 compares emulators
	ENDPOINT="$(ENDPOINT)" PEERS="$(PEERS)" REGION="$(REGION)" scripts/conformance.sh

.PHONY: bench
bench: ## measure the local stack, and write docs/performance.md (PEERS=1 compares it with ministack)
	scripts/bench.sh

.PHONY: lint
lint: setup ## ruff, import directions, shellcheck, terraform fmt; the workflow and the compose file against their schemas
	PYTHONPATH=lambdas $(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	cd emulator && .venv/bin/lint-imports --no-cache && .venv/bin/ruff check && .venv/bin/ruff format --check && cd ..
	$(BIN)/shellcheck -x $(SHELL_SCRIPTS)
	terraform fmt -check -recursive infra
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: types
types: setup ## mypy, strict
	$(BIN)/mypy lambdas rdp tests e2e scripts
	cd emulator && .venv/bin/mypy src tests conformance testing

.PHONY: unit
unit: setup ## unit tests of lambdas/, rdp/ and the emulator, with their coverage floors; of lambdas/ under Python 3.13 too
	$(BIN)/pytest --cov --numprocesses auto
	scripts/functions_test.sh 3.13
	cd emulator && .venv/bin/pytest tests/unit --cov

.PHONY: infra-test
infra-test: setup ## terraform validate and test, with a mocked provider
	scripts/terraform_test.sh

.PHONY: format
format: setup ## rewrite Python and Terraform in the project's format
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format
	cd emulator && { .venv/bin/ruff check --fix --quiet || true; } && .venv/bin/ruff format && cd ..
	terraform fmt -recursive infra

##@ AWS
.PHONY: package
package: setup ## build the functions' packages, reproducibly: build/api.zip, build/worker.zip
	UV=$(UV) $(BIN)/python scripts/package.py

.PHONY: deploy
deploy: package ## deploy to AWS: plan, ask, apply, health check
	scripts/deploy.sh deploy

.PHONY: destroy
destroy: setup ## remove the stack from AWS: show, ask, destroy
	scripts/deploy.sh destroy

##@ Housekeeping
.PHONY: setup
setup: ## install the locked tools in .local/ and .venv/
	@scripts/setup.sh

.PHONY: clean
clean: export CLEAN = 1
clean: down ## stop, and remove everything that make created (package caches stay)
	docker image rm robust-data-processor/localstack:4.14.0 >/dev/null 2>&1 || true
	rm -rf .local build .venv emulator/.venv .coverage emulator/.coverage .hypothesis {.,emulator}/.{pytest,mypy,ruff}_cache

.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*##/ {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
