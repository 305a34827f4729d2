#!/usr/bin/env bash
# Run the conformance suite against an emulator or AWS, or compare this plugin with its peers.
#
# Usage: scripts/conformance.sh [PYTEST ARGUMENT...]
#   ENDPOINT=URL   an emulator (default: the local stack, started where it is down)
#   ENDPOINT=aws   AWS itself, with the credentials of the environment: makes and removes a role,
#                  functions, queues and HTTP APIs named conformance-* (REGION=..., default us-east-1)
#   PEERS=1        this plugin, stock LocalStack and ministack one after the other, each of the latter
#                  in an environment of its own below .local/peers; rewrites docs/conformance.md

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

PEERS_DIR=$LOCAL/peers
SCORES=$LOCAL/conformance
STOCK_PORT=4571
MINISTACK_PORT=4572
MINISTACK_VERSION=1.5.33
READY_SECONDS=60
# tests wait more than they work
WORKERS=4

# suite ENDPOINT NAME [PYTEST ARGUMENT...]: the score goes to $SCORES/NAME.json
suite() {
  local endpoint=$1 name=$2
  shift 2
  mkdir -p "$SCORES"
  (
    cd "$ROOT/emulator"
    # the user's own bundle does not know an emulator; AWS needs what the user set
    [ "$endpoint" = aws ] || unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN
    .venv/bin/pytest conformance --numprocesses "$WORKERS" --endpoint "$endpoint" \
      --region "${REGION:-us-east-1}" --summary "$SCORES/$name.json" "$@"
  )
}

start_local_stack() {
  "$ROOT/scripts/setup.sh" up
  "$ROOT/scripts/localstack.sh" status >/dev/null || "$ROOT/scripts/localstack.sh" start
}

# peer NAME PORT COMMAND...: start a peer, run the suite against it, stop it.
peer() {
  local name=$1 port=$2 pid began=$SECONDS
  shift 2
  mkdir -p "$PEERS_DIR/$name/tmp"
  setsid env -u AWS_CA_BUNDLE -u AWS_PROFILE -u AWS_ENDPOINT_URL TMPDIR="$PEERS_DIR/$name/tmp" "$@" \
    >"$PEERS_DIR/$name.log" 2>&1 </dev/null &
  pid=$!
  # shellcheck disable=SC2064 # of this peer
  trap "kill -KILL -- -$pid 2>/dev/null || true" EXIT
  until curl -sf --max-time 2 "http://127.0.0.1:$port/_localstack/health" >/dev/null; do
    kill -0 "$pid" 2>/dev/null || die "$name ended while it started: see $PEERS_DIR/$name.log"
    [ $((SECONDS - began)) -lt $READY_SECONDS ] || die "$name is not ready after $READY_SECONDS s: see $PEERS_DIR/$name.log"
    wait_a_second $$
  done
  say "ok $name ($((SECONDS - began)) s)"
  suite "http://127.0.0.1:$port" "$name" --tb=no -q || true
  kill -KILL -- "-$pid" 2>/dev/null || true
  # the shell would tell that it was killed
  wait "$pid" 2>/dev/null || true
  trap - EXIT
  rm -rf "$PEERS_DIR/$name/tmp"
}

install_peers() {
  local wanted
  wanted="$MINISTACK_VERSION $(cksum <"$ROOT/emulator/uv.lock")"
  [ "$(cat "$PEERS_DIR/installed" 2>/dev/null)" != "$wanted" ] || return 0
  mkdir -p "$PEERS_DIR"
  "$UV" venv --quiet --clear --python 3.13 "$PEERS_DIR/stock"
  # only the plugin's package is missing: every dependency is the locked one
  "$UV" export --quiet --project "$ROOT/emulator" --locked --no-dev --no-emit-project |
    "$UV" pip install --quiet --python "$PEERS_DIR/stock/bin/python" --requirements -
  "$UV" venv --quiet --clear --python 3.11 "$PEERS_DIR/ministack"
  # its functions run in its own interpreter, which needs what AWS's runtime carries
  "$UV" pip install --quiet --python "$PEERS_DIR/ministack/bin/python" "ministack==$MINISTACK_VERSION" boto3
  printf '%s' "$wanted" >"$PEERS_DIR/installed"
}

compare_with_peers() {
  start_local_stack
  step "stock LocalStack and ministack $MINISTACK_VERSION, below ${PEERS_DIR#"$ROOT"/}" install_peers
  suite "$LOCAL_ENDPOINT" plugin -q || true
  peer stock "$STOCK_PORT" env OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$PEERS_DIR/stock/tmp" \
    GATEWAY_LISTEN="127.0.0.1:$STOCK_PORT" LOCALSTACK_HOST="localhost:$STOCK_PORT" \
    DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 \
    "$PEERS_DIR/stock/bin/python" -m localstack.runtime.main
  peer ministack "$MINISTACK_PORT" env BIND_HOST=127.0.0.1 GATEWAY_PORT="$MINISTACK_PORT" LOG_LEVEL=WARNING \
    "$PEERS_DIR/ministack/bin/ministack"
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
  "$ROOT/scripts/setup.sh" test
  suite "$ENDPOINT" endpoint "$@"
else
  start_local_stack
  suite "$LOCAL_ENDPOINT" plugin "$@"
fi
