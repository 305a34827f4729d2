#!/usr/bin/env bash
# Tell what this machine lacks, and the command that installs it.
#
# Usage: scripts/doctor.sh
#
# Exits with 1 where something that `make up` needs is missing.
#   RUNTIME=docker|embedded   check for that one (default: docker where an engine answers)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=compose.sh
source "$(dirname "$0")/compose.sh"

REGISTRY_SECONDS=20

missing=0
ok() { printf 'ok       %-12s %s\n' "$1" "$2"; }
note() { printf 'note     %-12s %s\n' "$1" "$2"; }
lack() {
  printf 'missing  %-12s %s\n' "$1" "$2"
  missing=1
}

# tool NAME DEBIAN_PACKAGE HOMEBREW_PACKAGE
tool() {
  if command -v "$1" >/dev/null; then
    ok "$1" "$(command -v "$1")"
  else
    lack "$1" "install it: apt-get install $2 (Debian), brew install $3 (macOS)"
  fi
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

check_terraform() {
  local version
  if ! command -v terraform >/dev/null; then
    lack terraform "install 1.9 or later: https://developer.hashicorp.com/terraform/install (brew install hashicorp/tap/terraform)"
    return
  fi
  version=$(env -u TF_CLI_CONFIG_FILE terraform version | sed -nE '1s/^Terraform v//p')
  if at_least 1.9 "$version"; then ok terraform "$version"; else lack terraform "$version is too old, 1.9 or later is needed: https://developer.hashicorp.com/terraform/install"; fi
}

check_python() {
  local version=$1 what=$2
  if [ -x "$UV" ] && "$UV" python find --no-project "$version" >/dev/null 2>&1; then
    ok "python$version" "$("$UV" python find --no-project "$version")"
  elif command -v "python$version" >/dev/null && "python$version" --version >/dev/null 2>&1; then
    ok "python$version" "$(command -v "python$version")"
  else
    note "python$version" "not found: uv downloads it below .local/ when \`make up\` needs it for $what (or: pyenv install $version)"
  fi
}

check_java() {
  local version
  if ! command -v java >/dev/null; then
    lack java "DynamoDB Local needs 17 or later: apt-get install openjdk-17-jre-headless (Debian), brew install openjdk@17 (macOS)"
    return
  fi
  version=$(java -version 2>&1 | sed -nE '1s/.*"([0-9]+).*/\1/p')
  if [ "${version:-0}" -ge 17 ]; then ok java "$version"; else lack java "version ${version:-unknown} is too old for DynamoDB Local, 17 or later is needed: apt-get install openjdk-17-jre-headless"; fi
}

check_embedded() {
  if [ "$(uname -s)" = Linux ]; then
    ok runtime "embedded: LocalStack runs as a process"
  else
    lack runtime "the embedded LocalStack needs Linux: start a Docker engine (Docker Desktop, colima, ...)"
  fi
  [ "${RUNTIME:-}" = embedded ] || note docker "$(engine_state || true); \`make up RUNTIME=docker\` needs it"
  check_python 3.13 "LocalStack 4.14.0"
  check_java
  command -v npm >/dev/null || note npm "not found: needed only where LocalStack cannot download DynamoDB Local itself (apt-get install npm)"
}

check_docker() {
  local answer
  if ! answer=$(engine_state); then
    lack docker "$answer, or use \`make up RUNTIME=embedded\`"
    return
  fi
  ok docker "$answer"
  if find_compose; then ok compose "$(compose version --short)"; else lack compose "apt-get install docker-compose-plugin (https://docs.docker.com/compose/install; Debian's own package: docker-compose)"; fi
  check_image
}

# The engine's version; or what it lacks, with the command that mends it, and status 1.
engine_state() {
  local answer
  if ! command -v docker >/dev/null; then
    printf 'not installed: https://docs.docker.com/engine/install (Debian: apt-get install docker.io)'
    return 1
  fi
  answer=$(docker version --format '{{.Server.Version}}' 2>&1) && printf '%s' "$answer" && return
  case $answer in
    *[Pp]"ermission denied"*) printf 'the engine runs, but not for you: sudo usermod -aG docker %s, then log in again' "$(id -un)" ;;
    *) printf 'no engine answers: sudo systemctl start docker (Docker Desktop: start it)' ;;
  esac
  return 1
}

check_image() {
  if docker image inspect "$IMAGE" >/dev/null 2>&1; then
    ok image "$IMAGE"
  elif docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
    note image "not built yet: \`make up\` builds it on $BASE_IMAGE, which is here"
  elif registry_has "$BASE_IMAGE"; then
    note image "not here yet: \`make up\` pulls $BASE_IMAGE and builds on it"
  else
    lack image "$BASE_IMAGE is neither here nor can it be pulled: \`docker pull $BASE_IMAGE\` tells why; set LOCALSTACK_IMAGE to the name that it has in a registry that you reach, or use \`make up RUNTIME=embedded\`"
  fi
}

# It may take long until a registry is known to be out of reach.
registry_has() {
  local began=$SECONDS
  docker manifest inspect "$1" >/dev/null 2>&1 &
  while kill -0 $! 2>/dev/null && [ $((SECONDS - began)) -lt $REGISTRY_SECONDS ]; do wait_a_second $!; done
  kill $! 2>/dev/null || true
  wait $! 2>/dev/null
}

check_port() {
  local owner
  owner=$(port_owner)
  if [ -z "$owner" ]; then
    ok "port 4566" "free"
  elif "$ROOT/scripts/localstack.sh" status >/dev/null; then
    ok "port 4566" "this checkout's LocalStack, $owner"
  else
    lack "port 4566" "taken by $owner: $(how_to_free_port "$owner")"
  fi
}

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
tool make make make
tool curl curl curl
tool jq jq jq
tool python3 "python3 python3-venv" python3
check_terraform
check_python 3.11 "the functions and the tools"
if [ "$(choose_runtime)" = docker ]; then check_docker; else check_embedded; fi
check_port
[ "$missing" = 0 ] || die "something is missing, see above"
say "Everything that \`make up\` needs is here."
