#!/usr/bin/env bash
# Run the functions' unit tests under another Python than the default: what `lambda_runtime` allows beside
# python3.11.
#
# Usage: scripts/functions_test.sh [PYTHON VERSION, default 3.13] [ARGUMENT OF pytest...]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

case ${1:-} in -h | --help) usage && exit ;; esac
version=${1:-3.13}
shift || true
environment=$LOCAL/functions-test/python$version
requirements=$LOCAL/functions-test/requirements.txt

# uv.lock is for 3.11, which requires-python says. The functions themselves need only pure Python.
install() {
  "$UV" export --locked --quiet --project "$ROOT" --python 3.11 --only-group functions-test --no-header --output-file "$requirements"
  "$UV" venv --quiet --no-project --allow-existing --python "$version" "$environment"
  "$UV" pip sync --quiet --python "$environment/bin/python" --require-hashes "$requirements"
}

mkdir -p "$LOCAL/functions-test"
step "Python $version environment for the functions' tests" install
# the root's conftest.py loads rdp too, which these Pythons do not have
"$environment/bin/python" -m pytest --noconftest -p tests.lambdas.fixtures -p no:cacheprovider -q tests/lambdas "$@"
