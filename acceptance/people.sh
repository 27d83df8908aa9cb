# shellcheck shell=bash
# Those who vouch for people: a directory (OpenLDAP's slapd, a Debian package) and a provider of OpenID Connect (Keycloak, by Maven).

DIRECTORY= # its port

# ldap PROGRAM ARGUMENT…: one of the programs of the directory, with the libraries of its own suite; limited in time.
ldap() {
  timeout --kill-after=5 60 "$PEOPLE/$1" "${@:2}"
}

# start_slapd: alice is in the group dev, bob in none; both have passwords, and no password is taken without TLS. Sets DIRECTORY. Needs ./server.pem and
# ./server.key, and says who may look for others in ./ldap-password.
start_slapd() {
  local port root
  port=$(free_port)
  root=$(cd "$PEOPLE"/../*/etc/ldap/../.. && pwd)
  mkdir -p slapd
  printf 'let me look' >ldap-password
  cat >slapd.conf <<END
include $root/etc/ldap/schema/core.schema
include $root/etc/ldap/schema/cosine.schema
include $root/etc/ldap/schema/inetorgperson.schema
modulepath $root/usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile $PWD/slapd/pid
argsfile $PWD/slapd/args
TLSCertificateFile $PWD/server.pem
TLSCertificateKeyFile $PWD/server.key
security simple_bind=128
database mdb
suffix "dc=example,dc=com"
rootdn "cn=root,dc=example,dc=com"
rootpw root
directory $PWD/slapd
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=berth,dc=example,dc=com" read by * none
END
  "$PEOPLE/slapd" -f slapd.conf -h "ldap://127.0.0.1:$port" -d 0 >slapd.server.log 2>&1 &
  PROCESSES+=("$!")
  DIRECTORY=127.0.0.1:$port
  until_works "slapd" _as_root ldapwhoami
  _as_root ldapadd <<'END'
dn: dc=example,dc=com
objectClass: domain
dc: example

dn: cn=berth,dc=example,dc=com
objectClass: person
cn: berth
sn: berth
userPassword: let me look

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: Liddell
userPassword: through the glass

dn: uid=bob,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Builder
userPassword: can we fix it

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: cn=dev,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: dev
member: uid=alice,ou=people,dc=example,dc=com
END
}

# _as_root PROGRAM ARGUMENT…
_as_root() {
  LDAPTLS_CACERT=$PWD/ca.pem ldap "$1" -ZZ -H "ldap://$DIRECTORY" -x -D cn=root,dc=example,dc=com -w root "${@:2}"
}

# stop_slapd: it answers nobody any more.
stop_slapd() {
  local tries pid
  pid=$(cat slapd/pid)
  kill "$pid"
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

KEYCLOAK_REALM= # the URL of its realm

# start_keycloak REGISTRY: a realm where alice is in the group dev, the client berth may send people back to that registry, and the clients ci and
# stranger are jobs that get tokens for "registry", and ci-elsewhere one that gets them for something else. Sets KEYCLOAK_REALM.
start_keycloak() {
  local port home minute
  port=$(free_port)
  home=$PWD/keycloak
  cp -r "$KEYCLOAK"/keycloak-* "$home"
  mkdir -p "$home/data/import"
  printf 'secret of berth' >client-secret
  cat >"$home/data/import/test.json" <<END
{"realm": "test", "enabled": true, "sslRequired": "none",
 "groups": [{"name": "dev"}],
 "users": [{"username": "alice", "enabled": true, "email": "alice@example.com", "emailVerified": true, "firstName": "Alice", "lastName": "Liddell",
   "groups": ["/dev"], "credentials": [{"type": "password", "value": "through the glass"}]}],
 "clients": [
   {"clientId": "berth", "secret": "secret of berth", "standardFlowEnabled": true, "redirectUris": ["http://$1/v2/_berth/login/corp/callback"],
    "attributes": {"pkce.code.challenge.method": "S256"},
    "protocolMappers": [{"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
      "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"}}]},
   $(_keycloak_job ci registry), $(_keycloak_job stranger registry), $(_keycloak_job ci-elsewhere elsewhere)]}
END
  JAVA_HOME=$(dirname "$(dirname "$SERVER_JAVA")") JAVA_OPTS_APPEND='-Xmx400m' bash "$home/bin/kc.sh" start-dev --http-host=127.0.0.1 \
    --http-port="$port" --import-realm >keycloak.server.log 2>&1 &
  PROCESSES+=("$!")
  KEYCLOAK_REALM=http://127.0.0.1:$port/realms/test
  for minute in 1 2 3 4 5; do # one is enough where nobody else is at work
    if until_works "Keycloak, minute $minute" curl --fail "$KEYCLOAK_REALM/.well-known/openid-configuration"; then
      return
    fi
    kill -0 "$!"
  done
  return 1
}

# _keycloak_job CLIENT AUDIENCE: what the realm has to know of that job.
_keycloak_job() {
  jq --null-input --arg client "$1" --arg audience "$2" '{clientId: $client, secret: "secret of \($client)", standardFlowEnabled: false,
    serviceAccountsEnabled: true, protocolMappers: [{name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper",
      config: {"included.custom.audience": $audience, "access.token.claim": "true"}}]}'
}

# keycloak_token CLIENT: what it gives that job, for five minutes.
keycloak_token() {
  curl --fail --data grant_type=client_credentials --user "$1:secret of $1" "$KEYCLOAK_REALM/protocol/openid-connect/token" |
    jq --exit-status --raw-output .access_token
}

# log_in_with_browser USER PASSWORD: follows the pages as a browser does, from the registry to the provider and back; the last one is ./page.html.
log_in_with_browser() {
  local form
  rm -f jar
  curl --location --cookie jar --cookie-jar jar --output form.html "http://$REGISTRY/v2/_berth/login"
  form=$(sed -n 's/.*<form[^>]* action="\([^"]*\)".*/\1/p' form.html | head -n 1 | sed 's/&amp;/\&/g')
  curl --location --cookie jar --cookie-jar jar --output page.html --data-urlencode "username=$1" --data-urlencode "password=$2" "$form"
}
