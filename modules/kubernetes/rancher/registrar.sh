# Tells Rancher of every cluster and its tenants, and stores what a cluster's own job needs to join.
#
# Run again, it changes nothing but what differs. A cluster that fails does not keep the others.
#
# DESIRED      folder with what shall be: `clusters` (a line a cluster: its name and its secret), `hub`,
#              `cluster.<name>` and `people.<name>` (a line an object: its path and the object)
# RANCHER_HOST host of Rancher, for agents and people

BINDINGS=apis/management.cattle.io/v3
WORKSPACE=apis/provisioning.cattle.io/v1/namespaces/fleet-default/clusters

# Objects name a cluster's id as {cluster}.
each() { # each FILE ID: applies every object, whatever becomes of the others
    lost=0
    sed "s/{cluster}/$2/g" "$1" >"$FOLDER/wanted"
    while IFS=' ' read -r path object; do
        printf '%s\n' "$object" >"$FOLDER/object"
        apply "$path" "$FOLDER/object" || lost=1
    done <"$FOLDER/wanted"
    return $lost
}

# Who is in no group any more shall not get in any more: bindings are taken away, projects are left to people.
prune() { # prune KIND LABEL: deletes what carries the label and is none of the last objects
    call GET "$BINDINGS/$1?labelSelector=$2"
    [ "$code" = 200 ] || { refused "cannot list $1"; return 1; }
    awk '
        function show() { if (name != "") print (space == "" ? "-" : space), name; name = space = "" }
        /^- / { show() }
        /^  [^ -]/ { inside = ($1 == "metadata:") }
        inside && /^    name: / { name = $2 }
        inside && /^    namespace: / { space = $2 }
        END { show() }
    ' "$FOLDER/answer" >"$FOLDER/found"
    left=0
    while read -r space name; do
        place=$BINDINGS/namespaces/$space
        [ "$space" != - ] || place=$BINDINGS
        if grep -qF "$place/$1/$name " "$FOLDER/wanted"; then continue; fi
        call DELETE "$place/$1/$name"
        case $code in
        200 | 202 | 404) say "took $1/$name away" ;;
        *) refused "cannot delete $1/$name"; left=1 ;;
        esac
    done <"$FOLDER/found"
    return $left
}

people() { # people CLUSTER ID
    unseen=0
    each "$DESIRED/people.$1" "$2" || unseen=1
    for kind in clusterroletemplatebindings projectroletemplatebindings; do
        prune $kind "ekp%2Fcluster%3D$1" || unseen=1
    done
    return $unseen
}

# Rancher writes the address without the token, which it keeps in a Secret of its own and renews by itself.
# Source: rancher/rancher v2.15.0, pkg/controllers/dashboard/clusterregistrationtoken.
registration() { # registration CLUSTER ID UID: leaves it in $FOLDER/registration
    call GET "$BINDINGS/namespaces/$2/clusterregistrationtokens/default-token"
    [ "$code" = 200 ] || { refused "$1: no registration yet"; return 1; }
    address=$(field status manifestUrl) secret=$(field status tokenSecretName)
    [ "$secret" = crt-token-default-token ] || { say "$1: Rancher has not made its token yet"; return 1; }
    [ "$address" = "https://$RANCHER_HOST/v3/import/{token}_$2.yaml" ] || {
        say "$1: Rancher gives another address than https://$RANCHER_HOST/v3/import; is its server-url right?"
        return 1
    }
    call GET "api/v1/namespaces/$2/secrets/$secret"
    [ "$code" = 200 ] || { say "$1: cannot read its token: the API answers $code"; return 1; }
    token=$(field data token | base64 -d 2>/dev/null) || token=
    rm -f "$FOLDER/answer"
    case $token in
    '' | *[!a-zA-Z0-9]*) say "$1: its token is none"; return 1 ;;
    esac
    printf '{"manifestUrl": "%s", "cluster": "%s", "uid": "%s"}' \
        "https://$RANCHER_HOST/v3/import/${token}_$2.yaml" "$2" "$3" >"$FOLDER/registration"
}

# A version is called by the digest of its value: so the job knows what is stored and cannot read it.
store() { # store CLUSTER SECRET
    version=$(sha256sum <"$FOLDER/registration" | cut -c1-64)
    stages=$(aws secretsmanager describe-secret --secret-id "$2" \
        --query "VersionIdsToStages.\"$version\"" --output text </dev/null) || {
        say "$1: cannot look at $2"
        return 1
    }
    case $stages in
    *AWSCURRENT*) say "$1: nothing to do"; return 0 ;;
    esac
    aws secretsmanager put-secret-value --secret-id "$2" --client-request-token "$version" \
        --secret-string "file://$FOLDER/registration" --query VersionId --output text </dev/null >/dev/null || {
        say "$1: cannot write $2"
        return 1
    }
    say "$1: stored its registration"
}

# In a shell of its own, so that nothing of one cluster is left for the next.
register() ( # register CLUSTER SECRET
    each "$DESIRED/cluster.$1" "" || return 1
    call GET "$WORKSPACE/$1"
    [ "$code" = 200 ] || { refused "$1"; return 1; }
    id=$(field status clusterName) uid=$(field metadata uid)
    [ -n "$id" ] && [ -n "$uid" ] || { say "$1: Rancher has not taken it up yet"; return 1; }
    bad=0
    people "$1" "$id" || bad=1
    grep -qF "\"provisioning.cattle.io/management-cluster-name\":\"$id\"" "$DESIRED/cluster.$1" || {
        say "$1: Rancher calls it $id and not as it was asked to, so no namespace is in its tenant's project"
        bad=1
    }
    registration "$1" "$id" "$uid" || return 1
    store "$1" "$2" || return 1
    return $bad
)

main() {
    bad=0
    each "$DESIRED/hub" "" || bad=1
    prune globalrolebindings "ekp%2Fregistrar%3D$NAME" || bad=1
    while read -r name secret; do
        register "$name" "$secret" || bad=1
    done <"$DESIRED/clusters"
    return $bad
}

finish main
