# shellcheck shell=bash
# DynamoDB Local from npm, if its own source cannot be reached: sourced after machine.sh, never run.

# AWS Amplify's package contains DynamoDB Local 1.25.1, whose licence allows use but not redistribution.
DYNAMODB_PACKAGE=amplify-dynamodb-simulator@2.9.30
DYNAMODB_SHA512=c5379e44bbf311fab2779961ddb1f8734907bd21c79a6843e590ec1c5280439836665e89aa515dbad6908422c7cf1129e91cb5a3b4c1ea7888a17b9002749ec1

# install_dynamodb_from_npm FOLDER
install_dynamodb_from_npm() {
  local target=$1 work archive
  command -v npm >/dev/null || die "npm is missing, and DynamoDB Local's own source cannot be reached: $(how_to_install npm)"
  work=$(mktemp -d "$LOCAL/dynamodb.XXXXXX")
  archive=$(cd "$work" && npm pack --silent "$DYNAMODB_PACKAGE")
  printf '%s  %s\n' "$DYNAMODB_SHA512" "$work/$archive" | sha512sum --check --quiet ||
    die "$DYNAMODB_PACKAGE has another checksum than scripts/dynamodb.sh expects: nothing was installed"
  tar -xzf "$work/$archive" -C "$work"
  mkdir -p "$(dirname "$target")"
  rm -rf "$target"
  mv "$work/package/emulator" "$target"
  rm -rf "$work"
}
