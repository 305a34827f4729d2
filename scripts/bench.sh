#!/usr/bin/env bash
# Measure the running local stack, and write the figures into docs/performance.md.
#
# Usage: scripts/bench.sh [--seconds N] [MEASUREMENT...]     (as `rdp bench`)
#   PEERS=1       measure ministack as well, with the same Terraform and the same loads
#   Only the embedded LocalStack can be measured: memory and processor time are read from its processes.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$(dirname "$0")/peers.sh"

RESULTS=$LOCAL/bench

measure() {
  local name=$1 process=$2
  shift 2
  "$ROOT/.venv/bin/rdp" bench --process "$process" --output "$RESULTS/$name.json" "$@"
}

# The rows that only this stack has: how long `make up` takes.
measure_starts() {
  local began
  began=$(date +%s.%N)
  "$ROOT/scripts/up.sh" >/dev/null
  STARTS="make up, nothing changed=$(elapsed "$began")"
  "$ROOT/scripts/localstack.sh" stop >/dev/null
  began=$(date +%s.%N)
  "$ROOT/scripts/up.sh" >/dev/null
  STARTS+=$'\n'"make up after make down=$(elapsed "$began")"
}

elapsed() { awk -v began="$1" -v now="$(date +%s.%N)" 'BEGIN {printf "%.1f s", now - began}'; }

# Start ministack and deploy infra/ on it.
start_ministack_stack() {
  local infra=$LOCAL/ministack-infra endpoint=http://localhost:$MINISTACK_PORT
  start_ministack
  rm -rf "$infra"
  link_infra "$infra"
  ln -s "$INFRA/.terraform" "$infra/.terraform"
  cp "$INFRA/.terraform.lock.hcl" "$infra/" 2>/dev/null || true
  export AWS_ENDPOINT_URL=$endpoint
  step "terraform apply on ministack" tf "$infra" apply -auto-approve -input=false -no-color
  unset AWS_ENDPOINT_URL
  export STACK_ENDPOINT=$endpoint STACK_OUTPUTS=$RESULTS/ministack-outputs.json
  terraform -chdir="$infra" output -json >"$STACK_OUTPUTS"
}

case ${1:-} in -h | --help) usage && exit ;; esac
# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"
mkdir -p "$RESULTS"
"$ROOT/scripts/localstack.sh" status >/dev/null || "$ROOT/scripts/up.sh"
[ "$(cat "$RUNTIME_FILE")" = embedded ] || die "the stack runs in a container: \`make down && make up RUNTIME=embedded\` first"
say "this plugin"
measure_starts
measure plugin "$(cat "$LOCAL/localstack.pid")" "$@"
if [ -n "${PEERS:-}" ]; then
  install_peers
  # not both on the machine at the same time
  "$ROOT/scripts/localstack.sh" stop
  start_ministack_stack
  say "ministack $MINISTACK_VERSION"
  measure ministack "$PEER" "$@"
  stop_peer
  unset STACK_ENDPOINT STACK_OUTPUTS
  "$ROOT/scripts/localstack.sh" start
fi
STARTS=$STARTS "$ROOT/.venv/bin/python" -P -m rdp.bench.page "$ROOT/docs/performance.md" \
  "this plugin=$RESULTS/plugin.json" ${PEERS:+"ministack $MINISTACK_VERSION=$RESULTS/ministack.json"}
say "ok docs/performance.md"
