#!/bin/sh
# A certificate to try the stack with: valid for thirty days, trusted by nobody but the stack's own probes.
#
#   sh deploy/self-signed.sh [DOMAIN] [FOLDER]     default: pazpaz.app secrets/
#
# A real one goes to the same place: FOLDER/tls/fullchain.pem and FOLDER/tls/privkey.pem, readable by nginx's user.
set -eu
umask 077
domain=${1:-pazpaz.app}
folder=${2:-secrets}
mkdir -p "$folder/tls" "$folder/ca"
chmod 755 "$folder/tls" "$folder/ca"
if [ -e "$folder/tls/privkey.pem" ]; then
  echo "kept $folder/tls"
  exit 0
fi
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$domain" -addext "subjectAltName=DNS:$domain" \
  -keyout "$folder/tls/privkey.pem" -out "$folder/tls/fullchain.pem" 2>/dev/null
cp "$folder/tls/fullchain.pem" "$folder/ca/self-signed.pem"
chmod 644 "$folder/tls/privkey.pem" "$folder/tls/fullchain.pem" "$folder/ca/self-signed.pem"
echo "made $folder/tls for $domain"
