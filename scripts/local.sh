# shellcheck shell=bash disable=SC2034 # what sources this uses the variables
# The local environment's paths, and how its scripts tell what they do: sourced, never run.

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LOCAL=$ROOT/.local
INFRA=$LOCAL/infra
UV=$LOCAL/tools/bin/uv
# where LocalStack runs: docker or embedded
RUNTIME_FILE=$LOCAL/localstack.runtime
# which LocalStack, with which state, the Terraform state in INFRA describes: "runtime id"
DESCRIBED_FILE=$INFRA/localstack
export UV_PYTHON_INSTALL_DIR=$LOCAL/python UV_NO_PROGRESS=1

say() { printf '%s\n' "$*"; }

# Run a command whose output matters only when it fails; tell every 10 seconds that it still runs.
# step "what it is" command...
step() {
  local what=$1 began=$SECONDS log status=0
  shift
  log=$(mktemp "$LOCAL/step.XXXXXX")
  # a process group of its own, so that Ctrl-C reaches all of it, and terraform can end in order
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  set +m
  local job=$!
  # shellcheck disable=SC2064 # of this job
  trap "kill -INT -- -$job; wait $job; rm -f '$log'; die 'interrupted: $what'" INT TERM
  while kill -0 "$job" 2>/dev/null; do
    [ $(((SECONDS - began) % 10)) != 9 ] || say "  $what ... $((SECONDS - began)) s"
    wait_a_second "$job"
  done
  wait "$job" || status=$?
  trap - INT TERM
  if [ "$status" = 0 ]; then
    say "ok $what ($((SECONDS - began)) s)"
  else
    sed 's/^/  /' "$log" >&2
  fi
  rm -f "$log"
  [ "$status" = 0 ] || die "$what failed with exit status $status; its output stands above"
}

# Return after a second, or at once when the process ends.
wait_a_second() {
  local _
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
}

# Whether something answers as LocalStack on its port.
localstack_answers() {
  curl -sf --max-time 2 "$LOCAL_ENDPOINT/_localstack/health" >/dev/null
}

# What listens on LocalStack's port: "container NAME", "name (pid N)", "a process of another user", or nothing.
port_owner() {
  local container owner
  container=$(docker ps --filter publish=4566 --format 'container {{.Names}}' 2>/dev/null | head -n 1) || true
  if [ -n "$container" ]; then
    printf '%s' "$container"
  elif command -v ss >/dev/null; then
    owner=$(ss -Hltnp 'sport = :4566' 2>/dev/null | head -n 1)
    case $owner in
      *users:*) sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/\1 (pid \2)/p' <<<"$owner" ;;
      ?*) printf 'a process of another user' ;;
    esac
  elif command -v lsof >/dev/null; then
    lsof -nP -iTCP:4566 -sTCP:LISTEN -Fpc 2>/dev/null | tr '\n' ' ' | sed -E 's/p([0-9]+) .*c([^ ]+).*/\2 (pid \1)/'
  fi
}

# The command that stops what port_owner names: how_to_free_port OWNER
how_to_free_port() {
  case $1 in
    "container "*) printf 'docker stop %s' "${1#container }" ;;
    *"(pid "*) printf "stop it (another checkout: \`make down\` there; else: kill %s)" "$(sed -E 's/.*pid ([0-9]+).*/\1/' <<<"$1")" ;;
    *) printf 'sudo ss -ltnp "sport = :4566" tells which; stop it' ;;
  esac
}

# RUNTIME; else the one that LocalStack runs in, or that has the stack's state; else docker where an
# engine answers.
choose_runtime() {
  local runtime=${RUNTIME:-$(kept_runtime)}
  case $runtime in
    docker | embedded) printf '%s' "$runtime" ;;
    "") if docker info >/dev/null 2>&1; then printf docker; else printf embedded; fi ;;
    *) die "RUNTIME is '$runtime'; it takes docker or embedded" ;;
  esac
}

# Where LocalStack runs, or where it ran when Terraform last applied; nothing where no stack is kept.
kept_runtime() {
  cat "$RUNTIME_FILE" 2>/dev/null || cut -d ' ' -f 1 "$DESCRIBED_FILE" 2>/dev/null || true
}

# A working folder of its own for infra/ on an emulator: the state, and tflocal's override file, never
# come near the folder that a run on AWS uses. link_infra FOLDER
link_infra() {
  mkdir -p "$1"
  find "$1" -maxdepth 1 -type l -delete
  # left by a run that was killed
  rm -f "$1/localstack_providers_override.tf"
  ln -s "$ROOT"/infra/*.tf "$1/"
  ln -s "$ROOT/infra/env/local.tfvars" "$1/local.auto.tfvars"
}

# Terraform in such a folder, on the emulator at AWS_ENDPOINT_URL (default: LocalStack).
# tf FOLDER ARGUMENT...
tf() {
  (cd "$1" && shift && env -u AWS_PROFILE -u AWS_CA_BUNDLE \
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 \
    TF_IN_AUTOMATION=1 TF_CMD=terraform "$ROOT/.venv/bin/tflocal" "$@")
}
