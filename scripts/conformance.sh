#!/usr/bin/env bash
# Run the conformance suite against an emulator or AWS, or compare this plugin with its peers.
#
# Usage: scripts/conformance.sh [PYTEST ARGUMENT...]
#   ENDPOINT=URL   an emulator (default: the local stack, which is started if it is down)
#   ENDPOINT=aws   AWS itself, with the credentials of the environment: creates and removes a role,
#                  functions, queues and HTTP APIs named conformance-* (REGION=..., default us-east-1)
#   PEERS=1        this plugin, stock LocalStack and ministack, one after the other; the other two are
#                  installed in .local/peers. Rewrites docs/conformance.md

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$(dirname "$0")/peers.sh"

SCORES=$LOCAL/conformance
# the tests spend most of their time waiting
WORKERS=4

# Run the suite and write the score to $SCORES/NAME.json: suite ENDPOINT NAME [PYTEST ARGUMENT...]
suite() {
  local endpoint=$1 name=$2
  shift 2
  mkdir -p "$SCORES"
  (
    cd "$ROOT/emulator"
    # these settings are for AWS
    [ "$endpoint" = aws ] || unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN
    .venv/bin/pytest conformance --numprocesses "$WORKERS" --endpoint "$endpoint" \
      --region "${REGION:-us-east-1}" --summary "$SCORES/$name.json" "$@"
  )
}

start_local_stack() {
  "$ROOT/scripts/setup.sh"
  "$ROOT/scripts/localstack.sh" status >/dev/null || "$ROOT/scripts/localstack.sh" start
}

compare_with_peers() {
  start_local_stack
  install_peers
  suite "$(local_endpoint)" plugin -q || true
  start_stock
  suite "http://127.0.0.1:$STOCK_PORT" stock --tb=no -q || true
  stop_peer
  start_ministack
  suite "http://127.0.0.1:$MINISTACK_PORT" ministack --tb=no -q || true
  stop_peer
  (
    cd "$ROOT/emulator"
    .venv/bin/python -m conformance.scoreboard --into "$ROOT/docs/conformance.md" \
      "this plugin=$SCORES/plugin.json" "LocalStack 4.14.0=$SCORES/stock.json" \
      "ministack $MINISTACK_VERSION=$SCORES/ministack.json"
  )
  say "ok docs/conformance.md"
}

case ${1:-} in -h | --help) usage && exit ;; esac
if [ -n "${PEERS:-}" ]; then
  compare_with_peers
elif [ -n "${ENDPOINT:-}" ]; then
  [[ $ENDPOINT =~ ^(aws$|https?://) ]] ||
    die "ENDPOINT is '$ENDPOINT': it must be aws or a URL, such as http://localhost:4566"
  "$ROOT/scripts/setup.sh"
  suite "$ENDPOINT" endpoint "$@"
else
  start_local_stack
  suite "$(local_endpoint)" plugin "$@"
fi
