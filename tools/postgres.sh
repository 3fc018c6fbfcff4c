#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
#
# A private PostgreSQL for the tests: one folder, a Unix socket, no network port.
#
#   tools/postgres.sh start DIR    install the server if it is missing, make the cluster, start it
#   tools/postgres.sh url DIR      print the address for EVERNORMAL_DATABASE_URL
#   tools/postgres.sh stop DIR     stop it; the data stay in DIR
#
# Each may be given twice. Works as root (the server then runs as user postgres) and as anyone else.
# fsync stays on: the crash tests stand on it.
set -euo pipefail

SOCKET_PATH_BYTES_MAX=80 # the system takes 107, of which the server's own file name needs 18

say() { echo "postgres.sh: $*" >&2; }
refuse() {
    say "$*"
    exit 1
}
is_root() { [ "$(id -u)" = 0 ]; }

# PostgreSQL refuses to run as root, so root lends the work to its own account.
as_server() {
    if is_root; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

find_binaries() {
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5nr) \
        "$(command -v initdb 2>/dev/null | xargs -r dirname)"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            echo "$folder"
            return
        fi
    done
}

install_server() {
    is_root || refuse "PostgreSQL's server is missing. As root: apt-get install postgresql"
    command -v apt-get >/dev/null || refuse "PostgreSQL's server is missing, and so is apt-get: install PostgreSQL 15 or newer by hand"
    say "installing Debian's postgresql"
    # Debian would make and start a cluster of its own on port 5432: nobody asked for that one.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    fi
    local log
    log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        refuse "apt-get install postgresql failed; the whole log is in $log"
    fi
    rm -f "$log"
}

# The folder that really holds the cluster. DIR itself where the server's account can enter it and its
# name is short enough for a socket; else a temporary one, whose name DIR/place keeps.
place_of() {
    local dir=$1
    if [ -f "$dir/place" ]; then cat "$dir/place"; else echo "$dir"; fi
}

can_live_in() {
    [ "${#1}" -le "$SOCKET_PATH_BYTES_MAX" ] || return 1
    ! is_root || as_server test -x "$1"
}

choose_place() {
    local dir=$1 place
    place=$(place_of "$dir")
    if [ ! -d "$place" ] || ! can_live_in "$place"; then
        place=$(mktemp -d "/tmp/evernormal-postgres.XXXXXX")
        echo "$place" >"$dir/place"
        chmod 755 "$place"
        say "$dir cannot hold a cluster (too long a name, or closed to user postgres): using $place"
    fi
    echo "$place"
}

is_running() { as_server "$BINARIES/pg_ctl" -D "$1/data" status >/dev/null 2>&1; }

start() {
    local dir=$1 place
    BINARIES=$(find_binaries)
    if [ -z "$BINARIES" ]; then
        install_server
        BINARIES=$(find_binaries)
        [ -n "$BINARIES" ] || refuse "apt-get installed postgresql, yet no initdb is under /usr/lib/postgresql"
    fi
    place=$(choose_place "$dir")
    if is_root; then chown postgres: "$place"; fi
    if [ ! -e "$place/data/PG_VERSION" ]; then
        rm -rf "$place/data"
        as_server "$BINARIES/initdb" -D "$place/data" -U app -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
    fi
    if ! is_running "$place"; then
        as_server "$BINARIES/pg_ctl" -D "$place/data" -w -s -l "$place/log" start -o \
            "-c listen_addresses= -c unix_socket_directories='$place' -c unix_socket_permissions=0700" ||
            {
                tail -n 20 "$place/log" >&2
                refuse "the server did not start; its log is $place/log"
            }
    fi
    if ! "$BINARIES/psql" -X -h "$place" -U app -d postgres -Atqc \
        "select 1 from pg_database where datname = 'evernormal'" | grep -q 1; then
        "$BINARIES/createdb" -h "$place" -U app evernormal
    fi
}

stop() {
    local place
    place=$(place_of "$1")
    BINARIES=$(find_binaries)
    [ -n "$BINARIES" ] && [ -d "$place/data" ] || return 0
    if is_running "$place"; then as_server "$BINARIES/pg_ctl" -D "$place/data" -w -s -m fast stop; fi
}

[ $# = 2 ] || refuse "say: tools/postgres.sh start|url|stop DIR"
case "$1" in
start)
    mkdir -p "$2"
    start "$(cd "$2" && pwd -P)"
    ;;
stop) if [ -d "$2" ]; then stop "$(cd "$2" && pwd -P)"; fi ;;
url)
    [ -d "$2" ] || refuse "there is no cluster in $2: start it first"
    place=$(place_of "$(cd "$2" && pwd -P)")
    place=${place//%/%25}
    echo "postgresql:///evernormal?host=${place// /%20}&user=app"
    ;;
*) refuse "say: tools/postgres.sh start|url|stop DIR" ;;
esac
