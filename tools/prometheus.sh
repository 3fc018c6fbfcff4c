#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
#
# A private Prometheus for the tests: one folder, one port of this machine alone.
#
#   tools/prometheus.sh start DIR [OPENMETRICS]    install it if it is missing, fill it with the
#                                                  samples of a file, start it
#   tools/prometheus.sh url DIR                    print its address
#   tools/prometheus.sh stop DIR                   stop it; the data stay in DIR
#
# Each may be given twice. DIR/prometheus.yml is the configuration: one without any target is made
# where there is none. Only installing needs root.
set -euo pipefail

WAIT_SECONDS_MAX=20
# What is filled in must not be dropped as too old.
RETENTION=100y

say() { echo "prometheus.sh: $*" >&2; }
refuse() {
    say "$*"
    exit 1
}

install_server() {
    [ "$(id -u)" = 0 ] || refuse "Prometheus is missing. As root: apt-get install prometheus"
    command -v apt-get >/dev/null || refuse "Prometheus is missing, and so is apt-get: install Prometheus 2.42 or newer by hand"
    say "installing Debian's prometheus"
    # Debian would start one of its own on port 9090: nobody asked for that one.
    local log policy=/usr/sbin/policy-rc.d is_ours=
    log=$(mktemp)
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        is_ours=yes
    fi
    local code=0
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends prometheus; } >"$log" 2>&1 </dev/null || code=$?
    [ -z "$is_ours" ] || rm -f "$policy"
    if [ "$code" != 0 ]; then
        tail -n 20 "$log" >&2
        refuse "apt-get install prometheus failed; the whole log is in $log"
    fi
    rm -f "$log"
}

is_running() {
    [ -f "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    local dir=$1 samples=${2:-}
    command -v prometheus >/dev/null && command -v promtool >/dev/null || install_server
    if is_running "$dir"; then return; fi
    [ -f "$dir/prometheus.yml" ] || echo "scrape_configs: []" >"$dir/prometheus.yml"
    if [ -n "$samples" ] && [ ! -d "$dir/data" ]; then
        mkdir "$dir/data"
        promtool tsdb create-blocks-from openmetrics "$samples" "$dir/data" >"$dir/fill.log" 2>&1 ||
            { tail -n 5 "$dir/fill.log" >&2 && rm -rf "$dir/data" && refuse "$samples could not be filled in"; }
    fi
    local port
    port=$(free_port)
    echo "http://127.0.0.1:$port" >"$dir/url"
    setsid prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
        --storage.tsdb.retention.time="$RETENTION" --web.listen-address="127.0.0.1:$port" \
        --web.enable-lifecycle >"$dir/log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    local _
    for _ in $(seq $((WAIT_SECONDS_MAX * 20))); do
        if python3 -c "import urllib.request as r; r.urlopen('http://127.0.0.1:$port/-/ready', timeout=1)" 2>/dev/null; then return; fi
        is_running "$dir" || break
        sleep 0.05
    done
    tail -n 20 "$dir/log" >&2
    refuse "Prometheus did not start; its log is $dir/log"
}

stop() {
    is_running "$1" || return 0
    local pid _
    pid=$(cat "$1/pid")
    kill "$pid"
    for _ in $(seq $((WAIT_SECONDS_MAX * 20))); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    rm -f "$1/pid"
}

[ $# -ge 2 ] || refuse "say: tools/prometheus.sh start|url|stop DIR"
case "$1" in
start)
    mkdir -p "$2"
    start "$(cd "$2" && pwd -P)" "${3:-}"
    ;;
stop) if [ -d "$2" ]; then stop "$(cd "$2" && pwd -P)"; fi ;;
url)
    [ -f "$2/url" ] || refuse "there is no Prometheus in $2: start it first"
    cat "$2/url"
    ;;
*) refuse "say: tools/prometheus.sh start|url|stop DIR" ;;
esac
