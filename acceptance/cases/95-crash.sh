# shellcheck shell=bash
# kill -9 in the middle of pushes: what was acknowledged is there, and a push goes on where the restarted server says it is.

_CHUNK=$((16 * 1024 * 1024))

# _chunk FROM: cuts the chunk that starts there out of $BIG_FILE, into ./chunk; sets _END to its last byte's place.
_chunk() {
  dd if="$BIG_FILE" of=chunk bs=1M iflag=skip_bytes,count_bytes skip="$1" count="$_CHUNK" status=none
  _END=$(($1 + $(stat --format %s chunk) - 1))
}

# _patch FROM [CURL OPTION…]: sends ./chunk to $location, and prints the status.
_patch() {
  local from=$1
  shift
  status_of --request PATCH --dump-header headers --header 'Content-Type: application/octet-stream' \
    --header "Content-Range: $from-$_END" --data-binary @chunk "$@" "$location"
}

# _push_chunk FROM: sends the chunk that starts there; sets $location and $offset for the next one.
_push_chunk() {
  _chunk "$1"
  same "PATCH of $1-$_END" 202 "$(_patch "$1")"
  same "Range after it" "0-$_END" "$(header Range headers)"
  location=$(location_in headers)
  offset=$((_END + 1))
}

a_chunked_push_of_1_GiB_goes_on_after_kill_9_from_the_offset_that_the_server_reports() {
  local location offset=0 chunks size port data=$PWD/data image patch acknowledged status=0
  needs_own_server
  needs_disk 4
  big_file
  size=$(stat --format %s "$BIG_FILE")
  port=$(free_port)
  start_server "$data" "$port"
  image=$(push_image crash/before 1.0)

  location=$(open_upload crash/big)
  for ((chunks = 0; chunks < 20; chunks++)); do
    _push_chunk "$offset"
  done
  acknowledged=$offset

  _chunk "$offset"
  _patch "$offset" --limit-rate 4M >patched & # about four seconds
  patch=$!
  sleep 1.5
  kill -0 "$patch" # the PATCH is in flight
  kill_server KILL
  wait "$patch" || status=$?
  ((status != 0)) || same "status of the PATCH that was cut off" 000 "$(cat patched)"

  start_server "$data" "$port"
  same "the image pushed before, after the restart" "$image" "$(crane digest "$REGISTRY/crash/before:1.0")"
  crane validate --remote "$REGISTRY/crash/before:1.0"
  same "GET of the upload" 204 "$(status_of --dump-header headers "$location")"
  [[ $(header Range headers) =~ ^0-([0-9]+)$ ]]
  offset=$((BASH_REMATCH[1] + 1))
  note "$acknowledged bytes were acknowledged before kill -9, $offset are there after the restart"
  ((offset >= acknowledged && offset <= acknowledged + _CHUNK))
  location=$(location_in headers)

  for ((chunks = 0; chunks < 100 && offset < size; chunks++)); do
    _push_chunk "$offset"
  done
  same "bytes pushed" "$size" "$offset"
  same "PUT of the blob" 201 "$(status_of --request PUT --dump-header headers --header 'Content-Length: 0' \
    "$(with_query "$location" "digest=$BIG_DIGEST")")"
  rm chunk
  curl --fail --output pulled "$(location_in headers)"
  same "sha256 of the blob pulled back" "${BIG_DIGEST#*:}" "$(sha256 pulled)"
}

# _torture OPTION…: see acceptance/torture; its last line becomes a note.
_torture() {
  local options=()
  needs_own_server
  [[ ${BERTH_TEST_DATABASE-} != postgresql ]] || options=(--database "$(database_of "$PWD/torture")")
  HOME=$USER_HOME TMPDIR=$PWD timeout --kill-after=5 300 "$HERE/torture" "$@" "${options[@]}" | tee torture.log
  note "$(tail -n 1 torture.log)"
}

all_that_was_acknowledged_is_there_after_each_of_five_kills_under_load() {
  _torture --kills 5
}

what_is_lost_or_damaged_after_a_kill_is_noticed() {
  _torture --self-test
}
