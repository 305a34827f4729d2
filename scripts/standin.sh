# shellcheck shell=bash
# The stand-in for LocalStack's image (emulator/standin/Dockerfile), and tools from Debian: sourced, never
# run. The tools are not installed, but unpacked in CACHE.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/robust-data-processor
STANDIN=robust-data-processor/localstack-standin:4.14.0
SUITE=trixie
ROOTFS=robust-data-processor/rootfs
TOOLS=$CACHE/tools
COMMAND=$ROOT/emulator/src/localstack_serverless/command

# Unpack Debian packages of SUITE: fetch_tools PACKAGE...
fetch_tools() {
  local apt=$TOOLS/apt package
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  printf 'deb %s %s main\n' "$(debian_mirror)" "$SUITE" >"$apt/sources.list"
  apt_of_tools update
  for package; do
    (cd "$apt" && apt_of_tools download "$package" && dpkg-deb --extract "${package}"_*.deb "$TOOLS")
  done
  rm -rf "$apt"
}

apt_of_tools() {
  apt-get -qq -o Dir::Etc::sourcelist="$TOOLS/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$TOOLS/apt/lists" -o Dir::Cache="$TOOLS/apt" -o APT::Sandbox::User=root "$@"
}

# Print the mirror that this machine uses.
debian_mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE 's/^(URIs:|deb( \[[^]]*\])?) +(https?:[^ ]*\/debian)\/?( .*)?$/\3/p') || true
  found=${found%%$'\n'*}
  printf '%s' "${found:-http://deb.debian.org/debian}"
}

use_compose_of_tools() {
  mkdir -p "$WORK/docker/cli-plugins"
  ln -s "$TOOLS"/usr/libexec/docker/cli-plugins/* "$WORK/docker/cli-plugins/"
  export DOCKER_CONFIG=$WORK/docker
  find_compose
}

# Build the stand-in, unless an earlier run built it from the same recipe.
build_standin() {
  local recipe
  collect_context
  recipe=$({ cat "$WORK"/standin/* "$ROOT/scripts/standin.sh" "$COMMAND/dynamodb.py" 2>/dev/null; index_url; } | sha256sum | cut -d ' ' -f 1)
  if [ "$(docker image inspect --format '{{index .Config.Labels "recipe"}}' "$STANDIN" 2>/dev/null)" = "$recipe" ]; then
    say "ok stand-in for LocalStack's image, from an earlier run"
    return
  fi
  [ -x "$TOOLS/usr/bin/mmdebstrap" ] || step "mmdebstrap, from Debian" fetch_tools mmdebstrap
  step "root file system of Debian $SUITE" import_rootfs
  step "DynamoDB Local" download_dynamodb
  step "stand-in for LocalStack's image" docker build --tag "$STANDIN" --label "recipe=$recipe" \
    --build-arg ROOTFS="$ROOTFS" --build-arg INDEX_URL="$(index_url)" "$WORK/standin"
  docker image rm "$ROOTFS" >/dev/null
}

collect_context() {
  "$ROOT/scripts/setup.sh"
  mkdir -p "$WORK/standin"
  cp "$ROOT/emulator/standin/Dockerfile" "$WORK/standin/"
  cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$WORK/standin/ca-certificates.crt"
  "$UV" export --quiet --no-header --project "$ROOT/emulator" --locked --no-dev --no-emit-project >"$WORK/standin/requirements.txt"
}

download_dynamodb() {
  "$ROOT/emulator/.venv/bin/python" -c '
import sys, pathlib
from localstack_serverless.command import dynamodb
dynamodb.install_from_npm(pathlib.Path(sys.argv[1]))' "$WORK/npm"
  mv "$WORK/npm/dynamodb-local/2" "$WORK/standin/dynamodb-local"
}

index_url() {
  printf '%s' "${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || printf 'https://pypi.org/simple')}}"
}

# trixie has Python 3.13 for LocalStack, bookworm 3.11 for the functions.
import_rootfs() {
  local mirror proxy
  mirror=$(debian_mirror)
  proxy=$(apt-config dump --format '%f "%v";%n' Acquire::http::Proxy)
  PATH=$TOOLS/usr/bin:$PATH mmdebstrap --quiet --mode=root --variant=minbase --format=tar ${proxy:+--aptopt="$proxy"} \
    --include=ca-certificates,curl,procps,openjdk-21-jre-headless,python3.13-venv,python3.11 \
    "$SUITE" - "deb $mirror $SUITE main" "deb $mirror bookworm main" | docker import - "$ROOTFS"
}
