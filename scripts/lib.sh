# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# What the scripts share: sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOCAL_ENDPOINT=http://localhost:4566

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
    command -v "$tool" >/dev/null || die "$tool is missing: \`make doctor\` tells how to install it"
  done
}
