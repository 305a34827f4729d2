#!/usr/bin/env bash
# From a fresh clone to a running local stack: tools, LocalStack, packages, Terraform, a first log.
#
# Usage: scripts/up.sh
#
# Does nothing where nothing changed.
#   HOT_RELOAD=1              run lambdas/ itself: saving a file changes the next request
#   RUNTIME=docker|embedded   how LocalStack runs (default: docker where an engine answers)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

HOT_RELOAD_DIR=$LOCAL/hot-reload
SAMPLE_TEXT="User 555-0199 accessed /billing"

# What the functions run from with HOT_RELOAD=1: the packages' dependencies, and links to lambdas/.
link_code() {
  local function module
  # not the folder itself, which the container has mounted
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

# What the stack is made of; a LocalStack without kept state has an empty infra folder, so no stamp.
fingerprint() {
  {
    cat "$ROOT"/infra/*.tf "$ROOT"/infra/env/local.tfvars
    if [ "${HOT_RELOAD:-}" = 1 ]; then printf hot; else cat "$ROOT"/build/*.zip; fi
  } | sha256sum
}

# The plan is long, and of a failure only the error matters.
apply() {
  local log=$LOCAL/apply.log
  if ! tf "$INFRA" apply -auto-approve -input=false -no-color >"$log" 2>&1; then
    sed -n '/Error: /,$p' "$log"
    say "The whole of it: $log"
    return 1
  fi
}

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
case ${HOT_RELOAD:-0} in 0 | 1) ;; *) die "HOT_RELOAD is '$HOT_RELOAD'; it takes 1 or 0" ;; esac
command -v terraform >/dev/null || die "terraform is missing (1.9 or later): https://developer.hashicorp.com/terraform/install"

# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"
# what it calls would ask the engine again
RUNTIME=$(choose_runtime)
export RUNTIME
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/localstack.sh" start
step "packages build/api.zip and build/worker.zip" env UV="$UV" "$ROOT/.venv/bin/python" "$ROOT/scripts/package.py"

if [ "${HOT_RELOAD:-}" = 1 ]; then
  export TF_VAR_hot_reload_dir=$HOT_RELOAD_DIR
  link_code
fi

stamp=$INFRA/applied
# read again and again, where asking Terraform takes a second each time
export STACK_OUTPUTS=$INFRA/outputs.json
if [ -s "$STACK_OUTPUTS" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
  say "ok the stack is as infra/ and lambdas/ describe it"
else
  link_infra "$INFRA"
  [ -d "$INFRA/.terraform/providers" ] || step "terraform init" tf "$INFRA" init -input=false -no-color
  step "terraform apply (its provider waits 25 s for each queue)" apply
  terraform -chdir="$INFRA" output -json >"$STACK_OUTPUTS"
  fingerprint >"$stamp"
fi

say ""
say "A first log, and the record that it became:"
"$ROOT/scripts/send_json.sh" --tenant acme --text "$SAMPLE_TEXT" --wait
say ""
say "API: $(jq -r .api_invoke_url.value "$STACK_OUTPUTS")"
[ "${HOT_RELOAD:-}" != 1 ] || say "Save a file in lambdas/: the next request runs it."
