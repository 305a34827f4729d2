#!/usr/bin/env bash
# LocalStack, with the plugin package: as a process (embedded) or in a container (docker).
#
# Usage: scripts/localstack.sh start|stop|kill|freeze|partition|heal|status|logs
#   kill                      end it as a crash would, by SIGKILL; `start` goes on from what it kept
#   freeze, partition         docker alone: pause the container, or take it off its network, until `heal`
#   RUNTIME=docker|embedded   force one (default: docker where an engine answers)
#   CLEAN=1                   stop: forget the stack, its messages and records instead of keeping them

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=compose.sh
source "$(dirname "$0")/compose.sh"

pid_file=$LOCAL/localstack.pid
log_file=$LOCAL/localstack.log
READY_SECONDS=90
STOP_SECONDS=30

embedded_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  # a recycled process id is not ours
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q localstack.runtime.main || return 1
  printf '%s' "$pid"
}

start() {
  local runtime owner
  runtime=$(choose_runtime)
  [ "$runtime" != docker ] || need_engine
  heal
  if is_ours; then
    [ "$(cat "$RUNTIME_FILE")" = "$runtime" ] || die "LocalStack runs already, $(cat "$RUNTIME_FILE"): stop it with \`make down\` first"
    say "ok LocalStack runs already ($runtime)"
    return
  fi
  owner=$(port_owner)
  [ -z "$owner" ] || die "port 4566 is taken by $owner: $(how_to_free_port "$owner")"
  stop_dynamodb
  leave_other_runtime "$runtime"
  printf '%s' "$runtime" >"$RUNTIME_FILE"
  if [ "$runtime" = docker ]; then start_container; else start_embedded; fi
  match_infra "$runtime"
}

need_engine() {
  need_compose
  docker info >/dev/null 2>&1 || die "no Docker engine answers: \`make doctor\` tells why (without one: \`make up RUNTIME=embedded\`, which begins with an empty stack)"
}

# What LocalStack keeps, and what Terraform knows of it, only make sense together.
leave_other_runtime() {
  local kept
  kept=$(cut -d ' ' -f 1 "$DESCRIBED_FILE" 2>/dev/null) || true
  [ "$kept" != "$1" ] || return 0
  forget "$1"
  [ -n "$kept" ] || return 0
  forget "$kept"
  say "  what the LocalStack that ran $kept kept is forgotten: this one begins with an empty stack"
}

# The Terraform state goes where LocalStack did not start with the state that it describes.
match_infra() {
  local state described refused
  state=$(curl -sf --max-time 5 "$LOCAL_ENDPOINT/_localstack/state") || die "LocalStack does not tell which state it started with: see \`scripts/localstack.sh logs\`"
  described="$1 $(jq -r .id <<<"$state")"
  refused=$(jq -r '.refused // empty' <<<"$state")
  [ -z "$refused" ] || say "  what the last run kept was refused, and is forgotten: $refused"
  if [ "$(cat "$DESCRIBED_FILE" 2>/dev/null)" != "$described" ]; then
    rm -rf "$INFRA"
    mkdir -p "$INFRA"
    printf '%s' "$described" >"$DESCRIBED_FILE"
  fi
}

# forget RUNTIME; a container's volume stays where no engine answers that could remove it
forget() {
  rm -rf "$INFRA" "$LOCAL/volume/var/lib/localstack/state"
  if [ "$1" = docker ] && docker info >/dev/null 2>&1; then
    compose down --volumes --remove-orphans >"$log_file" 2>&1 ||
      die "the container's volume cannot be removed: see $log_file"
  fi
}

start_container() {
  # the engine would make it, as root
  mkdir -p "$LOCAL/hot-reload"
  step "image, on $BASE_IMAGE" compose build
  step "container" compose up --detach --no-build
  trap 'stop; die interrupted' INT TERM
  CONTAINER=$(compose ps --quiet localstack)
  wait_until_ready container_runs "in a container"
  trap - INT TERM
}

container_runs() { [ "$(docker inspect --format '{{.State.Running}}' "$CONTAINER" 2>/dev/null)" = true ]; }

start_embedded() {
  [ "$(uname -s)" = Linux ] || die "the embedded LocalStack needs Linux: start a Docker engine, and \`make up RUNTIME=docker\`"
  mkdir -p "$LOCAL/tmp"
  # LocalStack believes that it is in a container on some machines, and would write to system folders.
  # Whatever the user's shell says of AWS, the emulator must not use.
  env -u AWS_CA_BUNDLE -u AWS_PROFILE -u AWS_ENDPOINT_URL \
    OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$LOCAL/volume" TMPDIR="$LOCAL/tmp" \
    GATEWAY_LISTEN=127.0.0.1:4566 LOCALSTACK_HOST=localhost:4566 \
    LS_LOG="${LS_LOG:-warn}" DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 \
    LAMBDA_RUNTIME_EXECUTOR=process LAMBDA_RUNTIMES_DIR="$LOCAL/runtimes" \
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC=0 PERSISTENCE=1 \
    EAGER_SERVICE_LOADING=1 SERVICES=apigatewayv2,cloudwatch,dynamodb,iam,lambda,logs,s3,sqs,sts \
    PYTHONWARNINGS=ignore \
    setsid "$ROOT/emulator/.venv/bin/python" -m localstack.runtime.main >"$log_file" 2>&1 </dev/null &
  printf '%s' $! >"$pid_file"
  trap 'stop; die interrupted' INT TERM
  wait_until_ready embedded_pid embedded
  trap - INT TERM
}

