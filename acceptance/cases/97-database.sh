# shellcheck shell=bash
# The database goes away under load, and comes back.

# _push_until_told NUMBER: pushes small blobs until the file ./enough is there; writes the digests of those that were
# acknowledged into ./acknowledged-NUMBER, and every status into ./statuses-NUMBER.
_push_until_told() {
  local count digest status
  : >"acknowledged-$1"
  for ((count = 0; count < 10000; count++)); do
    [[ ! -e enough ]] || return 0
    echo "blob $count of $1, $RANDOM" >"blob-$1"
    digest=sha256:$(sha256 "blob-$1")
    status=$(status_of --max-time 60 --request POST --data-binary "@blob-$1" "http://$REGISTRY/v2/load/blobs/uploads/?digest=$digest") || true
    echo "$status" >>"statuses-$1"
    [[ $status != 201 ]] || echo "$digest" >>"acknowledged-$1"
  done
}

_acknowledged() { cat acknowledged-* | wc -l; }

_more_than() { (($(_acknowledged) > $1)); }

a_database_that_is_lost_under_load_is_503_and_nothing_else_until_it_is_back() {
  local number clients=() before digest
  [[ ${BERTH_TEST_DATABASE-} == postgresql ]] || skip "needs names in PostgreSQL (BERTH_TEST_DATABASE=postgresql)"
  own_server
  push_image before 1.0
  for number in 1 2 3 4; do
    _push_until_told "$number" &
    clients+=($!)
  done
  until_works "pushes" _more_than 50

  crash_postgresql
  trap 'touch enough; run_postgresql || true; stop_processes || true; stop_server || true' EXIT
  same "GET of tags" 503 "$(curl --output answer --dump-header headers --write-out '%{http_code}' "http://$REGISTRY/v2/before/tags/list")"
  [[ $(header Retry-After headers) -gt 0 ]]
  same "code of the error" UNKNOWN "$(jq --raw-output '.errors[0].code' answer)"
  same "message" "the registry can't reach its data at the moment: try again" "$(jq --raw-output '.errors[0].message' answer)"
  same "GET /livez" 200 "$(status_of "http://$REGISTRY/livez")"
  same "GET /readyz" 503 "$(status_of "http://$REGISTRY/readyz")"
  before=$(_acknowledged)

  run_postgresql
  until_works "pushes go on" _more_than "$((before + 50))"
  touch enough
  wait "${clients[@]}"
  note "$(cat statuses-* | sort | uniq -c | awk '{ printf "%s%s times %s", (NR > 1 ? ", " : ""), $1, $2 }')"
  same "statuses other than 201 and 503" "" "$(cat statuses-* | grep -v -x -e 201 -e 503 | sort -u)"
  grep -q -x 503 statuses-*
  while IFS= read -r digest; do
    same "HEAD of $digest" 200 "$(status_of --head "http://$REGISTRY/v2/load/blobs/$digest")"
  done < <(cat acknowledged-*)
  crane validate --remote "$REGISTRY/before:1.0"
  note "$(grep -c 'WARN\|ERROR' "$PWD/data.server.log") lines of the log warn of it"
}
