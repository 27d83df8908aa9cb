# shellcheck shell=bash
# A PostgreSQL server of the run's own, for BERTH_TEST_DATABASE=postgresql: Debian's, in a folder of its own, on a free
# port of 127.0.0.1, with passwords, as the user postgres if we are root. Each data folder gets a database.

POSTGRESQL_HOME=
POSTGRESQL_PORT=
POSTGRESQL_BIN=

# _postgresql_programs: prints the folder of the newest installed PostgreSQL; root installs one if there is none.
_postgresql_programs() {
  local settings=/etc/postgresql-common/createcluster.conf
  if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    if ((EUID != 0)); then
      echo "acceptance: PostgreSQL is missing: install the package postgresql" >&2
      return 1
    fi
    {
      apt-get update
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-common
      echo 'create_main_cluster = false' >>"$settings" # the programs are wanted, not a server beside ours
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql
    } >&2 || return 1
  fi
  dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort --version-sort | tail -n 1)"
}

# _as_postgres COMMAND…
_as_postgres() {
  if ((EUID == 0)); then
    (cd / && setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$POSTGRESQL_HOME" "$@")
  else
    "$@"
  fi
}

# _sql STATEMENT: as the superuser of the server, through its socket.
_sql() {
  _as_postgres "$POSTGRESQL_BIN/psql" --host="$POSTGRESQL_HOME" --port="$POSTGRESQL_PORT" --dbname=postgres --no-psqlrc --quiet \
    --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1"
}

start_postgresql() {
  POSTGRESQL_BIN=$(_postgresql_programs) && POSTGRESQL_PORT=$(free_port) && POSTGRESQL_HOME=$(mktemp -d /tmp/berth-postgresql.XXXXXX) ||
    return 1
  ((EUID != 0)) || chown postgres "$POSTGRESQL_HOME"
  _as_postgres "$POSTGRESQL_BIN/initdb" --pgdata="$POSTGRESQL_HOME/data" --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust \
    --auth-host=scram-sha-256 --username=postgres >"$WORK/postgresql.log" || return 1
  run_postgresql || return 1
  BERTH_DATABASE_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export BERTH_DATABASE_PASSWORD
  _sql "CREATE ROLE berth LOGIN PASSWORD '$BERTH_DATABASE_PASSWORD'" || return 1
  echo "names are kept in $("$POSTGRESQL_BIN/postgres" --version)"
}

# run_postgresql: starts the server, the first time or after crash_postgresql.
run_postgresql() {
  local options="-p $POSTGRESQL_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$POSTGRESQL_HOME"
  _as_postgres "$POSTGRESQL_BIN/pg_ctl" --pgdata="$POSTGRESQL_HOME/data" --wait --log="$POSTGRESQL_HOME/log" --options="$options" start \
    >>"$WORK/postgresql.log"
}

# crash_postgresql: ends it at once, whatever is under way; its data stays.
crash_postgresql() {
  _as_postgres "$POSTGRESQL_BIN/pg_ctl" --pgdata="$POSTGRESQL_HOME/data" --mode=immediate --wait stop >>"$WORK/postgresql.log"
}

stop_postgresql() {
  [[ -n $POSTGRESQL_HOME ]] || return 0
  _as_postgres "$POSTGRESQL_BIN/pg_ctl" --pgdata="$POSTGRESQL_HOME/data" --mode=immediate stop >/dev/null 2>&1
  rm -rf "$POSTGRESQL_HOME"
}

# database_of DATA: prints the URL of the folder's database, which is made anew when the folder is new.
database_of() {
  { local -; set +x; } 2>/dev/null
  local name
  name=berth_$(cksum <<<"$1" | cut -d ' ' -f 1)
  if [[ ! -e $1 ]]; then
    _sql "DROP DATABASE IF EXISTS $name WITH (FORCE)" 2>/dev/null
    _sql "CREATE DATABASE $name OWNER berth"
  fi
  echo "postgresql://berth@127.0.0.1:$POSTGRESQL_PORT/$name"
}
