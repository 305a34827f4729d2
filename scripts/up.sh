#!/usr/bin/env bash
# From a fresh clone to a running local stack: tools, LocalStack, packages, Terraform, a first log.
set -euo pipefail
# shellcheck source=scripts/local.sh
. "$(dirname "$0")/local.sh"

usage() {
  cat <<'EOF'
Usage: scripts/up.sh
Brings the local stack up, and does nothing where nothing changed.
  RUNTIME=docker|embedded   how LocalStack runs (default: docker where an engine answers)
EOF
}

SAMPLE_TEXT="User 555-0199 accessed /billing, callback number (555) 123-4567"

# Local runs have a working folder of their own: their state, and tflocal's override file, never
# come near the folder that a run on AWS uses.
prepare_infra() {
  mkdir -p "$infra_dir"
  find "$infra_dir" -maxdepth 1 -type l -delete
  # left by a run that was killed
  rm -f "$infra_dir/localstack_providers_override.tf"
  ln -s "$root"/infra/*.tf "$infra_dir/"
  ln -s "$root/infra/env/local.tfvars" "$infra_dir/local.auto.tfvars"
}

tf() {
  # shellcheck source=scripts/terraform_env.sh
  TARGET=local . "$root/scripts/terraform_env.sh"
  (cd "$infra_dir" && env -u AWS_PROFILE -u AWS_CA_BUNDLE \
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 \
    TF_IN_AUTOMATION=1 TF_CMD=terraform "$root/.venv/bin/tflocal" "$@")
}

# What the stack is made of; a LocalStack started anew has an empty infra folder, so no stamp.
fingerprint() { cat "$root"/infra/*.tf "$root"/infra/env/local.tfvars "$root"/build/*.zip | sha256sum; }

apply() {
  local log=$local_dir/apply.log
  if ! tf apply -auto-approve -input=false -no-color >"$log" 2>&1; then
    cat "$log"
    return 1
  fi
}

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
command -v terraform >/dev/null || die "terraform is missing (1.9 or later): https://developer.hashicorp.com/terraform/install"

"$root/scripts/setup.sh"
"$root/scripts/localstack.sh" start
step "packages build/api.zip and build/worker.zip" env UV="$uv" "$root/.venv/bin/python" "$root/scripts/package.py"

stamp=$infra_dir/applied
if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
  say "ok the stack is as infra/ and lambdas/ describe it"
else
  prepare_infra
  [ -d "$infra_dir/.terraform/providers" ] || step "terraform init" tf init -input=false -no-color
  step "terraform apply (its provider waits 25 s for each queue)" apply
  fingerprint >"$stamp"
fi

say ""
say "A first log, and the record that it became:"
"$root/scripts/send_json.sh" --tenant acme --text "$SAMPLE_TEXT" --wait
say ""
say "API: $(terraform -chdir="$infra_dir" output -raw api_invoke_url)"
