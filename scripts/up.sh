#!/usr/bin/env bash
# From a fresh clone to a running local stack: tools, LocalStack, packages, Terraform, a first log.
#
# Usage: scripts/up.sh
#
# What is up to date already is left alone.
#   HOT_RELOAD=1              run lambdas/ itself: saving a file changes the next request
#   RUNTIME=docker|embedded   how LocalStack runs (default: as before, else docker if an engine answers)
#   PORT=N                    the port that LocalStack listens on (default: as before, else 4566)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$(dirname "$0")/machine.sh"

HOT_RELOAD_DIR=$LOCAL/hot-reload
SAMPLE_TEXT="User 555-0199 accessed /billing"

# Make what the functions run from with HOT_RELOAD=1: the packages' dependencies, and links to lambdas/.
link_code() {
  local function module
  # the folder itself stays: the container has mounted it
  mkdir -p "$HOT_RELOAD_DIR"
  find "$HOT_RELOAD_DIR" -mindepth 1 -delete
  for function in api worker; do
    python3 -m zipfile -e "$ROOT/build/$function.zip" "$HOT_RELOAD_DIR/$function"
    for module in "$ROOT"/lambdas/*/; do
      module=$(basename "$module")
      [ -d "$HOT_RELOAD_DIR/$function/$module" ] || continue
      rm -rf "${HOT_RELOAD_DIR:?}/$function/$module"
      ln -s "$ROOT/lambdas/$module" "$HOT_RELOAD_DIR/$function/$module"
    done
  done
}

# What the stack is made of. (A LocalStack that kept nothing has an empty infra folder, so no stamp.)
fingerprint() {
  {
    local_port
    cat "$ROOT"/infra/*.tf "$ROOT"/infra/env/local.tfvars
    if [ "${HOT_RELOAD:-}" = 1 ]; then printf hot; else cat "$ROOT"/build/*.zip; fi
  } | sha256sum
}

# Terraform prints the whole plan; if it fails, only the error matters.
apply() {
  local log=$LOCAL/apply.log
  # a `make up` that was killed may have left its apply running, which still writes its log
  rm -f "$log"
  if ! tf "$INFRA" apply -auto-approve -input=false -no-color -lock-timeout=3m >"$log" 2>&1; then
    sed -n '/Error: /,$p' "$log"
    say "The whole output: $log"
    return 1
  fi
}

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
case ${HOT_RELOAD:-0} in 0 | 1) ;; *) die "HOT_RELOAD is '$HOT_RELOAD': it must be 1 or 0" ;; esac
# what it calls would ask the engine again
RUNTIME=$(choose_runtime)
PORT=$(choose_port)
export RUNTIME PORT
need_programs "$RUNTIME"
"$ROOT/scripts/localstack.sh" check
# the user's own may be another stack's
unset AWS_ENDPOINT_URL

# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/localstack.sh" start
step "packages build/api.zip and build/worker.zip" env UV="$UV" "$ROOT/.venv/bin/python" "$ROOT/scripts/package.py"

if [ "${HOT_RELOAD:-}" = 1 ]; then
  export TF_VAR_hot_reload_dir=$HOT_RELOAD_DIR
  link_code
fi

stamp=$INFRA/applied
# asking Terraform takes a second each time
export STACK_OUTPUTS=$INFRA/outputs.json
if [ -s "$STACK_OUTPUTS" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
  say "ok the stack is as infra/ and lambdas/ describe it"
else
  link_infra "$INFRA"
  move_infra
  [ -d "$INFRA/.terraform/providers" ] || step "terraform init" tf "$INFRA" init -input=false -no-color
  step "terraform apply (its provider waits 25 s for each queue)" apply
  terraform -chdir="$INFRA" output -json >"$STACK_OUTPUTS"
  fingerprint >"$stamp"
fi

say ""
say "A first log, and the record that it became:"
TARGET=local "$ROOT/scripts/send_json.sh" --tenant acme --text "$SAMPLE_TEXT" --wait
say ""
say "API: $(jq -r .api_invoke_url.value "$STACK_OUTPUTS")"
[ "${HOT_RELOAD:-}" != 1 ] || say "Save a file in lambdas/: the next request runs it."
