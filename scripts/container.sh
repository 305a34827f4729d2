# shellcheck shell=bash
# LocalStack in a container: how scripts/localstack.sh starts, finds and breaks it. Sourced, never run.

# shellcheck source-path=SCRIPTDIR source=compose.sh
source "$(dirname "${BASH_SOURCE[0]}")/compose.sh"

READY_SECONDS=90

need_engine() {
  need_compose
  docker info >/dev/null 2>&1 || die "no Docker engine answers: \`make doctor\` shows why (or \`make up RUNTIME=embedded\`, which begins with an empty stack)"
}

start_container() {
  # the engine would create it, as root
  mkdir -p "$LOCAL/hot-reload"
  step "image, on $BASE_IMAGE" compose build
  step "container" compose up --detach --no-build
  trap abandon_container INT TERM
  CONTAINER=$(compose ps --quiet localstack)
  wait_until_ready
  trap - INT TERM
}

wait_until_ready() {
  local began=$SECONDS
  until container_is_ready; do
    container_runs || { compose logs --tail=50 >&2; die "LocalStack ended while it started; the end of its log stands above"; }
    [ $((SECONDS - began)) -lt $READY_SECONDS ] || die "LocalStack is not ready after $READY_SECONDS s: see \`make logs\`"
    progress "$began" "waiting for LocalStack"
    sleep 0.2
  done
  say "ok LocalStack, in a container, port $(local_port) ($((SECONDS - began)) s)"
}

# It answers before its services are there.
container_is_ready() {
  curl -sf --max-time 2 "$(local_endpoint)/_localstack/init/ready" | jq -e .completed >/dev/null
}

# A LocalStack that is starting has nothing to lose yet.
abandon_container() {
  compose kill -s KILL >/dev/null 2>&1 || true
  compose down --remove-orphans >/dev/null 2>&1 || true
  abandoned
}

# Set CONTAINER to the id of the container that runs, paused or not.
find_container() {
  [ "$(cat "$RUNTIME_FILE" 2>/dev/null)" = docker ] || return 1
  CONTAINER=$(compose ps --quiet localstack 2>/dev/null) && [ -n "$CONTAINER" ] && container_runs
}

container_runs() { [ "$(docker inspect --format '{{.State.Running}}' "$CONTAINER" 2>/dev/null)" = true ]; }

freeze() {
  need_container
  docker pause "$CONTAINER" >/dev/null
}

partition() {
  need_container
  docker network disconnect "$(network)" "$CONTAINER"
}

# End freeze and partition, if one of them is on.
heal() {
  find_container || return 0
  if [ "$(docker inspect --format '{{.State.Paused}}' "$CONTAINER")" = true ]; then docker unpause "$CONTAINER" >/dev/null; fi
  if [ "$(docker inspect --format '{{len .NetworkSettings.Networks}}' "$CONTAINER")" = 0 ]; then
    # compose gives this name too, and the engine forgets it
    docker network connect --alias localstack "$(network)" "$CONTAINER"
  fi
}

need_container() { find_container || die "LocalStack does not run in a container: \`make down && make up RUNTIME=docker\`"; }

network() {
  local project
  project=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project"}}' "$CONTAINER")
  docker network ls --quiet --filter "label=com.docker.compose.project=$project" | head -n 1
}
