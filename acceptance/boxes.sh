# shellcheck shell=bash
# Boxes: where the engines run, which want to be root and own /var/lib and /etc. A box has a root of its own, made of the
# folder that `clients engines` fetches; what happens in it is gone when the case ends. Its network is this machine's, so
# that 127.0.0.1 is the same, and $WORK is the same folder inside and outside. The file `box` says how it is made.

BOX=       # the id of its first process
BOX_MAKER= # of the process that waits for it
BOX_LIMIT=300
BOX_CGROUP=

# own_box: gives the case a box, in place of the one that it had.
own_box() {
  { local -; set +x; } 2>/dev/null
  local tries
  ((EUID == 0)) || skip "needs root, for a box"
  unshare --mount --pid --fork --propagation private true || skip "needs namespaces, for a box"
  stop_box
  rm -rf box
  mkdir box
  setsid unshare --mount --pid --fork --kill-child --propagation private \
    "$HERE/box" "$ENGINES" "$PWD/box" "$WORK" >box.server.log 2>&1 </dev/null &
  BOX_MAKER=$!
  for ((tries = 0; tries < 300; tries++)); do
    if [[ -e box/pid ]]; then
      BOX=$(<box/pid)
      BOX_CGROUP=berth-acceptance-$BOX
      return
    fi
    kill -0 "$BOX_MAKER" 2>/dev/null || break
    sleep 0.1
  done
  cat box.server.log
  skip "cannot make a box: $(tail -n 1 box.server.log)"
}

# stop_box: with the first process everything in it ends, and its mounts with the last one.
stop_box() {
  { local -; set +x; } 2>/dev/null
  local tries
  [[ -n $BOX_MAKER ]] || return 0
  [[ -z $BOX ]] || kill -KILL "$BOX" 2>/dev/null || true
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$BOX_MAKER" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$BOX_MAKER" 2>/dev/null || true
  wait "$BOX_MAKER" 2>/dev/null || true
  BOX='' BOX_MAKER=''
  # What the engines' containers leave behind is empty by now, or in a moment.
  for ((tries = 0; tries < 50; tries++)); do
    find /sys/fs/cgroup -depth -type d -path "*/$BOX_CGROUP*" -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
}

# in_box COMMAND…: in the same folder as here.
in_box() {
  { local -; set +x; } 2>/dev/null
  timeout --kill-after=5 "$BOX_LIMIT" nsenter --target "$BOX" --mount --pid --root \
    /usr/bin/env --chdir="$PWD" PATH=/usr/sbin:/usr/bin "$@"
}

# in_box_stays NAME COMMAND…: starts a daemon, which logs to NAME.server.log and ends with the box.
in_box_stays() {
  local BOX_LIMIT=3000 name=$1
  shift
  in_box "$@" >"$name.server.log" 2>&1 </dev/null &
}

# in_box_file PATH: writes what comes in to that path in the box.
in_box_file() {
  # shellcheck disable=SC2016 # for the shell in the box
  in_box sh -c 'mkdir -p "$(dirname "$0")" && cat >"$0"' "$1"
}

# --- the engines ----------------------------------------------------------------------------------------------------

# own_docker classic|containerd [OPTION…]: a box with a Docker engine that keeps its images in that store. It has no network
# of its own to set up, and the cgroup of its containers can be told from others.
own_docker() {
  local store=$1 feature=false
  shift
  [[ $store == classic ]] || feature=true
  own_box
  in_box_stays dockerd dockerd --feature "containerd-snapshotter=$feature" --data-root /var/lib/docker \
    --exec-root /run/docker --pidfile /run/docker.pid --host unix:///run/docker.sock --cgroup-parent "/$BOX_CGROUP" \
    --iptables=false --ip6tables=false --bridge=none "$@"
  until_works "dockerd" docker version
  note "docker $(docker version --format '{{.Server.Version}}'), storage driver $(docker info --format '{{.Driver}}')"
}

# own_containerd: a box with containerd.
own_containerd() {
  own_box
  in_box_stays containerd containerd
  until_works "containerd" ctr version
}

docker() { in_box docker "$@"; }
ctr() { in_box ctr "$@"; }

# By default these keep a layer as a plain folder, which works on any disk. Unlike runc, crun refuses some arrangements of cgroups.
podman() { STORAGE_DRIVER=${STORAGE_DRIVER-vfs} in_box podman --cgroup-manager cgroupfs --runtime runc "$@"; }
buildah() { STORAGE_DRIVER=${STORAGE_DRIVER-vfs} BUILDAH_ISOLATION=chroot in_box buildah "$@"; }
