#!/usr/bin/env bash
# Test the container path on a real Docker engine, in a copy of the checkout: build the image, `make up
# RUNTIME=docker`, the end-to-end tests, the chaos experiments on the container itself, a restart on another
# port, `make down`.
#
# Usage: scripts/docker-selftest.sh [PYTEST ARGUMENT...]     (default: e2e, without the tests of the
#                            chaos tool itself)
#   LOCALSTACK_IMAGE=IMAGE   build on this image (default: a stand-in for the official one, made from Debian,
#                            PyPI and npm; docs/testing.md lists what that does not prove)
#   PORT=N                   LocalStack's port; the port after it is used too (default: a free one)
#   COLD=1                   without what earlier runs left in ~/.cache/robust-data-processor
#
# If no engine answers, root on Debian starts one for this test, and installs docker.io for it. At the end
# containers, network, volume, engine and firewall rules are gone; images and tools stay in the cache.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$(dirname "$0")/machine.sh"
# shellcheck source-path=SCRIPTDIR source=compose.sh
source "$(dirname "$0")/compose.sh"
# shellcheck source-path=SCRIPTDIR source=standin.sh
source "$(dirname "$0")/standin.sh"
# shellcheck source-path=SCRIPTDIR source=engine.sh
source "$(dirname "$0")/engine.sh"

EXPERIMENTS=(network-partition freeze kill-localstack)

engine_answers() { docker info >/dev/null 2>&1; }

# Copy the files under test, and nothing of the checkout's own stack.
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
# the stand-in needs Debian's tools; for another image an engine is enough
why=$(why_no_engine)
if [ -n "$why" ] && ! { engine_answers && [ -n "${LOCALSTACK_IMAGE:-}" ]; }; then
  say "skipped: no engine answers, or LOCALSTACK_IMAGE is not set; and $why"
  exit
fi
PORT=${PORT:-$(free_port)}
PORT=$(choose_port)
for port in "$PORT" $((PORT + 1)); do
  owner=$(port_owner "$port")
  [ -z "$owner" ] || die "port $port is $(port_is_taken "$port" "$owner")"
done

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
export PORT RUNTIME=docker COMPOSE_PROJECT_NAME=robust-data-processor-selftest
make up
[ $# -gt 0 ] || set -- e2e --ignore e2e/test_chaos.py --numprocesses 4 --dist loadfile
.venv/bin/pytest "$@"
.venv/bin/rdp chaos run "${EXPERIMENTS[@]}" --logs 20
records() { .venv/bin/rdp records list acme --json | wc -l; }
before=$(records)
make down
PORT=$((PORT + 1)) make up
[ "$(records)" = $((before + 1)) ] || die "after the restart there are $(records) records, not $before and one more"
make down
say "ok the container path, on $LOCALSTACK_IMAGE ($((SECONDS - began)) s)"
