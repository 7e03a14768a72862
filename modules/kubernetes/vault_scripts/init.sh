# Initialises Vault once, keeps its recovery keys before anything else, and leaves no root token.
#
# Run again, it changes nothing and waits until every server is unsealed and one leads. What it needs to go on
# lies in KEYS, a folder in memory that outlives the container, not the pod; nothing is printed.
#
# PEERS      addresses of all servers, the first initialises
# SECRET_ID  secret of Secrets Manager that takes the recovery keys
# KEYS       folder in memory
# PAUSE      seconds between two tries
# ROOT_TOKEN file with a root token made by hand, where a run lost its own (see "stored" below)
set -eu
umask 077

# Labels on versions of the secret. A version with a label is never dropped by Secrets Manager.
KEPT=EKP_RECOVERY_KEYS
DONE=EKP_CONFIGURED
TRIED=EKP_TRIED
# Looks for a leader, PAUSE seconds apart: an election takes less than a minute.
LOOKS=30

say() { echo "vault-init: $*" >&2; }
refuse() { say "$*"; exit 1; }

put() { # put VALUE STAGE...: succeeds once the version carries the last stage
    value=$1
    shift
    stages=$(aws secretsmanager put-secret-value --secret-id "$SECRET_ID" \
        --secret-string "$value" --version-stages "$@" --query VersionStages --output text) || return 1
    for stage in "$@"; do
        case "$stages" in *"$stage"*) ;; *) return 1 ;; esac
    done
}

secret_state() {
    until stages=$(aws secretsmanager describe-secret --secret-id "$SECRET_ID" \
        --query VersionIdsToStages --output json); do
        say "cannot look at $SECRET_ID; tries again"
        sleep "$PAUSE"
    done
    case "$stages" in
    *"\"$DONE\""*) echo configured ;;
    *"\"$KEPT\""*) echo stored ;;
    *) echo empty ;;
    esac
}

# A server that has not joined yet calls itself uninitialised, so every one is asked: one that
# lost its volume must never start a second cluster beside the others.
initialised() {
    while :; do
        silent=
        for peer in $PEERS; do
            code=0
            VAULT_ADDR=$peer vault operator init -status >/dev/null 2>&1 || code=$?
            case $code in
            0) echo yes; return ;;
            2) ;;
            *) silent="$silent $peer" ;;
            esac
        done
        [ -n "$silent" ] || { echo no; return; }
        say "waits for an answer of$silent"
        sleep "$PAUSE"
    done
}

initialise() {
    # Keys exist in the answer alone: first prove that the secret can be written.
    put '{"state": "Vault is about to be initialised"}' "$TRIED" ||
        refuse "cannot write $SECRET_ID; nothing was initialised"
    # No retry: a second call would be told that Vault is initialised, and the keys would be gone.
    VAULT_MAX_RETRIES=0 VAULT_CLIENT_TIMEOUT=300 vault operator init -format=json \
        -recovery-shares=5 -recovery-threshold=3 >"$KEYS/init.json" ||
        { rm -f "$KEYS/init.json"; refuse "Vault was not initialised"; }
    say "initialised"
}

store() {
    [ ! -e "$KEYS/stored" ] || return 0
    sed 's/\("root_token": *"\)[^"]*/\1revoked/' "$KEYS/init.json" >"$KEYS/recovery.json"
    # Never given up: with this pod the keys would go.
    until put "file://$KEYS/recovery.json" AWSCURRENT "$KEPT"; do
        say "could not keep the recovery keys in $SECRET_ID; tries again"
        sleep "$PAUSE"
    done
    : >"$KEYS/stored"
    say "recovery keys are kept in $SECRET_ID"
}

lacks() { ! vault "$1" list -format=json 2>/dev/null | grep -q "\"$2/\""; }

# One after the other; `until` switches off `set -e`.
configure() {
    # Two devices: with one, a full volume would stop Vault. The second goes to the pod's log.
    if lacks audit file; then
        vault audit enable -path=file file file_path=/vault/audit/audit.log mode=0600 || return 1
    fi
    if lacks audit stdout; then
        vault audit enable -path=stdout file file_path=stdout || return 1
    fi
    if lacks auth kubernetes; then
        vault auth enable kubernetes || return 1
    fi
    vault write auth/kubernetes/config kubernetes_host=https://kubernetes.default.svc || return 1
    # For the job that configures Vault (configure.sh): just what it writes, and no secret. But whoever
    # writes policies and roles can grant himself more: so whoever may start a pod in this namespace
    # is Vault's root. He is so without it, by the servers' volumes and their key. Its tokens last
    # for minutes, and all that they do is audited. Names that begin with "ekp-" stay this script's.
    vault policy write ekp-vault-configure - <<'POLICY' || return 1
path "sys/mounts" { capabilities = ["read"] }
path "sys/mounts/tenants" { capabilities = ["create", "update"] }
path "sys/mounts/databases" { capabilities = ["create", "update"] }
path "sys/auth" { capabilities = ["read"] }
path "sys/auth/oidc" { capabilities = ["create", "update", "sudo"] }
path "sys/policies/acl" { capabilities = ["list"] }
path "sys/policies/acl/platform-*" { capabilities = ["create", "update"] }
path "sys/policies/acl/service-*" { capabilities = ["create", "update", "delete"] }
path "sys/policies/acl/tenant-*" { capabilities = ["create", "update", "delete"] }
path "auth/kubernetes/role" { capabilities = ["list"] }
path "auth/kubernetes/role/service-*" { capabilities = ["create", "update", "delete"] }
path "auth/oidc/config" { capabilities = ["create", "update"] }
path "auth/oidc/role" { capabilities = ["list"] }
path "auth/oidc/role/*" { capabilities = ["create", "update", "delete"] }
path "databases/config" { capabilities = ["list"] }
path "databases/config/*" { capabilities = ["create", "update"] }
path "databases/roles" { capabilities = ["list"] }
path "databases/roles/*" { capabilities = ["create", "update", "delete"] }
POLICY
    role ekp-vault-configure ekp-vault-configure || return 1
    vault policy write ekp-vault-snapshot - <<'POLICY' || return 1
path "sys/storage/raft/snapshot" { capabilities = ["read"] }
POLICY
    role ekp-vault-snapshot vault-snapshot || return 1
}

