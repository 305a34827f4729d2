#!/usr/bin/env bash
# Show what the table holds.
#
# Usage: scripts/inspect_db.sh                      tenants and how many records each has (a scan)
#        scripts/inspect_db.sh TENANT               the tenant's records (a query), oldest first
#        scripts/inspect_db.sh TENANT --isolation   proof that the query returns no one else's
#
# TARGET=local|aws chooses the stack (default: local).

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit ;;
    --isolation) isolation=1 ;;
    -*) die "unknown option '$1', see --help" ;;
    *)
      [ -z "${tenant:-}" ] || die "one tenant at a time: '$tenant' or '$1'"
      tenant=$1
      ;;
  esac
  shift
done
[ -z "${isolation:-}" ] || [ -n "${tenant:-}" ] || die "--isolation needs a tenant, see --help"

scan_tenants() {
  printf 'Scanning the whole table %s: on a large one this is slow and is billed by size.\n' \
    "$TABLE" >&2
  aws_cli dynamodb scan --table-name "$TABLE" --consistent-read --projection-expression tenant_id |
    jq '[.Items[].tenant_id.S]'
}

# query TENANT [PROJECTION]: a strongly consistent query, as an array of plain objects.
query() {
  aws_cli dynamodb query --table-name "$TABLE" --consistent-read \
    --key-condition-expression 'tenant_id = :tenant' \
    --expression-attribute-values "$(jq -n --arg tenant "$1" '{":tenant": {S: $tenant}}')" \
    ${2+--projection-expression "$2"} |
    jq '[.Items[] | map_values(.S // (.N | tonumber))]'
}

list_tenants() {
  scan_tenants | jq -r '"records\ttenant", (group_by(.)[] | "\(length)\t\(.[0])")'
}

list_records() {
  query "$tenant" | jq 'sort_by(.received_at)[]'
}

prove_isolation() {
  local all found verdict
  all=$(scan_tenants)
  found=$(query "$tenant" tenant_id)
  verdict=$(jq -nr --arg tenant "$tenant" --argjson all "$all" --argjson found "$found" '
    def own: map(select(. == $tenant)) | length;
    ($found | map(.tenant_id)) as $returned
    | ($returned | length) as $count
    | "table: \($all | length) records of \($all | unique | length) tenants, " +
        "\($all | own) of them of \($tenant)",
      "query: \($count) records, \($returned | own) of them of \($tenant)",
      if $count == ($returned | own) and $count == ($all | own)
      then "isolated: the query returned all records of \($tenant) and no one else'\''s"
      else "NOT ISOLATED: the query returned \($count - ($returned | own)) records of others" +
        " and left out \(($all | own) - ($returned | own)) of its own"
      end')
  printf '%s\n' "$verdict"
  [[ $verdict == *$'\n'isolated:* ]]
}

connect
if [ -n "${isolation:-}" ]; then
  prove_isolation
elif [ -n "${tenant:-}" ]; then
  list_records
else
  list_tenants
fi
