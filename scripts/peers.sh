# shellcheck shell=bash
# The emulators that this one is compared with, each in its own environment in .local/peers: sourced after
# local.sh, never run.

PEERS_DIR=$LOCAL/peers
STOCK_PORT=$(($(local_port) + 5))
MINISTACK_PORT=$(($(local_port) + 6))
MINISTACK_VERSION=1.5.33
READY_SECONDS=60

install_peers() {
  step "stock LocalStack and ministack $MINISTACK_VERSION, in ${PEERS_DIR#"$ROOT"/}" install_peers_quietly
}

install_peers_quietly() {
  local wanted
  wanted="$MINISTACK_VERSION $(cksum <"$ROOT/emulator/uv.lock")"
  [ "$(cat "$PEERS_DIR/installed" 2>/dev/null)" != "$wanted" ] || return 0
  mkdir -p "$PEERS_DIR"
  "$UV" venv --quiet --clear --python 3.13 "$PEERS_DIR/stock"
  # the locked dependencies, without the plugin
  "$UV" export --quiet --project "$ROOT/emulator" --locked --no-dev --no-emit-project |
    "$UV" pip install --quiet --python "$PEERS_DIR/stock/bin/python" --requirements -
  "$UV" venv --quiet --clear --python 3.11 "$PEERS_DIR/ministack"
  # its functions run in its own interpreter, which needs boto3 as AWS's runtime has it
  "$UV" pip install --quiet --python "$PEERS_DIR/ministack/bin/python" "ministack==$MINISTACK_VERSION" boto3
  printf '%s' "$wanted" >"$PEERS_DIR/installed"
}

start_stock() {
  local settings
  # the executor is the plugin's
  mapfile -t settings < <(grep -E '^[A-Z]' "$ROOT/emulator/src/localstack_serverless/settings.env" | grep -v '^LAMBDA_RUNTIME_EXECUTOR=')
  start_peer stock "$STOCK_PORT" "${settings[@]}" OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$PEERS_DIR/stock/tmp" \
    GATEWAY_LISTEN="127.0.0.1:$STOCK_PORT" LOCALSTACK_HOST="localhost:$STOCK_PORT" \
    "$PEERS_DIR/stock/bin/python" -m localstack.runtime.main
}

start_ministack() {
  start_peer ministack "$MINISTACK_PORT" BIND_HOST=127.0.0.1 GATEWAY_PORT="$MINISTACK_PORT" \
    LOG_LEVEL=WARNING "$PEERS_DIR/ministack/bin/ministack"
}

# Start an emulator; PEER is its process id until stop_peer. start_peer NAME PORT [VARIABLE=VALUE...] COMMAND...
start_peer() {
  local name=$1 port=$2 began=$SECONDS
  shift 2
  mkdir -p "$PEERS_DIR/$name/tmp"
  setsid env -u AWS_CA_BUNDLE -u AWS_PROFILE -u AWS_ENDPOINT_URL TMPDIR="$PEERS_DIR/$name/tmp" "$@" \
    >"$PEERS_DIR/$name.log" 2>&1 </dev/null &
  PEER=$!
  PEER_TMP=$PEERS_DIR/$name/tmp
  trap stop_peer EXIT
  until curl -sf --max-time 2 "http://127.0.0.1:$port/_localstack/health" >/dev/null; do
    kill -0 "$PEER" 2>/dev/null || die "$name ended while it started: see $PEERS_DIR/$name.log"
    [ $((SECONDS - began)) -lt $READY_SECONDS ] || die "$name is not ready after $READY_SECONDS s: see $PEERS_DIR/$name.log"
    progress "$began" "waiting for $name"
    sleep 0.2
  done
  say "ok $name ($((SECONDS - began)) s)"
}

stop_peer() {
  kill -KILL -- "-$PEER" 2>/dev/null || true
  # the shell would report that it was killed
  wait "$PEER" 2>/dev/null || true
  trap - EXIT
  rm -rf "$PEER_TMP"
}