role() { # role NAME SERVICE_ACCOUNT: both in the namespace vault, with a token made for Vault
    vault write "auth/kubernetes/role/$1" bound_service_account_names="$2" \
        bound_service_account_namespaces=vault audience=vault \
        token_policies="$1" token_ttl=10m token_max_ttl=30m
}

revoke() {
    until vault token revoke -self >/dev/null; do
        # A token that is no more, of an attempt whose answer got lost.
        if vault token lookup 2>&1 | grep -q 'Code: 403'; then break; fi
        say "could not revoke the root token; tries again"
        sleep "$PAUSE"
    done
    : >"$KEYS/revoked"
    say "the root token is revoked"
}

unsealed() { # unsealed ADDRESS...
    for peer in "$@"; do
        until VAULT_ADDR=$peer vault status >/dev/null 2>&1; do
            say "waits until $peer is unsealed"
            sleep "$PAUSE"
        done
    done
}

# A standby names the last leader also when that one is gone, so the leader itself has to say so:
# hashicorp/vault#10361.
leads() {
    for peer in $PEERS; do
        if VAULT_ADDR=$peer vault status -format=json 2>/dev/null | grep -q '"is_self": *true'; then
            return 0
        fi
    done
    return 1
}

led() {
    looks=0
    until leads; do
        looks=$((looks + 1))
        [ "$looks" -lt "$LOOKS" ] || refuse "no server leads, so Vault answers nobody. If servers" \
            "were taken away without 'vault operator raft remove-peer', set vault.servers to 3" \
            "and deploy again: their volumes are kept. Else the servers' logs say why"
        say "waits until a server leads"
        sleep "$PAUSE"
    done
}

VAULT_ADDR=${PEERS%% *}
export VAULT_ADDR
# Half an answer holds no keys.
grep -qs '"root_token"' "$KEYS/init.json" || rm -f "$KEYS/init.json"
if [ ! -s "$KEYS/init.json" ]; then
    state=$(secret_state)
    case "$(initialised)/$state" in
    no/empty) initialise ;;
    yes/configured)
        # shellcheck disable=SC2086 # a list
        unsealed $PEERS
        led
        say "nothing to do"
        exit 0
        ;;
    yes/stored)
        [ -s "$ROOT_TOKEN" ] || refuse "Vault is initialised and its recovery keys are in" \
            "$SECRET_ID, but a run ended before it was configured. Make a root token with the" \
            "recovery keys (vault operator generate-root), put it into the Secret" \
            "vault-root-token, key token, and deploy again: it is used and revoked"
        : >"$KEYS/stored"
        ;;
    yes/*) refuse "Vault is initialised, but $SECRET_ID holds no recovery keys. If it keeps" \
        "nothing yet, delete its claims (data-vault-*) and pods and deploy again; else put the" \
        "keys into the secret with the stage $KEPT" ;;
    *) refuse "Vault is empty, but $SECRET_ID holds the recovery keys of an earlier one. Restore" \
        "a snapshot, or take the stages $KEPT and $DONE off the secret and deploy again" ;;
    esac
fi
[ ! -e "$KEYS/init.json" ] || store
if [ ! -e "$KEYS/revoked" ]; then
    unsealed "$VAULT_ADDR"
    if [ -e "$KEYS/init.json" ]; then
        VAULT_TOKEN=$(sed -n 's/.*"root_token": *"\([^"]*\)".*/\1/p' "$KEYS/init.json")
    else
        VAULT_TOKEN=$(cat "$ROOT_TOKEN")
    fi
    export VAULT_TOKEN
    # Who deletes this pod leaves no root token behind.
    trap 'revoke; exit 1' TERM
    until configure >/dev/null; do
        say "could not configure Vault; tries again"
        sleep "$PAUSE"
    done
    revoke
    trap - TERM
fi
until put '{"state": "Vault is configured"}' "$DONE"; do
    say "could not mark $SECRET_ID; tries again"
    sleep "$PAUSE"
done
rm -f "$KEYS/init.json" "$KEYS/recovery.json"
# shellcheck disable=SC2086 # a list
unsealed $PEERS
led
say "done"
