#!/usr/bin/env bash
# Check every part of the stack: one line each, ok or FAIL.
#
# Usage: scripts/healthcheck.sh

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp health -- "$@"
