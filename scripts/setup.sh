#!/usr/bin/env bash
# Install what the project needs, in .local/ and the two .venv folders: uv and the locked Python
# environments. The embedded LocalStack installs the rest when it starts.
#
# Usage: scripts/setup.sh

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

UV_VERSION=0.13.9

install_uv() {
  [[ $("$UV" --version 2>/dev/null) != "uv $UV_VERSION "* ]] || return 0
  python3 -m venv "$LOCAL/tools"
  "$LOCAL/tools/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

sync_project() { "$UV" sync --locked --quiet --project "$ROOT" --python 3.11; }
sync_emulator() { "$UV" sync --locked --quiet --project "$ROOT/emulator" --python 3.13; }

case ${1:-} in -h | --help) usage && exit ;; "") ;; *) usage >&2 && exit 2 ;; esac
mkdir -p "$LOCAL"
stamp=$LOCAL/setup.stamp
# Environments hold absolute paths and binaries: a moved checkout, or another system, needs new ones.
inputs=$({ printf '%s ' "$ROOT" && uname -sm && cat "$0" "$ROOT"/uv.lock "$ROOT"/pyproject.toml "$ROOT"/emulator/uv.lock "$ROOT"/emulator/pyproject.toml; } | cksum)
[ "$(cat "$stamp" 2>/dev/null)" != "$inputs" ] || exit 0

step "uv $UV_VERSION" install_uv
step "Python 3.11 environment, from uv.lock" sync_project
step "LocalStack 4.14.0 and the plugin, from emulator/uv.lock" sync_emulator
printf '%s' "$inputs" >"$stamp"
