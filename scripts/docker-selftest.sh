#!/usr/bin/env bash
# Prove the container path on a real Docker engine, from a copy of the checkout: build the image, `make up
# RUNTIME=docker`, the end-to-end tests, the experiments on the container itself, a warm start, `make down`.
#
# Usage: scripts/docker-selftest.sh [PYTEST ARGUMENT...]     (default: e2e, but not its
#                            tests of the chaos tool itself)
#   LOCALSTACK_IMAGE=IMAGE   build on this one (default: a stand-in for the official image, from Debian,
#                            PyPI and npm alone; docs/testing.md tells what that does not prove)
#   COLD=1                   without what earlier runs left in ~/.cache/robust-data-processor
#
# Where no engine answers, root on Debian starts one of its own, and installs docker.io for it. Containers,
# network, volume, engine and firewall rules are gone at the end; images and tools stay in the cache.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=compose.sh
source "$(dirname "$0")/compose.sh"
# shellcheck source-path=SCRIPTDIR source=standin.sh
source "$(dirname "$0")/standin.sh"
# shellcheck source-path=SCRIPTDIR source=engine.sh
source "$(dirname "$0")/engine.sh"
# shellcheck source-path=SCRIPTDIR source=dynamodb.sh
source "$(dirname "$0")/dynamodb.sh"

EXPERIMENTS=(network-partition freeze kill-localstack)

engine_answers() { docker info >/dev/null 2>&1; }

# What is under test, and nothing that belongs to the checkout's own stack.
copy_checkout() {
  mkdir -p "$COPY"
  git -C "$ROOT" ls-files -z --cached --others --exclude-standard |
    tar --create --directory "$ROOT" --null --files-from=- --ignore-failed-read |
    tar --extract --directory "$COPY"
}

clean_up() {
  trap '' INT TERM
  if [ -d "$COPY/.local" ]; then CLEAN=1 make --directory "$COPY" down || true; fi
  stop_engine
  rm -rf "$WORK"
}

case ${1:-} in -h | --help) usage && exit ;; esac
# the stand-in is built by Debian's means; for another image an engine is enough
why=$(why_no_engine)
if [ -n "$why" ] && ! { engine_answers && [ -n "${LOCALSTACK_IMAGE:-}" ]; }; then
  say "skipped: no engine that answers has an image (LOCALSTACK_IMAGE), and $why"
  exit
fi
owner=$(port_owner)
[ -z "$owner" ] || die "port 4566 is taken by $owner: $(how_to_free_port "$owner")"

began=$SECONDS
mkdir -p "$LOCAL" "$CACHE"
[ "${COLD:-}" != 1 ] || rm -rf "${CACHE:?}"/*
WORK=$(mktemp -d)
COPY=$WORK/robust-data-processor
trap clean_up EXIT

engine_answers || start_engine "$CACHE/engine"
if ! find_compose; then
  [ -d "$TOOLS/usr/libexec/docker" ] || step "Docker compose, from Debian" fetch_tools docker-compose docker-buildx
  use_compose_of_tools
fi
say "ok engine $(docker version --format '{{.Server.Version}}'), compose $(compose version --short)"
if [ -z "${LOCALSTACK_IMAGE:-}" ]; then
  export LOCALSTACK_IMAGE=$STANDIN
  build_standin
fi

step "copy of the checkout" copy_checkout
cd "$COPY"
export RUNTIME=docker COMPOSE_PROJECT_NAME=robust-data-processor-selftest
make up
[ $# -gt 0 ] || set -- e2e --ignore e2e/test_chaos.py --numprocesses 4 --dist loadfile
.venv/bin/pytest "$@"
.venv/bin/rdp chaos run "${EXPERIMENTS[@]}" --logs 20
records() { .venv/bin/rdp records list acme --json | wc -l; }
before=$(records)
make down
make up
[ "$(records)" = $((before + 1)) ] || die "of $before records and one more, $(records) are there after the warm start"
make down
say "ok the container path, on $LOCALSTACK_IMAGE ($((SECONDS - began)) s)"
