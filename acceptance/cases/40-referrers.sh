# shellcheck shell=bash
# Artifacts that say what they belong to.

oras_attaches_artifacts_to_an_image_and_discovers_them() {
  local repository=$REGISTRY/referrers/attach subject sbom before
  subject=$(push_image referrers/attach 1.0)
  before=$(discovered "$repository:1.0") # fails without the API
  same "referrers before" "" "$before"
  sbom=$(attach "$repository:1.0" application/vnd.example.sbom)
  attach "$repository:1.0" application/vnd.example.scan
  same "referrers" "application/vnd.example.sbom application/vnd.example.scan" "$(discovered "$repository:1.0")"
  same "referrers of one type" application/vnd.example.sbom \
    "$(discovered "$repository:1.0" --artifact-type application/vnd.example.sbom)"
  same "subject that crane reads" "$subject" "$(crane manifest "$repository@$sbom" | jq --raw-output .subject.digest)"
  same "tags, none of them a fallback" 1.0 "$(crane ls "$repository")"
  oras pull --plain-http --output back "$repository@$sbom"
  same "the artifact's file" application/vnd.example.sbom "$(jq --raw-output .type back/attached.json)"
}

an_artifact_attached_to_an_artifact_is_discovered_below_it() {
  local repository=$REGISTRY/referrers/chain sbom
  push_image referrers/chain 1.0
  sbom=$(attach "$repository:1.0" application/vnd.example.sbom)
  attach "$repository@$sbom" application/vnd.example.signature
  oras discover "${REFERRERS_API[@]}" --format json "$repository:1.0" >tree.json
  same "the chain" "application/vnd.example.sbom > application/vnd.example.signature" \
    "$(jq --raw-output '.referrers[0] | [.artifactType, .referrers[0].artifactType] | join(" > ")' tree.json)"
}

# _attach_by_tag REFERENCE TYPE: as attach, for a registry that does not know referrers.
_attach_by_tag() {
  local REFERRERS_API=("${REFERRERS_TAG[@]}")
  attach "$@"
}

oras_attaches_under_fallback_tags_and_the_referrers_API_discovers_the_same() {
  local repository=$REGISTRY/referrers/tagged subject scan by
  subject=$(push_image referrers/tagged 1.0)
  _attach_by_tag "$repository:1.0" application/vnd.example.sbom
  scan=$(_attach_by_tag "$repository:1.0" application/vnd.example.scan)
  _attach_by_tag "$repository@$scan" application/vnd.example.signature
  same "tags" "$(printf '%s\n' 1.0 "${scan/:/-}" "${subject/:/-}" | sort)" "$(crane ls "$repository" | sort)"
  for by in tag api; do
    oras discover --plain-http --distribution-spec "v1.1-referrers-$by" --format json "$repository:1.0" >tree.json
    same "the tree, by $by" "application/vnd.example.sbom; application/vnd.example.scan > application/vnd.example.signature" \
      "$(jq --raw-output '[.referrers | sort_by(.artifactType)[] | [.artifactType, (.referrers // [])[].artifactType] | join(" > ")] | join("; ")' tree.json)"
    oras discover --plain-http --distribution-spec "v1.1-referrers-$by" --format tree "$repository:1.0" >tree.txt
    same "types in the tree as it is drawn, by $by" 3 "$(grep -c ' application/vnd.example' tree.txt)"
  done
  # What the API is told, the tag does not know; Berth makes no difference between them.
  attach "$repository:1.0" application/vnd.example.later
  same "referrers" "application/vnd.example.later application/vnd.example.sbom application/vnd.example.scan" "$(discovered "$repository:1.0")"
  # Nor does it matter whether the tag is still there.
  oras manifest delete --plain-http --force "$repository:${subject/:/-}"
  same "referrers without the tag" "application/vnd.example.later application/vnd.example.sbom application/vnd.example.scan" \
    "$(discovered "$repository:1.0")"
}

an_artifact_is_attached_to_an_index_and_to_one_of_its_platforms() {
  local repository=$REGISTRY/referrers/index
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$repository:1.0"
  attach "$repository:1.0" application/vnd.example.index-sbom
  attach "$repository@$(digest_in "$IMAGES" arm64)" application/vnd.example.arm64-sbom
  same "referrers of the index" application/vnd.example.index-sbom "$(discovered "$repository:1.0")"
  same "referrers of arm64" application/vnd.example.arm64-sbom \
    "$(discovered "$repository@$(digest_in "$IMAGES" arm64)")"
}

the_referrers_API_answers_curl_with_an_index_and_says_which_filter_it_applied() {
  local subject url
  subject=$(push_image referrers/wire 1.0)
  attach "$REGISTRY/referrers/wire:1.0" application/vnd.example.sbom
  attach "$REGISTRY/referrers/wire:1.0" application/vnd.example.scan
  url=http://$REGISTRY/v2/referrers/wire/referrers/$subject
  curl --fail --dump-header headers --output index.json "$url"
  same "Content-Type" application/vnd.oci.image.index.v1+json "$(header Content-Type headers)"
  same "number of referrers" 2 "$(jq '.manifests | length' index.json)"
  curl --fail --dump-header headers --output index.json "$url?artifactType=application/vnd.example.scan"
  same "number of referrers of one type" 1 "$(jq '.manifests | length' index.json)"
  same "OCI-Filters-Applied" artifactType "$(header OCI-Filters-Applied headers)"
}

oras_copies_an_image_with_its_referrers_to_another_repository() {
  local from=$REGISTRY/referrers/from to=$REGISTRY/referrers/to subject sbom signature
  subject=$(push_image referrers/from 1.0)
  sbom=$(attach "$from:1.0" application/vnd.example.sbom)
  signature=$(attach "$from@$sbom" application/vnd.example.signature)
  oras cp -r --from-plain-http --to-plain-http \
    --from-distribution-spec v1.1-referrers-api --to-distribution-spec v1.1-referrers-api "$from:1.0" "$to:1.0"
  same "digest of the copy" "$subject" "$(crane digest "$to:1.0")"
  oras discover "${REFERRERS_API[@]}" --format json "$to:1.0" >tree.json
  same "digests of the copied referrers" "$sbom $signature" \
    "$(jq --raw-output '.referrers[0] | [.digest, .referrers[0].digest] | join(" ")' tree.json)"
  oras pull --plain-http --output back "$to@$signature"
  same "the copied file" application/vnd.example.signature "$(jq --raw-output .type back/attached.json)"
}

berth_copies_an_image_with_its_referrers_and_oras_discovers_them() {
  local from=$REGISTRY/referrers/copied-from to=$REGISTRY/referrers/copied-to subject sbom
  subject=$(push_image referrers/copied-from 1.0)
  sbom=$(attach "$from:1.0" application/vnd.example.sbom)
  attach "$from@$sbom" application/vnd.example.signature
  HOME=$USER_HOME "$ROOT/berth" copy "$from:1.0" "$to:1.0"
  same "digest of the copy" "$subject" "$(crane digest "$to:1.0")"
  oras discover "${REFERRERS_API[@]}" --format json "$to:1.0" >tree.json
  same "the chain" "application/vnd.example.sbom > application/vnd.example.signature" \
    "$(jq --raw-output '.referrers[0] | [.artifactType, .referrers[0].artifactType] | join(" > ")' tree.json)"
}
