# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# Docker compose, v2 or v1, on docker-compose.yml: sourced, never run.

BASE_IMAGE=${LOCALSTACK_IMAGE:-localstack/localstack:4.14.0}
IMAGE=robust-data-processor/localstack:4.14.0
# For this checkout alone: compose would take the folder's name, which another checkout may have too.
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-robust-data-processor-$(cksum <<<"$ROOT" | cut -d ' ' -f 1)}

# Set COMPOSE to the command: the plugin (v2) if it is there, else the program (v1).
find_compose() {
  if docker compose version >/dev/null 2>&1; then
    COMPOSE=(docker compose)
  elif docker-compose version >/dev/null 2>&1; then
    COMPOSE=(docker-compose)
  else
    return 1
  fi
  # without buildx, the client can only use the classic builder
  docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
}

need_compose() {
  [ -n "${COMPOSE:-}" ] || find_compose || die "Docker compose is missing: \`make doctor\` shows how to install it"
}

compose() {
  need_compose
  # the compose file reads PORT, and PWD to mount folders at the paths that they have here
  (cd "$ROOT" && PORT=$(local_port) "${COMPOSE[@]}" "$@")
}
