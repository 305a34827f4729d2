# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# What every script uses: sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# The port of this checkout's LocalStack. scripts/localstack.sh writes it; without it, the default.
PORT_FILE=$ROOT/.local/localstack.port
DEFAULT_PORT=4566

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The comment at the top of the script, up to its first empty line.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is missing: \`make doctor\` shows how to install it"
  done
}

local_port() {
  local port
  port=$(cat "$PORT_FILE" 2>/dev/null) || true
  printf '%s' "${port:-$DEFAULT_PORT}"
}

local_endpoint() { printf 'http://localhost:%s' "$(local_port)"; }
