# shellcheck shell=bash
# A Docker engine of one's own, which touches no other one: sourced, never run. Root on Debian.

BRIDGE=rdp-selftest
# for benchmarks of networks (RFC 2544): nobody routes them
BRIDGE_ADDRESS=198.18.0.1/24
NETWORKS=198.19.0.0/16
ENGINE_SECONDS=60

# start_engine FOLDER: images stay in the folder, DOCKER_HOST is the engine's
start_engine() {
  { command -v dockerd && command -v iptables; } >/dev/null || step "docker.io, from Debian" install_engine
  # started by its package
  if docker info >/dev/null 2>&1; then return; fi
  if iptables -S DOCKER >/dev/null 2>&1; then
    die "an engine's firewall rules are here, but it does not answer: start it (systemctl start docker)"
  fi
  ENGINE=$1
  FORWARD_POLICY=$(iptables -S FORWARD | sed -n 's/^-P FORWARD //p')
  IP_FORWARD=$(cat /proc/sys/net/ipv4/ip_forward)
  mkdir -p "$ENGINE"
  ip link delete "$BRIDGE" 2>/dev/null || true
  ip link add "$BRIDGE" type bridge
  ip address add "$BRIDGE_ADDRESS" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  export DOCKER_HOST=unix://$WORK/docker.sock
  run_engine >"$WORK/engine.log" 2>&1 </dev/null &
  ENGINE_PID=$!
  wait_for_engine
}

install_engine() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends docker.io iptables iproute2
}

# In a mount namespace, so that what it mounts ends with it, and the files that it writes to fixed places.
run_engine() {
  mkdir -p /etc/docker /run/docker
  # shellcheck disable=SC2016 # for the inner shell
  exec setsid unshare --mount sh -c '
    mount -t tmpfs tmpfs /etc/docker && mount -t tmpfs tmpfs /run/docker && exec "$@"' _ \
    dockerd --host "$DOCKER_HOST" --data-root "$ENGINE" --exec-root "$WORK/engine" \
    --pidfile "$WORK/engine.pid" --bridge "$BRIDGE" --default-address-pool "base=$NETWORKS,size=24" \
    --cgroup-parent "$BRIDGE"
}

wait_for_engine() {
  local began=$SECONDS
  until docker info >/dev/null 2>&1; do
    kill -0 "$ENGINE_PID" 2>/dev/null || { tail -n 20 "$WORK/engine.log" >&2; die "the engine ended while it started; the end of its log stands above"; }
    [ $((SECONDS - began)) -lt $ENGINE_SECONDS ] || die "the engine does not answer after $ENGINE_SECONDS s"
    sleep 0.5
  done
  say "ok engine started ($((SECONDS - began)) s)"
}

# Nothing where start_engine started none.
stop_engine() {
  [ -n "${ENGINE_PID:-}" ] || return 0
  docker image prune --force >/dev/null 2>&1 || true
  kill -TERM "$ENGINE_PID" 2>/dev/null || true
  wait "$ENGINE_PID" 2>/dev/null || true
  ip link delete "$BRIDGE" || true
  iptables-save | grep -v -e DOCKER -e "$BRIDGE" -e 'br-[0-9a-f]\{12\}' | iptables-restore
  iptables --policy FORWARD "$FORWARD_POLICY"
  printf '%s' "$IP_FORWARD" >/proc/sys/net/ipv4/ip_forward
  # BuildKit's are below docker; one that is in use stays
  find /sys/fs/cgroup -depth -type d \( -path "*/$BRIDGE*" -o -path '*/docker' -o -path '*/docker/*' \) -exec rmdir {} + 2>/dev/null || true
  rmdir /etc/docker /run/docker 2>/dev/null || true
  say "ok engine stopped"
}
