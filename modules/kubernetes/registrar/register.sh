# Tells the hub's Argo CD where clusters are, and which of their namespaces take services.
#
# EKS says where a cluster's API is, asked with the hub's role in the cluster's account. The API
# says in which namespaces that role may deliver: Argo CD would stop watching kinds that it may not
# list in one of them, and learns of no kind that comes later. What is not there yet is left as it
# is and tried next time; what fails otherwise is told in the end.
#
# CLUSTERS   a line a cluster: its Secret, its name, its region, EKS's name of it, the hub's role
#            there, and its namespaces with commas between
# API        address of the hub's own Kubernetes API
# ACCOUNT    folder with this pod's token and the authority of that API
# NAMESPACE  where Argo CD keeps its Secrets of clusters
set -eu
umask 077

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "cluster-registrar: $*" >&2; }
# What a program said, in one line.
why() { tr '\n' ' ' <"$work/error"; }
encoded() { printf %s "$1" | base64 | tr -d '\n'; }
# call TOKEN AUTHORITY ARGUMENTS...: the token is in no list of processes.
call() {
    token=$1 authority=$2
    shift 2
    printf 'Authorization: Bearer %s' "$token" >"$work/header"
    curl -sS --fail --max-time 20 --cacert "$authority" -H "@$work/header" "$@" 2>"$work/error"
}

assume() { # assume ROLE: for the calls to AWS that come after
    aws sts assume-role --role-arn "$1" --role-session-name cluster-registrar \
        --duration-seconds 900 --output text \
        --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' \
        >"$work/keys" 2>"$work/error" || return 1
    read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <"$work/keys" || return 1
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
}

takes() { # takes ENDPOINT TOKEN NAMESPACE: prints yes or no
    printf '{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec":
        {"resourceAttributes": {"namespace": "%s", "verb": "list", "group": "argoproj.io",
        "resource": "rollouts"}}}' "$3" >"$work/review"
    call "$2" "$work/ca.crt" -H 'Content-Type: application/json' --data "@$work/review" \
        "$1/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" >"$work/answer" || return 1
    if grep -q '"allowed": *true' "$work/answer"; then echo yes; else echo no; fi
}

keep() { # keep SECRET NAME ENDPOINT NAMESPACES CONFIG
    printf '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "%s", "namespace": "%s",
        "labels": {"argocd.argoproj.io/secret-type": "cluster"}}, "data": {"name": "%s",
        "server": "%s", "namespaces": "%s", "config": "%s"}}' "$1" "$NAMESPACE" "$(encoded "$2")" \
        "$(encoded "$3")" "$(encoded "$4")" "$(encoded "$5")" >"$work/secret"
    call "$(cat "$ACCOUNT/token")" "$ACCOUNT/ca.crt" -X PATCH --data "@$work/secret" \
        -H 'Content-Type: application/apply-patch+yaml' >"$work/answer" \
        "$API/api/v1/namespaces/$NAMESPACE/secrets/$1?fieldManager=cluster-registrar&force=true"
}

register() { # register SECRET NAME REGION CLUSTER ROLE NAMESPACES
    if ! assume "$5"; then
        if grep -q AccessDenied "$work/error"; then
            say "$2: is not there yet, or $5 does not trust this job"
            return 0
        fi
        say "$2: cannot assume $5: $(why)"
        return 1
    fi
    if ! aws eks describe-cluster --region "$3" --name "$4" --output text \
        --query 'cluster.[endpoint,certificateAuthority.data]' >"$work/found" 2>"$work/error"; then
        if grep -q ResourceNotFoundException "$work/error"; then
            say "$2: EKS knows no $4 yet"
            return 0
        fi
        say "$2: EKS does not say where $4 is: $(why)"
        return 1
    fi
    read -r endpoint certificate <"$work/found" || {
        say "$2: EKS does not say where $4 is"
        return 1
    }
    if [ "$endpoint" = None ] || [ "$certificate" = None ]; then
        say "$2: EKS still makes $4"
        return 0
    fi
    printf %s "$certificate" | base64 -d >"$work/ca.crt" || return 1
    if ! bearer=$(aws eks get-token --region "$3" --cluster-name "$4" --output text \
        --query status.token 2>"$work/error"); then
        say "$2: no token for $4: $(why)"
        return 1
    fi
    ready=
    for namespace in $(printf %s "$6" | tr , ' '); do
        if ! answer=$(takes "$endpoint" "$bearer" "$namespace"); then
            say "$2: its API at $endpoint does not answer: $(why)"
            return 1
        fi
        case $answer in
        yes) ready=$ready,$namespace ;;
        *) say "$2: namespace $namespace takes nothing yet" ;;
        esac
    done
    if [ -z "$ready" ]; then
        return 0
    fi
    config=$(printf '{"awsAuthConfig": {"clusterName": "%s", "roleARN": "%s"},
        "tlsClientConfig": {"insecure": false, "caData": "%s"}}' "$4" "$5" "$certificate")
    if ! keep "$1" "$2" "$endpoint" "${ready#,}" "$config"; then
        say "$2: cannot write the Secret $1: $(why)"
        return 1
    fi
    say "$2: is at $endpoint and takes ${ready#,}"
}

failed=0
while read -r secret name region cluster role namespaces <&3; do
    # Each with credentials of its own.
    (register "$secret" "$name" "$region" "$cluster" "$role" "$namespaces") || failed=1
done 3<"$CLUSTERS"
exit "$failed"
