#!/usr/bin/env bash
# Check every part of the stack: one line each, ok or FAIL. The exit status tells whether all are ok.
#
# Usage: scripts/healthcheck.sh
#
# TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

helper healthcheck "$@"
