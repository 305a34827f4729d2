#!/usr/bin/env bash
# Deploy the stack to AWS, or destroy it: show the plan, ask, apply it.
#
# Usage: scripts/deploy.sh deploy|destroy
#
# Settings come from infra/terraform.tfvars (see infra/env/aws.tfvars.example) and TF_VAR_*. It deploys to
# the account that your AWS credentials belong to.
#   AUTO_APPROVE=1       do not ask
#   HEALTH_TIMEOUT=60    seconds within which the new API must answer

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

INFRA=$ROOT/infra

[ -t 1 ] || export TF_CLI_ARGS=-no-color
tf() { terraform -chdir="$INFRA" "$@"; }

refuse_localstack() {
  if [ -e "$INFRA/localstack_providers_override.tf" ]; then
    die "infra/localstack_providers_override.tf would send this to LocalStack: remove it"
  fi
  case ${AWS_ENDPOINT_URL:-} in
    *localhost* | *127.0.0.1* | *localstack*)
      die "AWS_ENDPOINT_URL is $AWS_ENDPOINT_URL, which is LocalStack: unset it to deploy to AWS"
      ;;
  esac
}

# Print the account that the credentials belong to.
check_credentials() {
  local aws=$ROOT/.venv/bin/aws answer
  [ -x "$aws" ] || aws=aws
  need "$aws"
  answer=$("$aws" sts get-caller-identity --query Account --output text 2>&1) ||
    die "no working AWS credentials: run \`aws configure\`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ($(tr -s '\n' ' ' <<<"$answer" | sed 's/^ *//; s/ *$//'))"
  [ "$answer" != 000000000000 ] ||
    die "the credentials reach LocalStack (account 000000000000): check endpoint_url in your AWS profile"
  printf '%s' "$answer"
}

# Write the plan to $PLAN and set CHANGED to yes or no.
plan() {
  local status=0
  tf plan -input=false -detailed-exitcode -out="$PLAN" "$@" >/dev/null || status=$?
  case $status in
    0) CHANGED=no ;;
    2) CHANGED=yes ;;
    *) die "the plan failed, see above" ;;
  esac
}

show_plan() {
  tf show -no-color "$PLAN" | sed -n 's/^  # \(.*\)/  \1/p; /^Plan:/p'
}

confirm() {
  local answer
  [ "${AUTO_APPROVE:-}" != 1 ] || return 0
  [ -t 0 ] || die "this needs your approval: run it in a terminal, or set AUTO_APPROVE=1"
  read -r -p "$1 Type yes to continue: " answer
  [ "$answer" = yes ] || die "nothing was changed"
}

wait_until_healthy() {
  local url=$1 deadline=$((SECONDS + ${HEALTH_TIMEOUT:-60}))
  printf 'Waiting for %s/health\n' "$url"
  until curl -fsS --max-time 5 "$url/health" 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] ||
      die "$url/health does not answer 200: see \`TARGET=aws scripts/tail_logs.sh api\`"
    sleep 2
  done
  printf '\n'
}

deploy() {
  plan
  if [ "$CHANGED" = yes ]; then
    show_plan
    confirm "Apply this to account $ACCOUNT?"
    tf apply -input=false "$PLAN"
  else
    printf 'Nothing to change: account %s is as infra/ describes it.\n' "$ACCOUNT"
  fi
  wait_until_healthy "$(tf output -raw api_invoke_url)"
  tf output
}

destroy() {
  plan -destroy
  if [ "$CHANGED" = no ]; then
    printf 'Nothing to destroy: the state in infra/ is empty.\n'
    return
  fi
  refuse_protected_table
  show_plan
  confirm "Destroy this, every record included, in account $ACCOUNT?"
  tf apply -input=false "$PLAN"
}

# DynamoDB would refuse only after the rest of the stack was destroyed.
refuse_protected_table() {
  local state
  state=$(tf state show -no-color aws_dynamodb_table.processed_logs 2>/dev/null) || return 0
  if grep -q 'deletion_protection_enabled *= true' <<<"$state"; then
    die "the table is protected against deletion: write \`table_deletion_protection = false\` to infra/terraform.tfvars and run \`make deploy\` first"
  fi
}

case ${1:-} in
  -h | --help) usage && exit ;;
  deploy | destroy) ;;
  *) usage >&2 && exit 2 ;;
esac

need terraform curl
refuse_localstack
ACCOUNT=$(check_credentials)
# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"

WORK=$(mktemp -d)
PLAN=$WORK/plan
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM

if [ "$1" = deploy ]; then "${PYTHON:-python3}" "$ROOT/scripts/package.py"; fi
printf 'Planning %s for account %s\n' "$1" "$ACCOUNT"
tf init -input=false >/dev/null
"$1"
