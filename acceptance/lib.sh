# shellcheck shell=bash
# What the cases share: a server of ours, the clients with a time limit, the images, and how a case says what it expects.
# What is called often keeps itself out of the trace: `local -` makes the `set +x` after it end with the function.

SKIPPED=75 # the status of a case that could not be run here
REGISTRY=  # host:port of the server under test
SERVER_PID=
# shellcheck disable=SC2034 # the cases use it
SERVER_JAVA= # of the server started last
USER_HOME=$HOME # a case has another one, but the launcher may look for its Java here
PROCESSES=() # what else the case has started and must end

# --- the server -----------------------------------------------------------------------------------------------------

# A port on which nothing listens now, below those that the system gives out by itself.
free_port() {
  { local -; set +x; } 2>/dev/null
  local port tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "no free port found" >&2
  return 1
}

# start_server DATA PORT [OPTION…]: returns when it is READY; sets REGISTRY and SERVER_PID. The limit is generous because
# the first start builds the program. The server leads a process group of its own, so that it ends whole.
start_server() {
  { local -; set +x; } 2>/dev/null
  local data=$1 port=$2 log=$1.server.log tries
  shift 2
  [[ ${BERTH_TEST_DATABASE-} != postgresql ]] || set -- --database "$(database_of "$data")" "$@"
  : >"$log"
  HOME=$USER_HOME setsid "$ROOT/berth" serve --data "$data" --listen "127.0.0.1:$port" "$@" >"$log" 2>&1 </dev/null &
  SERVER_PID=$!
  for ((tries = 0; tries < 6000; tries++)); do
    if grep -qxE "READY https?://127.0.0.1:$port" "$log"; then
      REGISTRY=127.0.0.1:$port
      # shellcheck disable=SC2034
      SERVER_JAVA=$(readlink "/proc/$SERVER_PID/exe") || true
      return
    fi
    if ! kill -0 "$SERVER_PID" 2>/dev/null; then
      break
    fi
    sleep 0.1
  done
  echo "the server is not READY; it said:"
  tail -n 40 "$log"
  stop_server
  return 1
}

# kill_server SIGNAL: sends it to the server and waits until the server is gone; at most 30 seconds.
kill_server() {
  { local -; set +x; } 2>/dev/null
  local tries
  kill "-$1" -- "-$SERVER_PID" 2>/dev/null || true
  for ((tries = 0; tries < 300; tries++)); do
    if ! kill -0 -- "-$SERVER_PID" 2>/dev/null; then
      wait "$SERVER_PID" 2>/dev/null || true
      SERVER_PID=
      return 0 # said in so many words, since in a trap it would be the status before the trap
    fi
    sleep 0.1
  done
  return 1
}

stop_server() {
  { local -; set +x; } 2>/dev/null
  [[ -n $SERVER_PID ]] || return 0
  kill_server TERM || kill_server KILL
}

# own_server [OPTION…]: the case gets a server of its own, with its data in ./data.
own_server() {
  needs_own_server
  start_server "$PWD/data" "$(free_port)" "$@"
}

# stop_processes: those in PROCESSES; at most 10 seconds for each.
stop_processes() {
  { local -; set +x; } 2>/dev/null
  local pid tries
  for pid in "${PROCESSES[@]}"; do
    kill "$pid" 2>/dev/null || continue
    for ((tries = 0; tries < 100; tries++)); do
      kill -0 "$pid" 2>/dev/null || continue 2
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
  done
}

# until_works WHAT COMMAND…: tries every 0.2 seconds, for at most a minute.
until_works() {
  { local -; set +x; } 2>/dev/null
  local what=$1 tries
  shift
  for ((tries = 0; tries < 300; tries++)); do
    if "$@" >/dev/null 2>&1; then
      return
    fi
    sleep 0.2
  done
  echo "waited in vain: $what"
  return 1
}

# guarded_server: a server of the case's own, where alice may enter with her password; her image, private:1.0, is there.
guarded_server() {
  htpasswd -B -b -c users alice 'open sesame'
  own_server --htpasswd "$PWD/users"
  skopeo copy --quiet --dest-tls-verify=false --dest-creds 'alice:open sesame' \
    "oci:$IMAGES:amd64" "docker://$REGISTRY/private:1.0"
}

