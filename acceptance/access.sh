# shellcheck shell=bash
# A server that lets in people, robots, keys and jobs, and how each client logs in there, pushes and pulls.

ISSUER= # the URL of the platform whose jobs it lets in

# base64url: what comes in, without padding.
base64url() { basenc --base64url --wrap=0 | tr -d =; }

# own_platform: what a platform publishes of its keys, as OpenID Connect has it, below $ISSUER; its key is in ./platform.key.
own_platform() {
  { local -; set +x; } 2>/dev/null
  local port modulus
  port=$(free_port)
  ISSUER=http://127.0.0.1:$port
  openssl genrsa -out platform.key 2048
  modulus=$(openssl rsa -in platform.key -noout -modulus | sed 's/.*=//' | basenc --base16 --decode | base64url)
  mkdir -p platform/.well-known
  jq --null-input --arg issuer "$ISSUER" '{issuer: $issuer, jwks_uri: "\($issuer)/keys"}' >platform/.well-known/openid-configuration
  jq --null-input --arg n "$modulus" '{keys: [{kty: "RSA", use: "sig", alg: "RS256", kid: "1", e: "AQAB", n: $n}]}' >platform/keys
  start_nginx "$port" "root $PWD/platform;" "default_type application/json;"
}

# job_token REPOSITORY [SECONDS [KEY]]: what the platform gives a job of that repository; it ends in 300 seconds, or so many.
job_token() {
  { local -; set +x; } 2>/dev/null
  local text
  text=$(printf '{"alg":"RS256","typ":"JWT","kid":"1"}' | base64url).$(jq --null-input --compact-output \
    --arg issuer "$ISSUER" --arg repository "$1" --argjson until "$((EPOCHSECONDS + ${2-300}))" '{iss: $issuer, aud: "registry.test",
      sub: "repo:\($repository)", repository: $repository, iat: ($until - 600), exp: $until}' | base64url)
  echo "$text.$(printf %s "$text" | openssl dgst -sha256 -sign "${3-platform.key}" -binary | base64url)"
}

# access_server: a server of the case's own. What is below public/ everybody pulls. What is below team/ is pulled and pushed by alice
# of the password file, bob who has an account, the robot ci, and the jobs of acme/app. Below ./secrets is for each of them a file with
# what they show: alice, bob, ci, key (a key of bob's) and oidc. There is an image, public/base:1.0, and a secret one, hidden/app:1.0.
access_server() {
  local port
  needs_own_server
  own_platform
  htpasswd -B -b -c users alice 'open sesame'
  port=$(free_port)
  cat >config.yml <<END
http: {host: "http://127.0.0.1:$port"}
auth:
  accounts: {enabled: true}
  htpasswd: {path: $PWD/users}
  workloads:
    - {name: jobs, issuer: "$ISSUER", audience: [registry.test], claims: {repository: ["acme/*"]}, plainhttp: true}
access:
  rules:
    - {name: public, who: [anyone], repositories: ["public/**"], actions: [pull]}
    - {name: people, who: ["user:alice", "user:bob"], repositories: ["team/**"], actions: [pull, push, delete]}
    - {name: robots, who: ["robot:ci*"], repositories: ["team/**"], actions: [pull, push]}
    - {name: jobs, who: ["claim:repository=acme/app"], repositories: ["team/**"], actions: [pull, push]}
    - {name: releases, who: ["user:carol", "robot:releaser"], repositories: [apps/app], tags: ["release-*"], actions: [pull, create]}
END
  start_server "$PWD/data" "$port" --config "$PWD/config.yml"
  mkdir secrets
  first_administrator
  echo 'open sesame' >secrets/alice
  echo 'a long secret' >secrets/bob
  administer user add bob <secrets/bob
  administer robot add ci >secrets/ci
  BERTH_PASSWORD=$(<secrets/bob) berth key add --user bob --registry "http://$REGISTRY" --allow 'pull,push=team/**' >secrets/key
  job_token acme/app >secrets/oidc
  public_and_hidden_image
}

ROOT_CREDENTIALS='root:the first secret' # of the administrator

# public_and_hidden_image: what lets_in expects to be there.
public_and_hidden_image() {
  root_pushes amd64 public/base:1.0
  root_pushes amd64 hidden/app:1.0
}

# root_pushes IMAGE REPOSITORY:TAG
root_pushes() {
  skopeo copy --quiet --dest-tls-verify=false --dest-creds "$ROOT_CREDENTIALS" "oci:$IMAGES:$1" "docker://$REGISTRY/$2"
}

berth() { HOME=$USER_HOME "$ROOT/berth" "$@"; }

