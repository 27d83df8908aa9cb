# shellcheck shell=bash
# An index of two platforms of which one is not there.

# What must be there: by default everything, in edge/** what is for amd64, in mirror/** nothing.
_sparse_server() {
  cat >rules.yml <<'EOF'
validation:
  manifests:
    rules:
      - {name: edge, repositories: edge/**, indexes: [linux/amd64]}
      - {name: mirrors, repositories: mirror/**, indexes: none, images: none}
EOF
  own_server "$PWD/rules.yml"
}

# _push_index REPOSITORY: the index alone.
_push_index() {
  skopeo copy --multi-arch=index-only --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$REGISTRY/$1:1.0"
}

# _pull_platform REPOSITORY ARCHITECTURE
_pull_platform() {
  rm -rf "$2"
  skopeo copy --override-arch "$2" --src-tls-verify=false "docker://$REGISTRY/$1:1.0" "oci:$2:1.0"
  same "digest of $2" "$(digest_in "$IMAGES" "$2")" "$(digest_in "$2" 1.0)"
}

skopeo_pushes_an_index_without_its_images_only_where_a_rule_allows_it() {
  _sparse_server
  fails _push_index team/app
  fails _push_index edge/app
  _push_index mirror/app
  same "digest in the registry" "$(digest_in "$IMAGES" multi)" "$(crane digest "$REGISTRY/mirror/app:1.0")"
}

skopeo_pulls_the_platform_that_is_there_and_is_told_that_the_other_is_not() {
  local repository=edge/app
  _sparse_server
  skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/$repository:amd64"
  _push_index "$repository"
  same "digest in the registry" "$(digest_in "$IMAGES" multi)" "$(crane digest "$REGISTRY/$repository:1.0")"
  _pull_platform "$repository" amd64
  if skopeo copy --override-arch arm64 --src-tls-verify=false "docker://$REGISTRY/$repository:1.0" oci:arm64:1.0 2>said; then
    false
  fi
  grep -F 'lists this manifest for linux/arm64' said
  grep -F 'it holds linux/amd64' said
}

the_platform_that_was_missing_is_pushed_later_and_completes_the_index() {
  local repository=edge/app
  _sparse_server
  skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/$repository:amd64"
  _push_index "$repository"
  same "complete" false "$(curl -sS "http://$REGISTRY/v2/$repository/_berth/completeness/1.0" | jq .complete)"
  skopeo copy --dest-tls-verify=false "oci:$IMAGES:arm64" "docker://$REGISTRY/$repository:arm64"
  same "complete" true "$(curl -sS "http://$REGISTRY/v2/$repository/_berth/completeness/1.0" | jq .complete)"
  _pull_platform "$repository" amd64
  _pull_platform "$repository" arm64
  same "digest in the registry" "$(digest_in "$IMAGES" multi)" "$(crane digest "$REGISTRY/$repository:1.0")"
  crane validate --remote "$REGISTRY/$repository:1.0"
}
