# Lets Vault take up a renewed certificate, and keeps the audit log from filling its volume.
#
# Vault reads its certificate and opens its audit log anew on SIGHUP alone.
#
# CERTIFICATE  file that cert-manager renews
# AUDIT_LOG    log of the audit device, kept in up to COPIES older files
# MAX_BYTES    size at which the log is put aside
# PAUSE        seconds between two looks
set -eu

say() { echo "vault-reload: $*" >&2; }
look() { cksum <"$CERTIFICATE"; }
# shellcheck disable=SC2046 # a probe's `vault status` may run beside the server
hang_up() { kill -HUP $(pidof vault) || say "Vault does not run"; }

rotate() {
    copy=$COPIES
    while [ "$copy" -gt 1 ]; do
        [ ! -e "$AUDIT_LOG.$((copy - 1))" ] || mv "$AUDIT_LOG.$((copy - 1))" "$AUDIT_LOG.$copy"
        copy=$((copy - 1))
    done
    mv "$AUDIT_LOG" "$AUDIT_LOG.1"
}

seen=$(look)
say "watches $CERTIFICATE"
while :; do
    sleep "$PAUSE"
    now=$(look || echo "$seen")
    size=$(stat -c %s "$AUDIT_LOG" 2>/dev/null || echo 0)
    if [ "$size" -gt "$MAX_BYTES" ]; then
        rotate
        hang_up
        say "put the audit log aside"
    fi
    if [ "$now" != "$seen" ]; then
        hang_up
        seen=$now
        say "the certificate is renewed"
    fi
done
