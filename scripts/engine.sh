# shellcheck shell=bash
# A Docker engine for the self-test alone, which touches no other engine: sourced after machine.sh, never
# run. It needs root on Debian.

BRIDGE=rdp-selftest
# reserved for benchmarks of networks (RFC 2544), and not routed anywhere
BRIDGE_ADDRESS=198.18.0.1/24
NETWORKS=198.19.0.0/16
ENGINE_SECONDS=60

# What the machine had before our engine started. If the engine is killed, these files stay.
FIREWALL_BEFORE=$CACHE/firewall-before
FORWARDING_BEFORE=$CACHE/ip-forward-before

# Print why our engine cannot be started; print nothing if it can.
why_no_engine() {
  if [ "$(id -u)" != 0 ] || ! grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
    printf 'only root on Debian can start an engine'
  elif ! unshare --mount --net true 2>/dev/null; then
    printf 'root may not create namespaces here, as in a container'
  elif [ ! -e "$FIREWALL_BEFORE" ] && iptables -S DOCKER >/dev/null 2>&1 && ! docker info >/dev/null 2>&1; then
    printf 'another engine has set firewall rules, but does not answer: start it (systemctl start docker)'
  fi
}

# Start the engine and point DOCKER_HOST at it; its images stay in FOLDER. start_engine FOLDER
start_engine() {
  { command -v dockerd && command -v iptables; } >/dev/null || step "docker.io, from Debian" install_engine
  [ ! -e "$FIREWALL_BEFORE" ] || end_killed_engine
  ENGINE=$1
  mkdir -p "$ENGINE"
  iptables-save >"$FIREWALL_BEFORE"
  cp /proc/sys/net/ipv4/ip_forward "$FORWARDING_BEFORE"
  ip link add "$BRIDGE" type bridge
  ip address add "$BRIDGE_ADDRESS" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  export DOCKER_HOST=unix://$WORK/docker.sock
  run_engine >"$WORK/engine.log" 2>&1 </dev/null &
  ENGINE_PID=$!
  wait_for_engine
}

# The package would start an engine, now and with the machine, and remove packages that conflict with it.
install_engine() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    # shellcheck disable=SC2064 # step runs this in a subshell
    trap "rm -f $policy" EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove --no-install-recommends docker.io iptables iproute2
  if [ -d /run/systemd/system ]; then systemctl disable docker.service docker.socket containerd.service; fi
}

# Run it in a mount namespace, so that its mounts, and the files that it writes to fixed places, end with it.
run_engine() {
  mkdir -p /etc/docker /run/docker /run/containerd
  # shellcheck disable=SC2016 # for the inner shell
  exec setsid unshare --mount sh -c '
    for folder in /etc/docker /run/docker /run/containerd; do mount -t tmpfs tmpfs $folder || exit; done
    exec "$@"' _ \
    dockerd --host "$DOCKER_HOST" --data-root "$ENGINE" --exec-root "$WORK/engine" \
    --pidfile "$WORK/engine.pid" --bridge "$BRIDGE" --default-address-pool "base=$NETWORKS,size=24" \
    --ip6tables=false \
    --cgroup-parent "$BRIDGE"
}

wait_for_engine() {
  local began=$SECONDS
  until docker info >/dev/null 2>&1; do
    kill -0 "$ENGINE_PID" 2>/dev/null || { tail -n 20 "$WORK/engine.log" >&2; die "the engine ended while it started; the end of its log stands above"; }
    [ $((SECONDS - began)) -lt $ENGINE_SECONDS ] || die "the engine does not answer after $ENGINE_SECONDS s"
    progress "$began" "waiting for the engine"
    sleep 0.5
  done
  say "ok engine started ($((SECONDS - began)) s)"
}

# Stop the engine that start_engine started, if it did.
stop_engine() {
  [ -n "${ENGINE_PID:-}" ] || return 0
  docker image prune --force >/dev/null 2>&1 || true
  kill -TERM "$ENGINE_PID" 2>/dev/null || true
  wait "$ENGINE_PID" 2>/dev/null || true
  restore_machine
  say "ok engine stopped"
}

end_killed_engine() {
  local pids began=$SECONDS
  say "an earlier run was killed: removing what it left"
  pids=$(processes_with --bridge "$BRIDGE")
  # shellcheck disable=SC2086 # one or more
  [ -z "$pids" ] || kill -TERM $pids 2>/dev/null || true
  while [ -n "$(processes_with --bridge "$BRIDGE")" ]; do
    progress "$began" "stopping its engine"
    sleep 0.5
  done
  restore_machine
}

# Undo what the engine changed on the machine, and nothing that others changed meanwhile.
restore_machine() {
  local policy
  # a restart of the machine removes the bridge and the rules
  if ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link delete "$BRIDGE"
    iptables-save | awk -v bridge="$BRIDGE" -v file="$FIREWALL_BEFORE" '
      BEGIN { while ((getline line < file) > 0) before[line] }
      ($0 in before) || !(/DOCKER/ || /br-[0-9a-f]+/ || index($0, bridge))
    ' | iptables-restore
    # where there were no rules yet, the file is empty, and the kernel's default was in force
    policy=$(sed -n 's/^:FORWARD \([A-Z]*\) .*/\1/p' "$FIREWALL_BEFORE" | tail -n 1)
    iptables --policy FORWARD "${policy:-ACCEPT}"
    cat "$FORWARDING_BEFORE" >/proc/sys/net/ipv4/ip_forward
  fi
  # BuildKit's groups are below docker; a group that is in use stays
  find /sys/fs/cgroup -depth -type d \( -path "*/$BRIDGE*" -o -path '*/docker' -o -path '*/docker/*' \) -exec rmdir {} + 2>/dev/null || true
  rmdir /etc/docker /run/docker /run/containerd 2>/dev/null || true
  rm -f "$FIREWALL_BEFORE" "$FORWARDING_BEFORE"
}
