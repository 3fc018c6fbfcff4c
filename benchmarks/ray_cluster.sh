#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
#
# A Ray cluster of two nodes on one machine, each in a network namespace with an address of its own.
#
#   benchmarks/ray_cluster.sh start BIN CPUS   BIN: the folder of `ray`; CPUS of each node; needs root
#   benchmarks/ray_cluster.sh exec COMMAND...  run a command on the first node, beside the head
#   benchmarks/ray_cluster.sh stop             end both nodes and remove the namespaces
#
# The address for --ray is 10.77.0.1:6390. Nothing leaves the machine: the namespaces know only each other.
set -euo pipefail

export RAY_USAGE_STATS_ENABLED=0 RAY_AUTH_MODE=token
export RAY_AUTH_TOKEN=${RAY_AUTH_TOKEN:-a-cluster-that-only-this-machine-can-reach}

stop() {
    for node in head worker; do
        ip netns pids "evernormal-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    done
    sleep 2
    for node in head worker; do
        ip netns pids "evernormal-$node" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
        ip netns del "evernormal-$node" 2>/dev/null || true
    done
}

start() {
    local bin=$1 cpus=$2
    ip netns add evernormal-head
    ip netns add evernormal-worker
    ip link add evn-head type veth peer name evn-worker
    ip link set evn-head netns evernormal-head
    ip link set evn-worker netns evernormal-worker
    ip -n evernormal-head addr add 10.77.0.1/24 dev evn-head
    ip -n evernormal-worker addr add 10.77.0.2/24 dev evn-worker
    for node in head worker; do
        ip -n "evernormal-$node" link set lo up
        ip -n "evernormal-$node" link set "evn-$node" up
    done
    ip netns exec evernormal-head "$bin/ray" start --head --node-ip-address=10.77.0.1 --port=6390 \
        --num-cpus="$cpus" --num-gpus=0 --include-dashboard=false --object-store-memory=400000000 \
        --disable-usage-stats >/dev/null
    ip netns exec evernormal-worker "$bin/ray" start --address=10.77.0.1:6390 \
        --node-ip-address=10.77.0.2 --num-cpus="$cpus" --num-gpus=0 \
        --object-store-memory=400000000 >/dev/null
}

case "${1:-}" in
start) start "$2" "$3" ;;
exec)
    shift
    ip netns exec evernormal-head "$@"
    ;;
stop) stop ;;
*)
    grep '^#   ' "$0" >&2
    exit 2
    ;;
esac
