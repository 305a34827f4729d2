# shellcheck shell=bash
# For the scripts that are short names for commands of `rdp`: sourced, never run.

# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Run a command of rdp instead of this script: rdp COMMAND... -- ARGUMENT...
# With --help, print the comment at the top of the script first.
rdp() {
  local command=() rdp=$ROOT/.venv/bin/rdp
  while [ "$1" != -- ]; do
    command+=("$1")
    shift
  done
  shift
  case ${1:-} in -h | --help)
    usage
    printf '\n'
    set -- --help
    ;;
  esac
  [ -x "$rdp" ] || die ".venv/bin/rdp is missing: run \`make up\`, or \`make setup\` for a stack on AWS"
  exec "$rdp" "${command[@]}" "$@"
}
