# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# The local environment: its paths, its settings, and how its scripts report progress. Sourced, never run.

# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

LOCAL=$ROOT/.local
INFRA=$LOCAL/infra
UV=$LOCAL/tools/bin/uv
# where LocalStack runs: docker or embedded
RUNTIME_FILE=$LOCAL/localstack.runtime
# which LocalStack, with which state, the Terraform state in INFRA describes: "runtime id"
DESCRIBED_FILE=$INFRA/localstack
DYNAMODB_JAR=$LOCAL/lib/dynamodb-local/2/DynamoDBLocal.jar
# what localstack-serverless keeps and installs
export LOCALSTACK_SERVERLESS_STATE=$LOCAL LOCALSTACK_SERVERLESS_CACHE=$LOCAL
export UV_PYTHON_INSTALL_DIR=$LOCAL/python UV_NO_PROGRESS=1

say() { printf '%s\n' "$*"; }

# Say after 3 seconds, and then every 10, that something is still going on: progress BEGAN WHAT
progress() {
  local next=$(($1 + 3))
  [ "${REPORTED:-0}" -lt "$next" ] || next=$((REPORTED + 10))
  [ "$SECONDS" -ge "$next" ] || return 0
  REPORTED=$SECONDS
  say "  $2 ... $((SECONDS - $1)) s"
}

interrupted() {
  printf '%s: interrupted: %s\n' "${0##*/}" "$*" >&2
  exit 130
}

# Run a command, and show its output only if it fails: step WHAT COMMAND...
step() {
  local what=$1 began=$SECONDS log job status=0
  shift
  log=$(mktemp "$LOCAL/step.XXXXXX")
  # In its own process group, Ctrl-C does not reach the command before the trap below passes it on to
  # all of its processes and waits, so that terraform can finish what it is doing.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  set +m
  trap 'interrupt_step "$job" "$log" "$what"' INT TERM
  while kill -0 "$job" 2>/dev/null; do
    progress "$began" "$what"
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

# interrupt_step JOB LOG WHAT
interrupt_step() {
  kill -INT -- "-$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  rm -f "$2"
  interrupted "$3"
}

# Return after a second, or as soon as the process ends.
wait_a_second() {
  local _
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
}

# Whether LocalStack answers on this checkout's port.
localstack_answers() {
  curl -sf --max-time 2 "$(local_endpoint)/_localstack/health" >/dev/null
}

# RUNTIME; else the one that LocalStack runs in, or that has the stack's state; else docker if an engine
# answers.
choose_runtime() {
  local runtime=${RUNTIME:-$(kept_runtime)}
  case $runtime in
    docker | embedded) printf '%s' "$runtime" ;;
    "") if docker info >/dev/null 2>&1; then printf docker; else printf embedded; fi ;;
    *) die "RUNTIME is '$runtime': it must be docker or embedded" ;;
  esac
}

# Where LocalStack runs, or ran when Terraform last applied; nothing if no stack is kept.
kept_runtime() {
  cat "$RUNTIME_FILE" 2>/dev/null || cut -d ' ' -f 1 "$DESCRIBED_FILE" 2>/dev/null || true
}

# PORT; else the port that LocalStack listens on, or that it had when it last ran.
choose_port() {
  [ -n "${PORT:-}" ] || { local_port; return; }
  { [[ $PORT =~ ^[1-9][0-9]{0,4}$ ]] && [ "$PORT" -le 65535 ]; } ||
    die "PORT is '$PORT': it must be a number from 1 to 65535"
  printf '%s' "$PORT"
}

# Make FOLDER a Terraform working folder with links to infra/, for an emulator. The state and tflocal's
# override file stay there, away from the folder that AWS deployments use. link_infra FOLDER
link_infra() {
  mkdir -p "$1"
  find "$1" -maxdepth 1 -type l -delete
  # a killed tflocal leaves it behind
  rm -f "$1/localstack_providers_override.tf"
  ln -s "$ROOT"/infra/*.tf "$1/"
  ln -s "$ROOT/infra/env/local.tfvars" "$1/local.auto.tfvars"
}

# LocalStack puts its port into the URL of a queue, and the URL is what Terraform knows the queue by. If
# the stack starts on another port, write the new URLs into Terraform's state, wherever it has the old ones.
move_infra() {
  local state=$INFRA/terraform.tfstate old
  old=$(cat "$INFRA/port" 2>/dev/null) || old=$DEFAULT_PORT
  if [ -s "$state" ] && [ "$old" != "$(local_port)" ]; then
    jq --arg old "localhost:$old(?![0-9])" --arg new "localhost:$(local_port)" \
      'walk(if type == "string" then gsub($old; $new) else . end)' "$state" >"$state.moved"
    mv "$state.moved" "$state"
  fi
  local_port >"$INFRA/port"
}

# What the AWS CLI, tflocal and other tools need in their environment to reach LocalStack, as shell
# commands. Bucket names as host names need a DNS server: S3_HOSTNAME makes tflocal put them in the path.
local_environment_commands() {
  printf 'unset AWS_PROFILE AWS_CA_BUNDLE AWS_SESSION_TOKEN\n'
  printf 'export %s\n' "AWS_ENDPOINT_URL=$(local_endpoint)" AWS_ACCESS_KEY_ID=test \
    AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 S3_HOSTNAME=localhost
}

# Run Terraform in such a folder, on the emulator at AWS_ENDPOINT_URL (default: LocalStack).
# tf FOLDER ARGUMENT...
tf() {
  local endpoint=${AWS_ENDPOINT_URL:-$(local_endpoint)} job status
  (
    cd "$1" && shift
    eval "$(local_environment_commands)"
    # tflocal passes an interrupt on to terraform, which exits without writing its state if it gets a
    # second one. In its own process group, terraform gets only the one from tflocal.
    set -m
    AWS_ENDPOINT_URL=$endpoint TF_IN_AUTOMATION=1 TF_CMD=terraform "$ROOT/.venv/bin/tflocal" "$@" &
    job=$!
    trap 'kill -INT "$job"' INT
    while
      status=0
      wait "$job" || status=$?
      # an interrupt ends the wait, not the job
      kill -0 "$job" 2>/dev/null
    do :; done
    exit "$status"
  )
}
