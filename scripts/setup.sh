#!/usr/bin/env bash
# Install what the project needs, in .local/ and the two .venv folders: uv, the locked Python
# environments, and for the embedded LocalStack the runtime of the functions and DynamoDB Local.
#
# Usage: scripts/setup.sh [test|up] [FUNCTION_RUNTIME]
#   test               what lint and unit tests need
#   up                 (default) also what the local environment needs
#   FUNCTION_RUNTIME   the runtime of functions to install for the embedded LocalStack (default python3.11)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$(dirname "$0")/machine.sh"
# shellcheck source-path=SCRIPTDIR source=dynamodb.sh
source "$(dirname "$0")/dynamodb.sh"

UV_VERSION=0.13.9
DYNAMODB_URL=https://d1ni2b6xgvw0s0.cloudfront.net/v2.x/dynamodb_local_latest.zip

install_uv() {
  [[ $("$UV" --version 2>/dev/null) != "uv $UV_VERSION "* ]] || return 0
  python3 -m venv "$LOCAL/tools"
  "$LOCAL/tools/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

sync_project() { "$UV" sync --locked --quiet --project "$ROOT" --python 3.11; }
sync_emulator() { "$UV" sync --locked --quiet --project "$ROOT/emulator" --python 3.13; }

sync_runtime() {
  UV_PROJECT_ENVIRONMENT=$LOCAL/runtimes/$1 "$UV" sync --locked --quiet --compile-bytecode \
    --project "$ROOT/emulator/src/localstack_serverless/function_runtime" --python "${1#python}"
}

# With LocalStack's own installer if its source answers within seconds, else from npm.
install_dynamodb() {
  if curl -sfI --max-time 3 "$DYNAMODB_URL" >/dev/null && install_dynamodb_with_localstack; then
    return
  fi
  link_java "$LOCAL/volume/var/lib/localstack/lib/java"
  install_dynamodb_from_npm "$DYNAMODB_FOLDER"
}

install_dynamodb_with_localstack() {
  OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT=$LOCAL/volume \
    "$ROOT/emulator/.venv/bin/python" -m localstack.cli.lpm install dynamodb-local
}

# LocalStack looks for Java 21 in its library folder; DynamoDB Local runs on 17 and later. link_java FOLDER
link_java() {
  local version
  command -v java >/dev/null || die "java is missing: DynamoDB Local needs $JAVA_MINIMUM or later ($(how_to_install java))"
  version=$(java_version)
  [ "${version:-0}" -ge $JAVA_MINIMUM ] || die "java is version ${version:-unknown}: DynamoDB Local needs $JAVA_MINIMUM or later ($(how_to_install java))"
  mkdir -p "$1"
  ln -sfn "$(java -XshowSettings:properties -version 2>&1 | sed -nE 's/ *java.home = //p')" "$1/21"
}

case ${1:-up} in -h | --help) usage && exit ;; test | up) ;; *) usage >&2 && exit 2 ;; esac
function_runtime=${2:-python3.11}
[[ $function_runtime =~ ^python3\.[0-9]+$ ]] || die "the runtime of functions is '$function_runtime': it must be python3.11, python3.12 or another python3.N"
mkdir -p "$LOCAL"
host=none
[ "${1:-up}" != up ] || host=$(choose_runtime)
stamp=$LOCAL/setup-${1:-up}-$host-$function_runtime.stamp
# Environments hold absolute paths and binaries: a moved checkout, or another system, needs new ones.
inputs=$({ printf '%s ' "$ROOT" && uname -sm && cat "$0" "$ROOT"/scripts/dynamodb.sh "$ROOT"/uv.lock "$ROOT"/emulator/uv.lock "$ROOT"/emulator/pyproject.toml "$ROOT"/emulator/src/localstack_serverless/function_runtime/uv.lock; } | cksum)
[ "$(cat "$stamp" 2>/dev/null)" != "$inputs" ] || exit 0

step "uv $UV_VERSION" install_uv
step "Python 3.11 environment, from uv.lock" sync_project
step "LocalStack 4.14.0 and the plugin, from emulator/uv.lock" sync_emulator
if [ "$host" = embedded ]; then
  step "runtime $function_runtime: awslambdaric and boto3" sync_runtime "$function_runtime"
  [ -e "$DYNAMODB_JAR" ] || step "DynamoDB Local" install_dynamodb
fi
printf '%s' "$inputs" >"$stamp"
