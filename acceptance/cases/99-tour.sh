# shellcheck shell=bash
# The tour in README.md, run as it stands there: only the port is another one.

# The clients a reader may not have: a line of the tour that calls one which is missing here is left out, and said so.
_CLIENTS='docker podman buildah nerdctl ctr kubectl helm notation regctl skopeo crane oras cosign umoci curl jq'

# _tour: the lines of the fenced block that follows the mark.
_tour() {
  awk '
    /^<!-- tour -->$/ { marked = 1; next }
    marked && /^```/  { if (inside) exit; inside = 1; next }
    inside            { print }
  ' "$ROOT/README.md"
}

# _missing COMMAND: prints the first client in it that this machine does not have; docker without an engine counts as none.
_missing() {
  local client before='(^|[[:space:]|;&(])' after='[[:space:]]'
  for client in $_CLIENTS; do
    if [[ $1 =~ $before$client$after ]]; then
      if ! type -P "$client" >/dev/null || { [[ $client == docker ]] && ! timeout 10 docker version >/dev/null 2>&1; }; then
        echo "$client"
        return
      fi
    fi
  done
}

# _steps: reads the tour, writes ./steps, a script, and notes what is left out. A step is as many lines as it takes to make
# a whole command: a backslash at the end, a here-document or a loop make it longer.
_steps() {
  local line step='' missing run=0 skipped=0
  { local -; set +x; } 2>/dev/null
  {
    echo 'set -euo pipefail'
    while IFS= read -r line; do
      step+=$line$'\n'
      if [[ $line == *\\ || -n $(bash -n <<<"$step" 2>&1) ]]; then
        continue
      fi
      missing=$(_missing "$step")
      if [[ $step =~ ^[[:space:]]*(#.*)?$'\n'$ ]]; then
        : # nothing to run
      elif [[ $step == "./berth serve "* ]]; then
        note "left out, since a server runs already: ${step%$'\n'}" >&3
      elif [[ -n $missing ]]; then
        note "skipped, since there is no $missing here: ${step%$'\n'}" >&3
        skipped=$((skipped + 1))
      else
        printf 'printf "\\n%%s\\n" %q\n%s' "\$ ${step%$'\n'}" "$step"
        run=$((run + 1))
      fi
      step=
    done
    printf %s "$step" # whatever never became a whole command is an error there
  } 3>&1 >steps
  note "$run commands of the tour were to run, $skipped were skipped"
  ((run > 0))
}

the_tour_in_the_README_works_as_written() {
  [[ -n ${BERTH_URL-} ]] || own_server
  mkdir tour
  cd tour || return
  ln -s "$ROOT"/* . # a reader stands in the repository; what the tour writes stays here
  _tour | sed "s/127\.0\.0\.1:5000/$REGISTRY/g" >../tour.sh
  [[ -s ../tour.sh ]]
  _steps <../tour.sh
  timeout --kill-after=5 300 bash steps
}
