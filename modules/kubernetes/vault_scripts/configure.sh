# Brings Vault's configuration to what DESIRED holds, and no further; a second run changes nothing.
#
# It reads no secret, deletes no engine, and overwrites no user's name or password of a database: Vault keeps what
# a write does not name.
#
# VAULT_JWT     file with the pod's token, made for Vault
# DESIRED       folder with a file of JSON for each path, named as the path with _ for /
# CLIENT_SECRET file with the secret of the application in Entra ID; without it nobody is signed in anew
# SECRETS       the key-value engine
# DATABASES     the database engine
set -eu
umask 077

say() { echo "vault-configure: $*" >&2; }

VAULT_TOKEN=$(vault write -field=token auth/kubernetes/login role=ekp-vault-configure "jwt=@$VAULT_JWT")
export VAULT_TOKEN
trap 'vault token revoke -self >/dev/null || true' EXIT

file_of() { echo "$DESIRED/$(echo "$1" | sed 's,/,_,g')"; }

put() { # put PATH: writes what the files say of all below it
    for file in "$(file_of "$1")"_*; do
        [ -e "$file" ] || continue
        vault write "$(echo "${file##*/}" | sed 's,_,/,g')" "@$file" >/dev/null
    done
}

names() { # names PATH: what Vault holds below it, one a line
    code=0
    found=$(vault list -format=json "$1") || code=$?
    # Nothing below it ends as an error does, with an empty answer.
    [ "$code" -eq 0 ] || [ "$found" = "{}" ] || { say "cannot list $1"; return 1; }
    echo "$found" | sed -n 's/^ *"\([^"]*\)",\{0,1\}$/\1/p'
}

drop() { # drop PATH PREFIX: deletes what is below it, begins so, and has no file
    known=$(names "$1")
    for name in $known; do
        case $name in "$2"*) ;; *) continue ;; esac
        [ ! -e "$(file_of "$1/$name")" ] || continue
        vault delete "$1/$name" >/dev/null
        say "removed $1/$name"
    done
}

engines=$(vault secrets list -format=json)
case $engines in *"\"$SECRETS/\""*) ;; *) vault secrets enable -path="$SECRETS" -version=2 kv >/dev/null ;; esac
case $engines in *"\"$DATABASES/\""*) ;; *) vault secrets enable -path="$DATABASES" database >/dev/null ;; esac

put sys/policies/acl
put auth/kubernetes/role
put "$DATABASES/config"
put "$DATABASES/roles"
drop auth/kubernetes/role service-
drop "$DATABASES/roles" ""
# A connection may hold the only copy of a password that Vault made itself, and ends the users that it made.
connections=$(names "$DATABASES/config")
for name in $connections; do
    [ -e "$(file_of "$DATABASES/config/$name")" ] || say "$DATABASES/config/$name is of no tenant any more;" \
        "delete it once its leases have ended"
done

# Last, since it asks Entra ID, which may not answer.
methods=$(vault auth list -format=json)
case $methods in *'"oidc/"'*) oidc=yes ;; *) oidc= ;; esac
config=$(file_of auth/oidc/config)
if [ -e "$config" ] && [ -s "$CLIENT_SECRET" ]; then
    [ -n "$oidc" ] || vault auth enable -path=oidc -listing-visibility=unauth oidc >/dev/null
    oidc=yes
elif [ -e "$config" ]; then
    say "leaves the sign-in by Entra ID as it is: Secret vault-entra-id has no key client-secret"
fi
if [ -n "$oidc" ]; then
    put auth/oidc/role
    drop auth/oidc/role ""
fi
drop sys/policies/acl service-
drop sys/policies/acl tenant-
if [ -e "$config" ] && [ -s "$CLIENT_SECRET" ]; then
    vault write auth/oidc/config "@$config" "oidc_client_secret=@$CLIENT_SECRET" >/dev/null
fi
say "done"