show_start() {
  cat "$WORK/start.log" # in words, if it failed
  return "$1"
}

answers() {
  same "GET /v2/" 200 "$(status_of "http://$REGISTRY/v2/")"
}

# --- what a case needs ----------------------------------------------------------------------------------------------

skip() {
  echo "$1" >"$WORK/reason"
  exit "$SKIPPED"
}

needs_own_server() {
  [[ -z ${BERTH_URL-} ]] || skip "needs a server of its own"
}

# free_mib DIR: prints how much room there is.
free_mib() {
  df --output=avail --block-size=1M "$1" | tail -n 1
}

# needs_disk GIB: room for the case's files in the temporary folder.
needs_disk() {
  local free
  free=$(($(free_mib "$WORK")))
  ((free >= $1 * 1024)) || skip "needs $1 GiB in $WORK, which has $free MiB"
}

# --- the clients ----------------------------------------------------------------------------------------------------

# limit_clients: makes $WORK/bin, where each client has a time limit; so nothing that a case starts lasts for ever.
limit_clients() {
  local client
  mkdir "$WORK/bin"
  for client in "$CLIENTS"/*; do
    printf '#!/bin/sh\nexec timeout --kill-after=5 300 "%s" "$@"\n' "$client" >"$WORK/bin/${client##*/}"
  done
  chmod +x "$WORK"/bin/*
}

# make_home: a home in which skopeo takes unsigned images, as it does where its package is installed.
make_home() {
  mkdir -p "$HOME/.config/containers"
  echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HOME/.config/containers/policy.json"
}

curl() { command curl --silent --show-error "$@"; }

# status_of [CURL OPTION…] URL: the HTTP status alone.
status_of() {
  curl --output /dev/null --write-out '%{http_code}' "$@"
}

# header NAME FILE: the last value of a header in what curl has written by --dump-header.
header() {
  { local -; set +x; } 2>/dev/null
  tr -d '\r' <"$2" | awk -v name="$1" 'tolower($1) == tolower(name) ":" { sub(/^[^:]*: */, ""); value = $0 } END { print value }'
}