# wait_until_ready COMMAND HOW: the command succeeds while LocalStack runs
wait_until_ready() {
  local began=$SECONDS told=$SECONDS
  until localstack_is_ready; do
    "$1" >/dev/null || { tail_log >&2; die "LocalStack ended while it started; the end of its log stands above"; }
    [ $((SECONDS - began)) -lt $READY_SECONDS ] || die "LocalStack is not ready after $READY_SECONDS s: see \`scripts/localstack.sh logs\`"
    if [ $((SECONDS - told)) -ge 5 ]; then
      told=$SECONDS
      say "  waiting for LocalStack ... $((SECONDS - began)) s"
    fi
    sleep 0.2
  done
  say "ok LocalStack, $2 ($((SECONDS - began)) s)"
}

# It answers before its services are there.
localstack_is_ready() {
  curl -sf --max-time 2 "$LOCAL_ENDPOINT/_localstack/init/ready" | jq -e .completed >/dev/null
}

is_ours() {
  case $(cat "$RUNTIME_FILE" 2>/dev/null) in
    docker) find_container && localstack_answers ;;
    embedded) embedded_pid >/dev/null && localstack_answers ;;
    *) false ;;
  esac
}

stop() {
  local runtime
  runtime=$(cat "$RUNTIME_FILE" 2>/dev/null) || true
  heal
  case $runtime in
    docker) step "LocalStack stopped" compose down --remove-orphans ;;
    embedded) stop_embedded ;;
    *) say "ok nothing runs" ;;
  esac
  rm -rf "$pid_file" "$RUNTIME_FILE" "$LOCAL/tmp"
  if [ "${CLEAN:-}" = 1 ]; then
    forget "${runtime:-$(kept_runtime)}"
    say "ok the stack, its messages and its records are forgotten"
  fi
}

stop_embedded() {
  local pid began=$SECONDS
  pid=$(embedded_pid) || { say "ok LocalStack does not run"; return; }
  kill -TERM "$pid" 2>/dev/null || true
  # the functions' processes end with LocalStack
  while pgrep -g "$pid" >/dev/null; do
    if [ $((SECONDS - began)) -ge $STOP_SECONDS ]; then
      kill -KILL -- "-$pid" 2>/dev/null || true
    fi
    [ $(((SECONDS - began) % 5)) != 4 ] || say "  stopping LocalStack ... $((SECONDS - began)) s"
    wait_a_second $$
  done
  stop_dynamodb
  say "ok LocalStack stopped ($((SECONDS - began)) s)"
}

kill_all() {
  local pid
  is_ours || die "LocalStack does not run: nothing to kill"
  if [ "$(cat "$RUNTIME_FILE")" = docker ]; then
    step "LocalStack killed" compose kill -s KILL
  else
    pid=$(embedded_pid)
    kill -KILL -- "-$pid"
    stop_dynamodb
    # the system takes its time to end many processes
    while pgrep -g "$pid" >/dev/null; do wait_a_second "$pid"; done
  fi
}

freeze() {
  need_container
  docker pause "$CONTAINER" >/dev/null
}

partition() {
  need_container
  docker network disconnect "$(network)" "$CONTAINER"
}

# The end of freeze and partition, where there is one to end.
heal() {
  find_container || return 0
  if [ "$(docker inspect --format '{{.State.Paused}}' "$CONTAINER")" = true ]; then docker unpause "$CONTAINER" >/dev/null; fi
  if [ "$(docker inspect --format '{{len .NetworkSettings.Networks}}' "$CONTAINER")" = 0 ]; then
    # compose gives this name too, and the engine forgets it
    docker network connect --alias localstack "$(network)" "$CONTAINER"
  fi
}

# Set CONTAINER to the id of the one that runs, paused or not.
find_container() {
  [ "$(cat "$RUNTIME_FILE" 2>/dev/null)" = docker ] || return 1
  CONTAINER=$(compose ps --quiet localstack 2>/dev/null) && [ -n "$CONTAINER" ] && container_runs
}

need_container() { find_container || die "LocalStack does not run in a container: \`make down && make up RUNTIME=docker\`"; }

network() {
  local project
  project=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project"}}' "$CONTAINER")
  docker network ls --quiet --filter "label=com.docker.compose.project=$project" | head -n 1
}

# LocalStack ends it, unless it was killed itself; no other checkout's is touched.
stop_dynamodb() { pkill -KILL -f -- "-jar $LOCAL/volume/.*/DynamoDBLocal.jar" || true; }

status() {
  if is_ours; then
    say "LocalStack: running, $(cat "$RUNTIME_FILE"), $LOCAL_ENDPOINT"
  else
    say "LocalStack: not running (start it with \`make up\`)"
    return 1
  fi
}

logs() { tail_log follow; }

# tail_log [follow]
tail_log() {
  if [ "$(cat "$RUNTIME_FILE" 2>/dev/null)" = docker ]; then
    compose logs --tail=50 ${1:+--follow}
  else
    tail -n 50 ${1:+-F} "$log_file"
  fi
}

case ${1:-} in
  -h | --help) usage ;;
  start | stop | freeze | partition | heal | status | logs) "$1" ;;
  kill) kill_all ;;
  *) usage >&2 && exit 2 ;;
esac
