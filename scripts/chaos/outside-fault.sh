#!/usr/bin/env bash
# Something else breaks the stack while logs flow, such as an experiment of AWS FIS: the ledger is checked.
#
# Usage: scripts/chaos/outside-fault.sh [--logs N] [--seconds S] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos outside-fault "$@"
