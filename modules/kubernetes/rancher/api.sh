# What the jobs share: calls to the Kubernetes API by the pod's own token. No value is ever printed, or passed as
# an argument, that opens anything.
#
# NAME     the job, which is also the owner of the fields it applies
# API      address of the Kubernetes API
# ACCOUNT  folder with the pod's token and the API's authority
# FOLDER   folder in memory
# TOLERANT yes: a failure ends the run and not the install; the cron job tries again
set -eu
umask 077
export AWS_MAX_ATTEMPTS=2 AWS_PAGER=

say() { echo "$NAME: $*" >&2; }

call() { # call METHOD PATH [CURL ARGUMENT...]: leaves the status in $code, the answer in $FOLDER/answer
    method=$1 path=$2
    shift 2
    : >"$FOLDER/answer"
    { printf 'Authorization: Bearer '; cat "$ACCOUNT/token"; echo; } >"$FOLDER/header"
    code=$(curl --silent --show-error --connect-timeout 10 --max-time 60 --cacert "$ACCOUNT/ca.crt" \
        --request "$method" --header "@$FOLDER/header" --header 'Accept: application/yaml' \
        --output "$FOLDER/answer" --write-out '%{http_code}' "$@" "$API/$path" </dev/null) || code=000
}

# The API writes YAML in one form: keys of a section two spaces in.
field() { # field SECTION KEY: of the last answer
    awk -v section="$1:" -v key="$2:" '
        /^[^ -]/ { inside = ($0 == section) }
        inside && /^  [^ -]/ && $1 == key { gsub(/["\047]/, "", $2); print $2; exit }
    ' "$FOLDER/answer"
}

# The answer to an object with a secret in it is not shown: it may repeat what was sent.
refused() { # refused WHAT: tells what the API said
    say "$1: the API answers $code: $(sed -n 's/^message: //p' "$FOLDER/answer" | cut -c1-300)"
}

apply() { # apply PATH FILE: server-side, so that a second time changes nothing
    call PATCH "$1?fieldManager=$NAME&force=true" \
        --header 'Content-Type: application/apply-patch+yaml' --data-binary "@$2"
    case $code in
    200 | 201) ;;
    *) refused "cannot apply $1"; return 1 ;;
    esac
}

finish() { # finish COMMAND: runs it and ends as the job shall
    if "$1"; then exit 0; fi
    [ "$TOLERANT" = yes ] || exit 1
    say "the cron job tries again"
    exit 0
}