# location_in FILE: the Location header, absolute.
location_in() {
  { local -; set +x; } 2>/dev/null
  local location
  location=$(header Location "$1")
  [[ $location != /* ]] || location=http://$REGISTRY$location
  [[ -n $location ]] && echo "$location"
}

# open_upload REPOSITORY [QUERY]: prints the location to send the blob to.
open_upload() {
  same "POST of an upload" 202 "$(status_of --request POST --header 'Content-Length: 0' --dump-header headers \
    "http://$REGISTRY/v2/$1/blobs/uploads/${2-}")" >&2
  location_in headers
}

# with_query URL QUERY
with_query() {
  { local -; set +x; } 2>/dev/null
  if [[ $1 == *\?* ]]; then echo "$1&$2"; else echo "$1?$2"; fi
}

# --- what a case expects --------------------------------------------------------------------------------------------

# same WHAT EXPECTED ACTUAL
same() {
  { local -; set +x; } 2>/dev/null
  [[ $2 == "$3" ]] && return
  printf '%s\n' "$1" "  expected: $2" "  actual:   $3"
  return 1
}

# fails COMMAND…: it must, and not by its time limit.
fails() {
  local status=0
  "$@" || status=$?
  ((status != 0 && status != 124 && status != 137)) && return
  echo "should have been refused (status $status): $*"
  return 1
}

# gone REPOSITORY TAG-OR-DIGEST: nobody can pull it any more.
gone() {
  local separator=:
  [[ $2 != *:* ]] || separator=@
  same "GET manifests/$2" 404 "$(status_of "http://$REGISTRY/v2/$1/manifests/$2")"
  fails crane pull "$REGISTRY/$1$separator$2" gone.tar
  fails skopeo copy --src-tls-verify=false "docker://$REGISTRY/$1$separator$2" dir:gone
  fails oras pull --plain-http "$REGISTRY/$1$separator$2"
}

# note TEXT: shown below the case's line, whatever comes of it.
note() {
  { local -; set +x; } 2>/dev/null
  echo "note: $*"
}

# --- what is pushed -------------------------------------------------------------------------------------------------

# The OCI layout $IMAGES: busybox as `amd64` and, under another platform's name, as `arm64`, and an index of both, `multi`.
make_images() {
  local platform index file digest
  umoci init --layout "$IMAGES"
  for platform in amd64 arm64; do
    umoci new --image "$IMAGES:$platform"
    umoci insert --rootless --image "$IMAGES:$platform" "$CLIENTS/busybox" /bin/busybox
    umoci config --image "$IMAGES:$platform" --os linux --architecture "$platform" --config.cmd /bin/busybox
  done
  # umoci makes no indexes.
  index=$(jq --compact-output '{
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [.manifests[] | {mediaType, digest, size,
      platform: {os: "linux", architecture: .annotations["org.opencontainers.image.ref.name"]}}]
  }' "$IMAGES/index.json")
  digest=$(add_blob "$IMAGES" "$index")
  file=$IMAGES/index.json
  jq --arg digest "$digest" --argjson size "${#index}" '.manifests += [{
    mediaType: "application/vnd.oci.image.index.v1+json", digest: $digest, size: $size,
    annotations: {"org.opencontainers.image.ref.name": "multi"}
  }]' "$file" >"$file.new"
  mv "$file.new" "$file"
}

# add_blob LAYOUT TEXT: puts it there and prints its digest.
add_blob() {
  { local -; set +x; } 2>/dev/null
  local hex
  hex=$(printf %s "$2" | sha256 -)
  mkdir -p "$1/blobs/sha256"
  printf %s "$2" >"$1/blobs/sha256/$hex"
  echo "sha256:$hex"
}

# digest_in LAYOUT TAG
digest_in() {
  { local -; set +x; } 2>/dev/null
  jq --exit-status --raw-output --arg tag "$2" \
    '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag) | .digest' "$1/index.json"
}

sha256() {
  { local -; set +x; } 2>/dev/null
  sha256sum "$1" | cut -d ' ' -f 1
}

# push_image REPOSITORY TAG…: the amd64 image, under each of the tags; prints its digest.
push_image() {
  local repository=$1 tag
  shift
  for tag in "$@"; do
    skopeo copy --quiet --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/$repository:$tag" >&2
  done
  digest_in "$IMAGES" amd64
}

# push_layers REFERENCE COUNT: an image of so many small layers.
push_layers() {
  local number layers=()
  for ((number = 1; number <= $2; number++)); do
    head -c 20000 /dev/urandom >"file-$number"
    tar --create --file "$number.tar" "file-$number"
    layers+=(-f "$number.tar")
  done
  crane append --oci-empty-base "${layers[@]}" -t "$1"
}

# How oras is told to use the referrers API, and to fail rather than to fall back.
REFERRERS_API=(--plain-http --distribution-spec v1.1-referrers-api)

# How it is told to keep a list under a tag, as for a registry without that API.
# shellcheck disable=SC2034 # the cases use it
REFERRERS_TAG=(--plain-http --distribution-spec v1.1-referrers-tag)

# attach REFERENCE TYPE: a small file of that artifact type; prints the digest of the artifact's manifest.
attach() {
  echo "{\"about\": \"$1\", \"type\": \"$2\"}" >attached.json
  oras attach "${REFERRERS_API[@]}" --artifact-type "$2" --format json "$1" attached.json:application/json >attached.out
  jq --exit-status --raw-output .digest attached.out
}

# discovered REFERENCE [OPTION…]: the artifact types of its referrers, sorted.
discovered() {
  local reference=$1
  shift
  oras discover "${REFERRERS_API[@]}" --format json "$@" "$reference" >discovered.json
  jq --raw-output '[.referrers[].artifactType] | sort | join(" ")' discovered.json
}

# big_file: sets BIG_FILE and BIG_DIGEST: 1 GiB of random bytes, made when it is first asked for.
# shellcheck disable=SC2034 # the cases use them
big_file() {
  BIG_FILE=$WORK/big
  if [[ ! -e $BIG_FILE.sha256 ]]; then
    head -c 1G /dev/urandom >"$BIG_FILE"
    sha256 "$BIG_FILE" >"$BIG_FILE.sha256"
  fi
  BIG_DIGEST=sha256:$(cat "$BIG_FILE.sha256")
}
