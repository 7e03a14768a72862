# Saves a snapshot of Vault and uploads it, with tokens that can do nothing else.
#
# VAULT_JWT  file with the pod's token, made for Vault
# BUCKET     bucket that keeps snapshots
# FOLDER     folder on disk for the file; what it holds is encrypted by Vault
set -eu
umask 077

VAULT_TOKEN=$(vault write -field=token auth/kubernetes/login role=ekp-vault-snapshot "jwt=@$VAULT_JWT")
export VAULT_TOKEN
trap 'vault token revoke -self >/dev/null || true' EXIT

name=vault-$(date -u +%Y%m%dT%H%M%SZ).snap
vault operator raft snapshot save "$FOLDER/$name"
[ -s "$FOLDER/$name" ] || { echo "vault-snapshot: the snapshot is empty" >&2; exit 1; }
aws s3 cp --only-show-errors "$FOLDER/$name" "s3://$BUCKET/$name"
echo "vault-snapshot: s3://$BUCKET/$name"
