# shellcheck shell=bash
# Tags and the catalogue.

every_client_lists_the_tags() {
  local repository=listing/tags expected="1.0 1.1 2.0-rc.1 latest"
  push_image "$repository" latest 2.0-rc.1 1.1 1.0
  same "crane" "$expected" "$(crane ls "$REGISTRY/$repository" | paste -s -d ' ')"
  same "oras" "$expected" "$(oras repo tags --plain-http "$REGISTRY/$repository" | paste -s -d ' ')"
  same "skopeo" "$expected" "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/$repository" |
    jq --raw-output '.Tags | join(" ")')"
  same "an old skopeo" "$expected" "$(skopeo-old list-tags --tls-verify=false "docker://$REGISTRY/$repository" |
    jq --raw-output '.Tags | join(" ")')"
}

tags_come_in_pages_that_a_client_follows_by_Link() {
  local url page seen=() link
  push_image listing/pages a b c d e
  url="http://$REGISTRY/v2/listing/pages/tags/list?n=2"
  for ((page = 1; page <= 5; page++)); do
    curl --fail --dump-header headers --output tags.json "$url"
    seen+=("$(jq --raw-output '.tags | join(" ")' tags.json)")
    link=$(header Link headers)
    [[ -n $link ]] || break
    [[ $link == '<'*'>; rel="next"' ]]
    url=${link#<}
    url=${url%%>*}
    [[ $url != /* ]] || url=http://$REGISTRY$url
  done
  same "pages" "a b|c d|e" "$(IFS='|' && echo "${seen[*]}")"
}

every_client_sees_a_new_repository_in_the_catalogue() {
  push_image listing/catalogue/deep/inside 1.0
  crane catalog "$REGISTRY" | grep -x listing/catalogue/deep/inside
  oras repo ls --plain-http "$REGISTRY" | grep -x listing/catalogue/deep/inside
  curl --fail "http://$REGISTRY/v2/_catalog?n=1000" |
    jq --exit-status '.repositories | index("listing/catalogue/deep/inside") != null'
}
