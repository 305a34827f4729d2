#!/usr/bin/env bash
# Show what this machine lacks, and the command that installs it.
#
# Usage: scripts/doctor.sh
#
# Exits with 1 if something that `make up` needs is missing.
#   RUNTIME=docker|embedded   check for this one (default: as it ran before, else docker if an engine answers)
#   PORT=N                    check this port (default: where LocalStack ran before, else 4566)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$(dirname "$0")/machine.sh"
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

tool() {
  if command -v "$1" >/dev/null; then
    ok "$1" "$(command -v "$1")"
  else
    lack "$1" "$(how_to_install "$1")"
  fi
}

check_venv() {
  [ ! -x "$UV" ] || return 0
  python3 -c 'import ensurepip' 2>/dev/null || lack python3-venv "$(how_to_install python3-venv)"
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

check_terraform() {
  local version
  if ! command -v terraform >/dev/null; then
    lack terraform "$(how_to_install terraform)"
    return
  fi
  version=$(env -u TF_CLI_CONFIG_FILE terraform version | sed -nE '1s/^Terraform v//p')
  if at_least 1.9 "$version"; then ok terraform "$version"; else lack terraform "$version is too old: $(how_to_install terraform)"; fi
}

check_python() {
  local version=$1 what=$2
  if [ -x "$UV" ] && "$UV" python find --no-project "$version" >/dev/null 2>&1; then
    ok "python$version" "$("$UV" python find --no-project "$version")"
  elif command -v "python$version" >/dev/null && "python$version" --version >/dev/null 2>&1; then
    ok "python$version" "$(command -v "python$version")"
  else
    note "python$version" "not found: \`make up\` downloads it to .local/ for $what (or: pyenv install $version)"
  fi
}

check_java() {
  local version
  if ! command -v java >/dev/null; then
    lack java "DynamoDB Local needs $JAVA_MINIMUM or later: $(how_to_install java)"
    return
  fi
  version=$(java_version)
  if [ "${version:-0}" -ge $JAVA_MINIMUM ]; then
    ok java "$version"
  else
    lack java "version ${version:-unknown} is too old, DynamoDB Local needs $JAVA_MINIMUM or later: $(how_to_install java)"
  fi
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
  command -v npm >/dev/null || note npm "not found: needed only if LocalStack cannot download DynamoDB Local itself ($(how_to_install npm))"
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

# Print the engine's version; or what is wrong with it, with the command that mends it, and return 1.
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
    lack image "$BASE_IMAGE is neither here nor can it be pulled: \`docker pull $BASE_IMAGE\` shows why; set LOCALSTACK_IMAGE to its name in a registry that you can reach, or use \`make up RUNTIME=embedded\`"
  fi
}

# Docker may take minutes to find out that a registry cannot be reached.
registry_has() {
  local began=$SECONDS
  docker manifest inspect "$1" >/dev/null 2>&1 &
  while kill -0 $! 2>/dev/null && [ $((SECONDS - began)) -lt $REGISTRY_SECONDS ]; do
    progress "$began" "asking the registry for $1"
    wait_a_second $!
  done
  kill $! 2>/dev/null || true
  wait $! 2>/dev/null
}

check_port() {
  local port owner
  port=$(choose_port)
  owner=$(port_owner "$port")
  if [ "$runtime" = embedded ] && ! may_listen "$port"; then
    lack "port $port" "$FOR_ROOT_ONLY"
  elif [ -z "$owner" ]; then
    ok "port $port" "free"
  elif [ "$port" = "$(local_port)" ] && "$ROOT/scripts/localstack.sh" status >/dev/null; then
    ok "port $port" "this checkout's LocalStack, $owner"
  else
    lack "port $port" "$(port_is_taken "$port" "$owner")"
  fi
}

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
# a setting that is refused ends the script here, not in one of its checks
runtime=$(choose_runtime)
choose_port >/dev/null
for program in make curl jq python3; do tool "$program"; done
check_venv
check_terraform
check_python 3.11 "the functions and the tools"
if [ "$runtime" = docker ]; then check_docker; else check_embedded; fi
check_port
[ "$missing" = 0 ] || die "something is missing, see above"
say "This machine has everything that \`make up\` needs."