# administer COMMAND…: as the first administrator.
administer() {
  BERTH_PASSWORD=${ROOT_CREDENTIALS#*:} berth "$@" --user root --registry "http://$REGISTRY"
}

# first_administrator: makes it, with the token that the server has left in its folder.
first_administrator() {
  echo "${ROOT_CREDENTIALS#*:}" | berth user add root --setup-token-file data/setup-token --registry "http://$REGISTRY"
}

# --- the clients: each of them by its name, with a secret in a file -------------------------------------------------------

# client_login CLIENT USER FILE
client_login() {
  case $1 in
    crane) crane auth login --username "$2" --password-stdin "$REGISTRY" <"$3" ;;
    oras) oras login --plain-http --username "$2" --password-stdin "$REGISTRY" <"$3" ;;
    skopeo | skopeo-old | podman) "$1" login --tls-verify=false --username "$2" --password-stdin "$REGISTRY" <"$3" ;;
    docker) docker login --username "$2" --password-stdin "$REGISTRY" <"$3" ;;
    ctr*) CTR_AS=(--user "$2:$(<"$3")") ;; # it keeps nothing, and is told each time
  esac
}

client_logout() {
  case $1 in
    crane) crane auth logout "$REGISTRY" ;;
    oras) oras logout "$REGISTRY" ;;
    ctr*) CTR_AS=() ;;
    *) "$1" logout "$REGISTRY" ;;
  esac
}

# client_push CLIENT REPOSITORY:TAG: the amd64 image; engines push what they have as $REGISTRY/public/base:1.0.
client_push() {
  local to=$REGISTRY/$2
  case $1 in
    crane)
      [[ -d one ]] || skopeo copy --quiet "oci:$IMAGES:amd64" oci:one:1.0
      crane push one "$to"
      ;;
    oras) oras cp --from-oci-layout "$IMAGES:amd64" --to-plain-http "$to" ;;
    skopeo | skopeo-old) "$1" copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$to" ;;
    podman) podman push --tls-verify=false "$REGISTRY/public/base:1.0" "$to" ;;
    docker) docker tag "$REGISTRY/public/base:1.0" "$to" && docker push "$to" ;;
    ctr*)
      ctr images tag --force "$REGISTRY/public/base:1.0" "$to"
      _ctr_images push "$1" "$to"
      ;;
  esac
}

# client_pull CLIENT REPOSITORY:TAG
client_pull() {
  local from=$REGISTRY/$2
  rm -rf back
  case $1 in
    crane) crane pull --format=oci "$from" back ;;
    oras) oras cp --from-plain-http "$from" --to-oci-layout back:1.0 ;;
    skopeo | skopeo-old) "$1" copy --src-tls-verify=false "docker://$from" oci:back:1.0 ;;
    podman) podman pull --tls-verify=false "$from" ;;
    docker) docker pull "$from" ;;
    ctr*) _ctr_images pull "$1" "$from" ;;
  esac
}

CTR_AS=()

# _ctr_images VERB CLIENT REFERENCE: ctr-local speaks to the registry itself, ctr leaves it to containerd.
_ctr_images() {
  local mode=()
  [[ $2 != ctr-local ]] || mode=(--local)
  ctr images "$1" --plain-http "${mode[@]}" "${CTR_AS[@]}" "$3"
}

# asked METHOD PATH-PREFIX: how often the server was asked that so far, by its access log.
asked() { grep -c "\"$1 $2" data.server.log || true; }

# --- what each of them has to be able to do -------------------------------------------------------------------------------

# lets_in CLIENT USER SECRET: a stranger gets what is public and no more; who has logged in pushes and pulls what is the team's, and
# nothing else; who has logged out is a stranger.
lets_in() {
  local client=$1 user=$2 secret=secrets/$3 repository=team/$1-$3
  client_pull "$client" public/base:1.0
  fails client_pull "$client" hidden/app:1.0
  fails client_push "$client" "$repository:1.0"
  client_login "$client" "$user" "$secret"
  client_pull "$client" public/base:1.0
  client_push "$client" "$repository:1.0"
  client_pull "$client" "$repository:1.0"
  fails client_push "$client" "public/$client:1.0"
  fails client_pull "$client" hidden/app:1.0
  client_logout "$client"
  fails client_pull "$client" "$repository:1.0"
}

# keeps_out CLIENT USER SECRET REPOSITORY:TAG: it is told that the credentials are wrong: when it logs in or, where that asks nobody, when it pulls what
# everybody may pull whom the server knows.
keeps_out() {
  case $1 in
    crane | ctr*)
      client_login "$1" "$2" "secrets/$3"
      is_told_of_credentials client_pull "$1" "$4"
      client_logout "$1"
      ;;
    *) is_told_of_credentials client_login "$1" "$2" "secrets/$3" ;;
  esac
}

# is_told_of_credentials COMMAND…: it fails, and says that it is for the credentials.
is_told_of_credentials() {
  local status=0
  fails "$@" >told 2>&1 || status=$?
  cat told
  ((status == 0)) && grep -qiE 'unauthorized|user name or password|invalid username/password|authentication required' told
}

# lets_in_whoever_it_knows CLIENT: in each way.
lets_in_whoever_it_knows() {
  access_server
  "${2-true}"
  lets_in "$1" alice alice
  lets_in "$1" bob bob
  lets_in "$1" ci ci
  lets_in "$1" bob key
  lets_in "$1" oidc oidc
  note "$1 asked for $(asked GET /token) tokens by GET, $(asked POST /token) by POST"
}
