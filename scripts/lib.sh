# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# What the scripts share: sourced, never run.

# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LOCAL_ENDPOINT=$(local_endpoint)

# The value of an option that takes one: value_of "$@" (option first).
value_of() {
  [ $# -ge 2 ] || die "$1 needs a value, see --help"
  printf '%s' "$2"
}

# Choose the target, read its outputs once, point the AWS CLI at it.
connect() {
  need curl jq
  export TARGET=${TARGET:-local}
  case $TARGET in
    local) local_environment ;;
    aws) aws_environment ;;
    *) die "TARGET is '$TARGET': it must be local or aws" ;;
  esac
  [ -x "$ROOT/.venv/bin/aws" ] || die ".venv/bin/aws is missing: run \`$DEPLOY\`"
  OUTPUTS=$(read_outputs) || exit 1
  API_URL=$(output api_invoke_url)
  DLQ_URL=$(output sqs_dlq_url)
  TABLE=$(output table_name)
  AWS_DEFAULT_REGION=$(output region)
  export AWS_DEFAULT_REGION AWS_REGION=$AWS_DEFAULT_REGION
  readonly API_URL DLQ_URL TABLE
}

local_environment() {
  DEPLOY='make up'
  INFRA=$ROOT/.local/infra
  unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_ENDPOINT_URL=$LOCAL_ENDPOINT
  curl -fsS -o /dev/null -m 10 "$LOCAL_ENDPOINT/_localstack/health" 2>/dev/null ||
    die "the local stack does not answer on $LOCAL_ENDPOINT: start it with \`$DEPLOY\`"
}

aws_environment() {
  DEPLOY='make deploy'
  INFRA=$ROOT/infra
  unset AWS_ENDPOINT_URL
}

read_outputs() {
  if [ -n "${STACK_OUTPUTS:-}" ]; then
    cat "$STACK_OUTPUTS"
    return
  fi
  [ -d "$INFRA" ] || die "nothing is deployed ($INFRA is missing): deploy with \`$DEPLOY\`"
  need terraform
  local errors
  # 3 is what terraform prints: its warnings matter only where it fails
  { errors=$(terraform -chdir="$INFRA" output -json 2>&1 >&3); } 3>&1 ||
    die "no outputs in $INFRA: deploy with \`$DEPLOY\`. $errors"
}

output() {
  jq -er --arg name "$1" '.[$name].value' <<<"$OUTPUTS" ||
    die "the outputs lack $1: deploy with \`$DEPLOY\`"
}

# The endpoint is an option besides: for sqs, version 1 of the CLI overlooks the variable.
aws_cli() {
  "$ROOT/.venv/bin/aws" --output json ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"
}

# Run a Python helper of this folder: helper NAME [ARGUMENT...]
helper() { python_module "scripts.$1" "${@:2}"; }

# Run a Python module of the project: python_module NAME [ARGUMENT...]
python_module() {
  local module=$1
  shift
  [ -x "$ROOT/.venv/bin/python" ] || die ".venv/bin/python is missing: run \`make up\`"
  # -P: not the modules of the working folder, which may be another checkout
  PYTHONPATH=$ROOT exec "$ROOT/.venv/bin/python" -P -m "$module" "$@"
}

# What send_json.sh and send_text.sh take: TENANT, LOG_ID and TEXT (both perhaps unset), WAIT.
parse_send_options() {
  TENANT=acme
  while [ $# -gt 0 ]; do
    case $1 in
      --tenant) TENANT=$(value_of "$@") ;;
      --log-id) LOG_ID=$(value_of "$@") ;;
      --text) TEXT=$(value_of "$@") ;;
      --timeout) WAIT_SECONDS=$(value_of "$@") ;;
      --wait)
        WAIT=1
        shift
        continue
        ;;
      -h | --help) usage && exit ;;
      *) die "unknown argument '$1', see --help" ;;
    esac
    shift 2
  done
}

# The text to send: --text, else standard input, byte by byte.
text_to_send() {
  if [ -n "${TEXT+given}" ]; then
    printf '%s' "$TEXT"
  else
    if [ -t 0 ]; then printf 'Type the text, then Ctrl-D:\n' >&2; fi
    cat
  fi
}

# POST to /ingest, print status and answer, and wait for the record if WAIT is set.
# post CURL_ARGUMENT...
post() {
  local answer status body
  answer=$(curl -sS -m 40 -X POST -w '\n%{http_code}' "$@" "$API_URL/ingest") ||
    die "no answer from $API_URL/ingest"
  status=${answer##*$'\n'}
  body=${answer%$'\n'*}
  printf 'HTTP %s\n' "$status"
  jq . <<<"$body" 2>/dev/null || printf '%s\n' "$body"
  [ "$status" = 202 ] || exit 1
  if [ -n "${WAIT:-}" ]; then
    # with the outputs that were read already: asking Terraform takes a second
    STACK_OUTPUTS=<(printf '%s' "$OUTPUTS") helper wait_for_record -- "$TENANT" \
      "$(jq -r .log_id <<<"$body")" "$(jq -r .request_id <<<"$body")" "${WAIT_SECONDS:-120}"
  fi
}
