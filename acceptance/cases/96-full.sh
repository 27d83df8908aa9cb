# shellcheck shell=bash
# A disk that is full: a small file system in memory, of which a part is kept back.

# _small_disk SIZE: mounts ./small, which ends with the case.
_small_disk() {
  needs_own_server
  ((EUID == 0)) || skip "needs root, to mount a small file system"
  mkdir small
  mount -t tmpfs -o "size=$1" tmpfs small 2>/dev/null || skip "needs the right to mount a small file system"
  trap 'stop_processes || true; stop_server || true; umount small' EXIT
}

# _push_until_refused NUMBER: pushes blobs, in one piece and in chunks by turns, until one is refused; writes a line with the
# digest of each that was acknowledged into ./acknowledged-NUMBER, and the status of the refusal into ./refused-NUMBER.
_push_until_refused() {
  local count location digest status file=blob-$1
  : >"acknowledged-$1"
  for ((count = 0; count < 500; count++)); do
    head -c $((200000 + RANDOM * 40)) /dev/urandom >"$file"
    digest=sha256:$(sha256 "$file")
    status=$(status_of --request POST --header 'Content-Length: 0' --dump-header "headers-$1" "http://$REGISTRY/v2/full/blobs/uploads/")
    if [[ $status == 202 ]]; then
      location=$(location_in "headers-$1")
      if ((count % 2)); then
        status=$(status_of --request PUT --data-binary "@$file" "$(with_query "$location" "digest=$digest")")
      else
        status=$(status_of --request PATCH --header 'Transfer-Encoding: chunked' --header 'Content-Type: application/octet-stream' \
          --data-binary "@$file" "$location")
        [[ $status != 202 ]] || status=$(status_of --request PUT --header 'Content-Length: 0' "$(with_query "$location" "digest=$digest")")
      fi
    fi
    if [[ $status != 201 ]]; then
      echo "$status" >"refused-$1"
      return
    fi
    echo "$digest" >>"acknowledged-$1"
  done
}

# _all_are_there: every acknowledged blob can be pulled, byte for byte.
_all_are_there() {
  local digest
  while IFS= read -r digest; do
    curl --fail --output pulled "http://$REGISTRY/v2/full/blobs/$digest"
    same "sha256 of a blob" "${digest#*:}" "$(sha256 pulled)"
  done < <(cat acknowledged-*)
  crane validate --remote "$REGISTRY/full/before:1.0"
}

# _refused WHAT CURL-OPTION…: with 507 and words.
_refused() {
  local what=$1
  shift
  same "$what" 507 "$(curl --output answer --write-out '%{http_code}' "$@")"
  same "code of the error" DENIED "$(jq --raw-output '.errors[0].code' answer)"
  jq --raw-output '.errors[0].message' answer | grep -q 'disk is full'
}

_post() { echo "--request POST --header Content-Length:0 http://$REGISTRY/v2/full/blobs/uploads/"; }

_integrity() {
  [[ ${BERTH_TEST_DATABASE-} != postgresql ]] || return 0
  if ! command -v sqlite3 >/dev/null; then
    note "PRAGMA integrity_check was left out: there is no sqlite3"
    return
  fi
  same "PRAGMA integrity_check" ok "$(sqlite3 "$PWD/small/data/metadata.db" 'PRAGMA integrity_check')"
}

a_full_disk_refuses_pushes_and_nothing_else_and_room_is_all_that_it_takes() {
  local number clients=() port location manifest count
  _small_disk 96m
  head -c 10000000 /dev/zero >small/ballast
  export REGISTRY_STORAGE_FILESYSTEM_RESERVE=32MiB
  port=$(free_port)
  start_server "$PWD/small/data" "$port"
  push_image full/before 1.0 2.0
  location=$(open_upload full)
  same "PATCH while there is room" 202 "$(status_of --request PATCH --data-binary 'the beginning, ' "$location")"

  for number in 1 2 3 4; do
    _push_until_refused "$number" &
    clients+=($!)
  done
  wait "${clients[@]}"
  same "statuses of the refusals" 507 "$(cat refused-* | sort -u)"
  count=$(cat acknowledged-* | wc -l)
  note "$count blobs were acknowledged, $(df --output=avail --block-size=1M small | tail -n 1 | tr -d ' ') MiB are left"
  ((count > 10))

  # shellcheck disable=SC2046 # words
  _refused "POST of an upload" $(_post)
  _refused "PATCH of an upload" --request PATCH --data-binary 'and the end' "$location"
  curl --fail --output manifest "http://$REGISTRY/v2/full/before/manifests/1.0"
  manifest=$(jq --raw-output .mediaType manifest)
  _refused "PUT of a manifest" --request PUT --header "Content-Type: $manifest" --data-binary @manifest \
    "http://$REGISTRY/v2/full/before/manifests/3.0"
  fails skopeo copy --quiet --dest-tls-verify=false "oci:$IMAGES:arm64" "docker://$REGISTRY/full/after:1.0"
  _all_are_there
  same "GET /readyz" 200 "$(curl --output ready --write-out '%{http_code}' "http://$REGISTRY/readyz")"
  jq --exit-status .warning ready
  same "DELETE of a tag" 202 "$(status_of --request DELETE "http://$REGISTRY/v2/full/before/manifests/2.0")"

  kill_server KILL
  start_server "$PWD/small/data" "$port"
  gone full/before 2.0
  _push_until_refused 5 # what was between may have become free
  same "status of the refusal after the restart" 507 "$(cat refused-5)"
  _all_are_there

  rm small/ballast
  until_works "pushes" curl --fail --request PATCH --data-binary 'and the end' "$location"
  same "PUT of the upload that was begun" 201 "$(status_of --request PUT --header 'Content-Length: 0' \
    "$(with_query "$location" "digest=sha256:$(printf 'the beginning, and the end' | sha256 -)")")"
  push_image full/after 1.0
  crane validate --remote "$REGISTRY/full/after:1.0"
  kill_server KILL
  _integrity
}

with_no_byte_left_on_the_disk_pulls_go_on_and_nothing_answers_with_a_fault() {
  local port status
  _small_disk 48m
  head -c 10000000 /dev/zero >small/room
  port=$(free_port)
  REGISTRY_STORAGE_FILESYSTEM_RESERVE=0 start_server "$PWD/small/data" "$port"
  push_image full/before 1.0 2.0
  _push_until_refused 1
  same "status of the refusal" 507 "$(cat refused-1)"
  cat /dev/zero >small/ballast 2>/dev/null || true # the last byte
  same "free" 0 "$(df --output=avail --block-size=1 small | tail -n 1 | tr -d ' ')"

  _all_are_there
  # shellcheck disable=SC2046
  _refused "POST of an upload" $(_post)
  status=$(status_of --request DELETE "http://$REGISTRY/v2/full/before/manifests/2.0")
  [[ $status == 202 || $status == 507 ]]
  note "a deletion on the disk without a byte left: $status"
  same "GET /readyz" 200 "$(status_of "http://$REGISTRY/readyz")"
  _all_are_there

  kill_server KILL
  if REGISTRY_STORAGE_FILESYSTEM_RESERVE=0 start_server "$PWD/small/data" "$port" >started 2>&1; then
    note "it starts on that disk"
    _all_are_there
    stop_server
  else
    note "it does not start on that disk, and says why"
    grep 'The disk is full: make room on it' started
  fi

  rm small/ballast small/room
  REGISTRY_STORAGE_FILESYSTEM_RESERVE=0 start_server "$PWD/small/data" "$port"
  _all_are_there
  push_image full/after 1.0
  kill_server KILL
  _integrity
}
