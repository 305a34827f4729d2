#!/usr/bin/env bash
# LocalStack's container is paused for 10 s while logs flow: requests hang (needs RUNTIME=docker).
#
# Usage: scripts/chaos/freeze.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos freeze "$@"
