#!/bin/bash
# A real Slurm cluster on one machine: nodes (12, or as many as asked for) with eight cards each that
# are character devices which swallow everything, and one node without cards. Nothing leaves the
# loopback interface, nothing outside DIR changes.
#
#   cluster.sh start DIR    install what is missing (as root), start every daemon, wait for the nodes
#   cluster.sh stop DIR     cancel the jobs and end the daemons started in DIR
#
# After a start, `. DIR/env` gives a shell the variables that sbatch, sacct and the others need.
#
#   CLUSTER_CLOCK=FILE      let every daemon read the time through libfaketime: FILE holds the offset
#                           in seconds from the machine's clock, and may be rewritten at any moment
#   CLUSTER_PORT_BASE=N     first of the ports used, 21 and one for each node (default 16800)
#   CLUSTER_CARD_NODES=...  the nodes with cards, a line "prefix card_type count" for each card type;
#                           "64" stands for 40 of a100, 16 of h100 and 8 of ascend910b
#   CLUSTER_JOB_SUBMIT=FILE a job_submit.lua that slurmctld asks about every job; it is copied beside
#                           slurm.conf. Limits are then enforced with "safe"
#   CLUSTER_REST=USER       slurmrestd as well, run by that user (not root): on the port N+4 with
#                           tokens, and on the socket DIR/rest/socket
set -eu

readonly ACTION=${1:-} DIR=${2:-}
readonly BASE=${CLUSTER_PORT_BASE:-16800}
readonly FAKETIME_LIBRARY=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1
readonly CPU_NODE=cpu-c01
# prefix, card type, number of nodes: eight cards in each
case ${CLUSTER_CARD_NODES:-} in
'') CARD_NODES=$'gpu-a a100 6\ngpu-h h100 4\nnpu-d ascend910b 2' ;;
64) CARD_NODES=$'gpu-a a100 40\ngpu-h h100 16\nnpu-d ascend910b 8' ;;
*) CARD_NODES=$CLUSTER_CARD_NODES ;;
esac
readonly CARD_NODES

die() { echo "cluster.sh: $*" >&2; exit 1; }

