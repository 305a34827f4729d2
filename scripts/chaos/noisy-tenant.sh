#!/usr/bin/env bash
# One tenant sends ten times as much as each other.
#
# Usage: scripts/chaos/noisy-tenant.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos noisy-tenant "$@"
