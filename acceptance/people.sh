# shellcheck shell=bash
# Those who vouch for people: a directory, OpenLDAP's slapd from a Debian package.

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
