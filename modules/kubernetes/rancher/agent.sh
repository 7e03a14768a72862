# Brings Rancher's agent into the cluster, by the registration that the hub's job stores.
#
# Once the agent is there, Rancher keeps it up to date by itself, its token too: so a run does nothing until the
# agent is gone, or the cluster is registered anew. What Terraform owns of the manifest is left out.
#
# SECRET_ID    secret of Secrets Manager with the registration, in the hub's account
# SECRET_REGION its region
# RANCHER_HOST host that the registration must be of

AGENT=cattle-cluster-agent
SYSTEM=cattle-system
DEPLOYMENT=apis/apps/v1/namespaces/$SYSTEM/deployments/$AGENT
# Annotation of the agent: the registration that it came by.
MARK=ekp/registration

value() { # value KEY: of the registration
    sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" "$FOLDER/registration"
}

fetch() { # fetch URL: the manifest, by TLS that the public authorities vouch for
    # By a file, since arguments are seen by others.
    printf 'url = "%s"\n' "$1" >"$FOLDER/request"
    status=$(curl --config "$FOLDER/request" --silent --proto '=https' --connect-timeout 10 --max-time 60 \
        --output "$FOLDER/manifest" --write-out '%{http_code}' </dev/null) || status=000
    [ "$status" = 200 ] || { say "https://$RANCHER_HOST answers $status to the registration"; return 1; }
}

# Leaves a file an object, and a list of them: file, kind, namespace, name.
split() {
    rm -f "$FOLDER"/part.*
    awk -v folder="$FOLDER" '
        function ends() {
            if (kind != "") print file, kind, (space == "" ? "-" : space), (name == "" ? "-" : name)
            kind = name = space = ""
            file = folder "/part." (++count)
        }
        function plain(text) { gsub(/["\047]/, "", text); return text }
        BEGIN { ends() }
        /^---/ { close(file); ends(); next }
        { print >file }
        /^[^ #]/ { inside = ($1 == "metadata:") }
        /^kind:/ { kind = plain($2) }
        inside && /^  name:/ { name = plain($2) }
        inside && /^  namespace:/ { space = plain($2) }
        END { close(file); ends() }
    ' "$FOLDER/manifest" >"$FOLDER/parts"
    [ -s "$FOLDER/parts" ] || { say "the manifest is empty"; return 1; }
}

# Before anything is applied: a manifest with something else in it is not the one that this job is for.
expected() {
    rm -f "$FOLDER/secret" "$FOLDER/deployment" "$FOLDER/service"
    while read -r file kind space name; do
        case "$kind $space $name" in
        "ClusterRole - proxy-clusterrole-kubeapiserver" | "ClusterRole - cattle-admin") ;;
        "ClusterRoleBinding - proxy-role-binding-kubernetes-master") ;;
        "ClusterRoleBinding $SYSTEM cattle-admin-binding" | "ClusterRoleBinding - cattle-admin-binding") ;;
        "Namespace - $SYSTEM" | "ServiceAccount $SYSTEM cattle") ;;
        "Secret $SYSTEM cattle-credentials-"*) echo "$file" >"$FOLDER/secret" ;;
        "Deployment $SYSTEM $AGENT") echo "$file" >"$FOLDER/deployment" ;;
        "Service $SYSTEM $AGENT") echo "$file" >"$FOLDER/service" ;;
        *) say "the manifest holds $kind $space/$name, which is not expected; nothing is applied"; return 1 ;;
        esac
    done <"$FOLDER/parts"
    for part in secret deployment service; do
        [ -s "$FOLDER/$part" ] || { say "the manifest lacks the agent's $part; nothing is applied"; return 1; }
    done
}

# Called by its content, so one that is there is the same: this job may add Secrets and read none.
credentials() {
    call POST "api/v1/namespaces/$SYSTEM/secrets" \
        --header 'Content-Type: application/yaml' --data-binary "@$(cat "$FOLDER/secret")"
    case $code in
    201 | 409) ;;
    *) say "cannot add the agent's credentials: the API answers $code"; return 1 ;;
    esac
}

mark() { # mark UID: the last thing, so that a run that was cut short is done again
    printf '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%s","annotations":{"%s":"%s"}}}' \
        "$AGENT" "$MARK" "$1" >"$FOLDER/mark"
    call PATCH "$DEPLOYMENT?fieldManager=$NAME-mark&force=true" \
        --header 'Content-Type: application/apply-patch+yaml' --data-binary "@$FOLDER/mark"
    [ "$code" = 200 ] || { refused "cannot mark the agent"; return 1; }
}

main() {
    aws secretsmanager get-secret-value --region "$SECRET_REGION" --secret-id "$SECRET_ID" \
        --query SecretString --output text </dev/null >"$FOLDER/registration" || {
        say "no registration yet: the hub's job stores it in $SECRET_ID"
        return 1
    }
    address=$(value manifestUrl) uid=$(value uid)
    case $uid in
    '' | *[!a-zA-Z0-9-]*) say "the registration has no uid"; return 1 ;;
    esac
    file=${address#"https://$RANCHER_HOST/v3/import/"}
    case $file in
    '' | *[!a-zA-Z0-9_.-]* | "$address") say "the registration is not of https://$RANCHER_HOST"; return 1 ;;
    esac
    call GET "$DEPLOYMENT"
    case $code in
    200)
        if grep -qxF "    $MARK: $uid" "$FOLDER/answer"; then say "nothing to do"; return 0; fi
        ;;
    404) ;;
    *) refused "cannot look at the agent"; return 1 ;;
    esac
    fetch "$address" || return 1
    split || return 1
    expected || return 1
    credentials || return 1
    apply "$DEPLOYMENT" "$(cat "$FOLDER/deployment")" || return 1
    apply "api/v1/namespaces/$SYSTEM/services/$AGENT" "$(cat "$FOLDER/service")" || return 1
    mark "$uid" || return 1
    say "the agent is in; it calls https://$RANCHER_HOST"
}

finish main
