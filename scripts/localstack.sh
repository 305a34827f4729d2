#!/usr/bin/env bash
# Start and stop LocalStack with the plugin package: as a process (embedded) or in a container (docker).
#
# Usage: scripts/localstack.sh COMMAND
#   start                     start it, unless it runs
#   check                     fail if `start` would fail: another program on the port, no Docker engine
#   stop                      stop it; the stack, its messages and its records are kept
#   kill                      kill it (SIGKILL), as a crash would; `start` goes on from what it kept
#   freeze, partition         only in docker: pause the container, or take it off its network, until `heal`
#   status, logs              whether it runs; follow its log
#   env                       what the AWS CLI and tflocal need to reach it: eval "$(scripts/localstack.sh env)"
#   RUNTIME=docker|embedded   how to start it (default: as it ran before, else docker if an engine answers)
#   PORT=N                    where to start it (default: where it ran before, else 4566)
#   CLEAN=1                   stop: delete the stack, its messages and its records

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$(dirname "$0")/machine.sh"
# shellcheck source-path=SCRIPTDIR source=container.sh
source "$(dirname "$0")/container.sh"
# shellcheck source-path=SCRIPTDIR source=embedded.sh
source "$(dirname "$0")/embedded.sh"

# -- start --------------------------------------------------------------------------------------

start() {
  local runtime port
  check
  if [ "$RUNS" = yes ]; then
    say "ok LocalStack runs already ($runtime, port $port)"
    return
  fi
  mkdir -p "$LOCAL"
  leave_other_runtime "$runtime"
  printf '%s' "$runtime" >"$RUNTIME_FILE"
  printf '%s' "$port" >"$PORT_FILE"
  if [ "$runtime" = docker ]; then start_container; else start_embedded; fi
  match_infra "$runtime"
}

# Set runtime, port and RUNS (yes or no); fail if LocalStack cannot start.
check() {
  local owner
  need curl jq
  runtime=$(choose_runtime)
  port=$(choose_port)
  [ "$runtime" != docker ] || need_engine
  heal
  finish_stop
  if is_running; then
    RUNS=yes
    refuse_another_way
    return
  fi
  RUNS=no
  may_listen "$port" || [ "$runtime" = docker ] || die "port $port $FOR_ROOT_ONLY"
  owner=$(port_owner "$port")
  [ -z "$owner" ] || die "port $port is $(port_is_taken "$port" "$owner")"
}

# A LocalStack whose stop was interrupted answers for a moment yet, and ends.
finish_stop() {
  [ ! -e "$LOCAL/localstack.stopping" ] || stop_embedded
}

# LocalStack runs: it must be the one that is asked for.
refuse_another_way() {
  local kept
  kept=$(kept_runtime)
  [ "$kept" = "$runtime" ] || die "LocalStack runs already, $kept: stop it first (\`make down\`)"
  [ "$(local_port)" = "$port" ] || die "LocalStack runs already, on port $(local_port): stop it first (\`make down\`)"
  localstack_answers ||
    die "LocalStack runs already, but does not answer on port $port: wait if it is still starting, else \`make down\`"
}

# What LocalStack keeps, and what Terraform knows of it, only make sense together.
leave_other_runtime() {
  local kept
  kept=$(cut -d ' ' -f 1 "$DESCRIBED_FILE" 2>/dev/null) || true
  [ "$kept" != "$1" ] || return 0
  forget "$1"
  [ -n "$kept" ] || return 0
  forget "$kept"
  say "  LocalStack ran $kept before: the stack that it kept is deleted, and this one begins empty"
}

# Delete the Terraform state if LocalStack did not start with the stack that it describes.
match_infra() {
  local state described refused
  state=$(curl -sf --max-time 5 "$(local_endpoint)/_localstack/state") || die "LocalStack does not report the state that it started with: see \`make logs\`"
  described="$1 $(jq -r .id <<<"$state")"
  refused=$(jq -r '.refused // empty' <<<"$state")
  # an embedded LocalStack has said it already
  [ -z "$refused" ] || [ "$1" = embedded ] || say "  what the last run kept cannot be used, and is deleted: $refused"
  if [ "$(cat "$DESCRIBED_FILE" 2>/dev/null)" != "$described" ]; then
    rm -rf "$INFRA"
    mkdir -p "$INFRA"
    printf '%s' "$described" >"$DESCRIBED_FILE"
  fi
}

# Delete the stack that a LocalStack kept. A container's volume stays if no engine answers that could
# remove it. forget RUNTIME
forget() {
  local output
  rm -rf "$INFRA" "$LOCAL/volume/var/lib/localstack/state"
  if [ "$1" = docker ] && docker info >/dev/null 2>&1; then
    output=$(compose down --volumes --remove-orphans 2>&1) ||
      die "the container's volume cannot be removed: $output"
  fi
}

abandoned() {
  forget_run
  interrupted "LocalStack was starting, and is stopped"
}

# Delete what describes a LocalStack that runs. Its port stays as long as its stack.
forget_run() {
  rm -f "$RUNTIME_FILE"
  [ -e "$DESCRIBED_FILE" ] || rm -f "$PORT_FILE"
}

# -- what runs ----------------------------------------------------------------------------------

is_running() {
  case $(cat "$RUNTIME_FILE" 2>/dev/null) in
    docker) find_container ;;
    embedded) embedded_runs ;;
    *) false ;;
  esac
}

status() {
  need curl
  if is_running && localstack_answers; then
    say "LocalStack: running, $(kept_runtime), $(local_endpoint)"
  else
    say "LocalStack: not running (start it with \`make up\`)"
    return 1
  fi
}

logs() {
  if [ "$(kept_runtime)" = docker ]; then
    find_container || die "LocalStack does not run, and the log went with its container: start it with \`make up\`"
    compose logs --tail=50 --follow
  else
    [ -e "$LOCAL/localstack.log" ] || die "LocalStack has no log yet: start it with \`make up\`"
    "$SERVERLESS" logs --follow
  fi
}

# -- stop and break -----------------------------------------------------------------------------

stop() {
  local runtime
  runtime=$(kept_runtime)
  heal
  case $(cat "$RUNTIME_FILE" 2>/dev/null) in
    docker) step "LocalStack stopped" compose down --remove-orphans ;;
    embedded) stop_embedded ;;
    *) say "ok LocalStack does not run" ;;
  esac
  forget_run
  if [ "${CLEAN:-}" = 1 ]; then
    forget "$runtime"
    rm -f "$PORT_FILE"
    say "ok the stack, its messages and its records are deleted"
  fi
}

kill_localstack() {
  is_running || die "LocalStack does not run: nothing to kill"
  if [ "$(kept_runtime)" = docker ]; then
    step "LocalStack killed" compose kill -s KILL
  else
    kill_embedded
  fi
}

case ${1:-} in
  -h | --help) usage ;;
  start | check | stop | freeze | partition | heal | status | logs) "$1" ;;
  kill) kill_localstack ;;
  env) local_environment_commands ;;
  *) usage >&2 && exit 2 ;;
esac
