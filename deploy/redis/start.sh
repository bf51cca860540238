#!/bin/sh
# Writes the ACL file from the passwords in the secrets folder, then becomes Redis. Passwords stay out of the
# command line and the environment; Redis itself keeps only their hashes.
#   SECRETS_DIR, RUN_DIR, CONF_DIR   folders, for running it outside the container
set -eu
umask 077
secrets=${SECRETS_DIR:-/run/secrets}
run=${RUN_DIR:-/run/redis}
conf=${CONF_DIR:-/etc/redis}

sha256() { tr -d '\n' <"$1" | sha256sum | cut -d' ' -f1; }

app=$(sha256 "$secrets/redis_app_password")
exporter=$(sha256 "$secrets/redis_exporter_password")
sed -e "s/@app_password_sha256@/$app/" -e "s/@exporter_password_sha256@/$exporter/" \
  "$conf/users.acl.template" >"$run/users.acl"
exec redis-server "$conf/redis.conf" "$@"
