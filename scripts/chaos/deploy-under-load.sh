#!/usr/bin/env bash
# A new version of the worker is deployed while logs flow.
#
# Usage: scripts/chaos/deploy-under-load.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos deploy-under-load "$@"
