#!/bin/sh
# Makes what is secret, once: run it again and what is there stays. Nothing is printed but names.
#
#   sh deploy/secrets.sh [FOLDER]     default: secrets/
#
# The folder is closed to everybody but its owner; the files in it are readable, because each container that is given
# one reads it as a user of its own.
set -eu
umask 077
folder=${1:-secrets}
mkdir -p "$folder" "$folder/ca" "$folder/tls"
chmod 700 "$folder"

keep() { # name: standard input becomes the file, unless there is one
  if [ -e "$folder/$1" ]; then
    cat >/dev/null
  else
    cat >"$folder/$1"
    echo "made $folder/$1"
  fi
  chmod 644 "$folder/$1"
}

random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

for name in postgres_superuser_password postgres_app_password postgres_exporter_password \
  redis_app_password redis_exporter_password collector_token grafana_admin_password; do
  random | keep "$name"
done

# The exporter looks its password up by the server's address, older versions without the user.
password=$(cat "$folder/redis_exporter_password")
address=${REDIS_ADDRESS:-redis:6379}
user=${REDIS_EXPORTER_USER:-exporter}
printf '{"redis://%s": "%s", "redis://%s@%s": "%s"}\n' "$address" "$password" "$user" "$address" "$password" |
  keep redis_exporter_passwords.json

# Yours to fill in. Until then mail, Slack and the dead man's switch fail, and Prometheus says so.
printf 'not-set' | keep smtp_password
printf 'https://slack.invalid/not-set' | keep slack_webhook_url
printf 'https://switch.invalid/not-set' | keep dead_mans_switch_url

chmod 755 "$folder/ca" "$folder/tls"