wait_for() { # wait_for SECONDS WHAT COMMAND...: ask four times a second
    local tries=$(($1 * 4)) what=$2
    shift 2
    while ((tries-- > 0)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.25
    done
    die "$what did not come up; see $DIR/log"
}

install_missing() {
    local package missing=()
    for package in slurm-wlm slurmdbd slurmrestd slurm-wlm-jwt-plugin munge mariadb-server tzdata \
        ${CLUSTER_CLOCK:+faketime}; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return
    apt-get update -qq
    # The packages would start their own daemons on the usual ports; 101 forbids that.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

node_names() {
    local prefix count
    while read -r prefix _ count; do
        seq -f "$prefix%02g" "$count"
    done <<<"$CARD_NODES"
    echo "$CPU_NODE"
}

write_env() {
    {
        echo "export TZ=Asia/Shanghai SLURM_CONF=$DIR/etc/slurm.conf"
        if [ -n "${CLUSTER_CLOCK:-}" ]; then
            # A cached offset would let two daemons disagree, and munge refuses a credential
            # that seems to come from the future.
            echo "export LD_PRELOAD=$FAKETIME_LIBRARY FAKETIME_TIMESTAMP_FILE=$CLUSTER_CLOCK"
            echo "export FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1"
        fi
    } >"$DIR/env"
}

write_slurmdbd_conf() {
    cat >"$DIR/etc/slurmdbd.conf" <<C
AuthType=auth/munge
AuthInfo=socket=$DIR/munge/socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$DIR/etc/jwt.key
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$((BASE + 2))
SlurmUser=root
LogFile=$DIR/log/slurmdbd.log
PidFile=$DIR/pids/slurmdbd
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((BASE + 1))
StorageUser=slurm
StoragePass=loopback
StorageLoc=slurm_acct_db
C
    chmod 600 "$DIR/etc/slurmdbd.conf" # slurmdbd refuses any other mode
}

write_slurm_conf() {
    local host port=$((BASE + 20)) prefix card count
    host=$(hostname -s)
    cat >"$DIR/etc/slurm.conf" <<C
ClusterName=guian
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$DIR/munge/socket,ttl=3600,cred_expire=86400
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$DIR/etc/jwt.key
SlurmctldPort=$((BASE + 3))
StateSaveLocation=$DIR/ctld
SlurmdSpoolDir=$DIR/spool/%n
SlurmctldPidFile=$DIR/pids/slurmctld
SlurmdPidFile=$DIR/pids/slurmd-%n
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdLogFile=$DIR/log/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=4000
# A node that was set down stays down until it is told to resume.
ReturnToService=1
MpiDefault=none
SwitchType=switch/none
KillWait=2
MinJobAge=300
MessageTimeout=100
# A clock that is put forward must not look like so many dead nodes.
SlurmdTimeout=0
SlurmctldTimeout=3600
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5,sched_interval=2,batch_sched_delay=0
PriorityType=priority/multifactor
PriorityWeightQOS=1000
PriorityDecayHalfLife=0
PriorityUsageResetPeriod=NONE
PreemptType=preempt/qos
PreemptMode=REQUEUE
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((BASE + 2))
# Without this the way to slurmdbd does not find our own munge.
AccountingStoragePass=$DIR/munge/socket
AccountingStorageEnforce=associations,limits,qos${CLUSTER_JOB_SUBMIT:+,safe}
AccountingStorageTRES=gres/gpu$(while read -r _ card _; do printf ',gres/gpu:%s' "$card"; done <<<"$CARD_NODES")
AccountingStoreFlags=job_comment
GresTypes=gpu
${CLUSTER_JOB_SUBMIT:+JobSubmitPlugins=lua
PriorityCalcPeriod=1}
C
    : >"$DIR/etc/gres.conf"
    while read -r prefix card count; do
        local nodes
        nodes="${prefix}[01-$(printf %02d "$count")]"
        cat >>"$DIR/etc/slurm.conf" <<C
NodeName=$nodes NodeHostname=$host NodeAddr=127.0.0.1 Port=[$port-$((port + count - 1))] CPUs=128 RealMemory=1024000 Gres=gpu:$card:8 State=UNKNOWN
PartitionName=$card Nodes=$nodes DefaultTime=1-0 MaxTime=7-0 State=UP
C
        # slurmd calls a typed card without a device file missing.
        echo "NodeName=$nodes Name=gpu Type=$card File=$DIR/dev/nvidia[0-7] Flags=nvidia_gpu_env" >>"$DIR/etc/gres.conf"
        port=$((port + count))
    done <<<"$CARD_NODES"
    cat >>"$DIR/etc/slurm.conf" <<C
NodeName=$CPU_NODE NodeHostname=$host NodeAddr=127.0.0.1 Port=$port CPUs=128 RealMemory=1024000 State=UNKNOWN
PartitionName=cpu Nodes=$CPU_NODE DefaultTime=1-0 MaxTime=7-0 State=UP
PartitionName=all Nodes=ALL DefaultTime=1-0 MaxTime=7-0 State=UP
C
}

start_munge() {
    head -c 1024 /dev/urandom >"$DIR/munge/key"
    chmod 600 "$DIR/munge/key"
    munged --key-file="$DIR/munge/key" --socket="$DIR/munge/socket" --pid-file="$DIR/pids/munged" \
        --log-file="$DIR/munge/log" --seed-file="$DIR/munge/seed" --num-threads=4 --max-ttl=3600
}

start_mariadb() {
    local client=(mariadb --no-defaults -S "$DIR/dbrun/socket" -uroot)
    chown mysql "$DIR/db" "$DIR/dbrun"
    mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/db" --skip-test-db \
        --auth-root-authentication-method=normal >"$DIR/log/install-db" 2>&1
    # Without the character set, comments in Chinese come back as question marks.
    # The database keeps the machine's clock: slurmdbd brings the times along itself.
    env -u LD_PRELOAD setsid mariadbd --no-defaults --user=mysql --datadir="$DIR/db" \
        --socket="$DIR/dbrun/socket" --pid-file="$DIR/dbrun/pid" --bind-address=127.0.0.1 \
        --port=$((BASE + 1)) --innodb-buffer-pool-size=128M --innodb-lock-wait-timeout=900 \
        --innodb-log-file-size=64M \
        --character-set-server=utf8mb4 --skip-character-set-client-handshake \
        >"$DIR/log/mariadb" 2>&1 </dev/null &
    wait_for 30 MariaDB "${client[@]}" -e "select 1"
    "${client[@]}" -e "create database slurm_acct_db;
        create user slurm@localhost identified by 'loopback';
        create user slurm@'127.0.0.1' identified by 'loopback';
        grant all on slurm_acct_db.* to slurm@localhost;
        grant all on slurm_acct_db.* to slurm@'127.0.0.1';"
}

all_nodes_idle() { [ "$(sinfo -h -N -p all -t idle | wc -l)" -eq "$(node_names | wc -l)" ]; }

start_slurm() {
    local node
    setsid slurmdbd -D >"$DIR/log/slurmdbd.out" 2>&1 </dev/null &
    wait_for 30 slurmdbd sacctmgr -n show cluster
    # slurmctld wants to find its cluster, and jobs their QOS, when it starts.
    sacctmgr -i add cluster guian >/dev/null
    sacctmgr -i add qos low PreemptMode=requeue >/dev/null
    sacctmgr -i add qos high Priority=10 Preempt=low >/dev/null
    setsid slurmctld -D -c -i >"$DIR/log/slurmctld.out" 2>&1 </dev/null &
    wait_for 30 slurmctld eval 'scontrol ping | grep -q UP'
    for node in $(node_names); do
        setsid slurmd -D -N "$node" >"$DIR/log/slurmd-$node.out" 2>&1 </dev/null &
    done
    wait_for 180 "the nodes" all_nodes_idle
}

start_rest() {
    local user=$CLUSTER_REST as
    # Not runuser, which stays in between and keeps the signals to itself.
    as=(setsid setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups
        env SLURM_CONF="$DIR/etc/slurm.conf")
    mkdir "$DIR/rest"
    chown "$user" "$DIR/rest"
    # With SLURM_JWT=daemon the tokens of callers count, and slurmrestd has none of its own.
    "${as[@]}" SLURM_JWT=daemon slurmrestd -a rest_auth/jwt "127.0.0.1:$((BASE + 4))" \
        >"$DIR/log/slurmrestd-port" 2>&1 </dev/null &
    echo $! >"$DIR/pids/slurmrestd-port"
    "${as[@]}" slurmrestd -a rest_auth/local "unix:$DIR/rest/socket" \
        >"$DIR/log/slurmrestd-socket" 2>&1 </dev/null &
    echo $! >"$DIR/pids/slurmrestd-socket"
    wait_for 30 slurmrestd test -S "$DIR/rest/socket"
}

start() {
    local n
    [ "$(id -u)" -eq 0 ] || die "start needs root: it makes device files and runs jobs as other users"
    [ ! -e "$DIR/env" ] || die "$DIR holds a cluster already; stop it and remove the folder first"
    install_missing
    mkdir -p "$DIR"/{dev,etc,db,dbrun,munge,ctld,log,pids,spool}
    chmod 755 "$DIR" "$DIR"/*
    for n in $(node_names); do mkdir "$DIR/spool/$n"; done
    for n in 0 1 2 3 4 5 6 7; do mknod -m 666 "$DIR/dev/nvidia$n" c 1 3; done
    head -c 32 /dev/urandom >"$DIR/etc/jwt.key"
    chmod 600 "$DIR/etc/jwt.key"
    write_env
    write_slurmdbd_conf
    write_slurm_conf
    [ -z "${CLUSTER_JOB_SUBMIT:-}" ] || cp "$CLUSTER_JOB_SUBMIT" "$DIR/etc/job_submit.lua"
    start_mariadb
    # shellcheck disable=SC1091
    . "$DIR/env"
    start_munge
    start_slurm
    [ -z "${CLUSTER_REST:-}" ] || start_rest
}

stop() {
    [ -e "$DIR/env" ] || die "$DIR holds no cluster"
    local pid file
    (
        # shellcheck disable=SC1091
        . "$DIR/env"
        squeue -h -o %A | sort -u | xargs -r scancel || true
        for _ in $(seq 40); do [ -z "$(squeue -h)" ] && break; sleep 0.25; done
    )
    # The nodes all at once: one after the other, many of them take minutes.
    for file in "$DIR"/pids/slurmd-*; do
        ! pid=$(cat "$file" 2>/dev/null) || kill "$pid" 2>/dev/null || true
    done
    # The database last: slurmctld and slurmdbd still write to it as they end.
    for file in "$DIR"/pids/slurmrestd-* "$DIR"/pids/slurmd-* "$DIR/pids/slurmctld" "$DIR/pids/slurmdbd" "$DIR/pids/munged" "$DIR/dbrun/pid"; do
        # A daemon takes its file away as it ends, at any moment.
        pid=$(cat "$file" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 40); do kill -0 "$pid" 2>/dev/null || break; sleep 0.25; done
        kill -KILL "$pid" 2>/dev/null || true
    done
    ! grep -q LD_PRELOAD "$DIR/env" || remove_clock_leavings
    rm -f "$DIR/env"
}

remove_clock_leavings() { # a process that is killed leaves libfaketime's two files behind
    local file
    for file in /dev/shm/faketime_shm_* /dev/shm/sem.faketime_sem_*; do
        [ ! -e "$file" ] || kill -0 "${file##*_}" 2>/dev/null || rm -f "$file"
    done
}

[ -n "$DIR" ] && [ "${DIR:0:1}" = / ] || die "usage: cluster.sh start|stop DIR (an absolute folder)"
case $ACTION in
start) start ;;
stop) stop ;;
*) die "usage: cluster.sh start|stop DIR" ;;
esac
