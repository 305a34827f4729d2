#!/usr/bin/env bash
# Send logs of many tenants at a steady rate, then account for every one that was accepted.
#
# Usage: scripts/load_test.sh [--rate N] [--duration S] [--tenants N] [--text-length N] [...]
#
# See --help for all options. The exit status tells whether every accepted log became a record or
# lies in the dead-letter queue. TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

helper load_test "$@"
