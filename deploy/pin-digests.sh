#!/bin/sh
# Writes behind each tag of monitoring/versions.env the digest that it stands for today: name:tag@sha256:…
# A tag that already has one is asked again, so run this after a bump and read the diff.
#
#   sh deploy/pin-digests.sh [FILE]
set -eu
file=${1:-monitoring/versions.env}
new=$(mktemp)
trap 'rm -f "$new"' EXIT
while IFS= read -r line; do
  case $line in
  [A-Z]*_IMAGE=*)
    image=${line#*=}
    image=${image%@*}
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
    case $digest in
    sha256:*) echo "${line%%=*}=$image@$digest" ;;
    *)
      echo "no digest for $image" >&2
      exit 1
      ;;
    esac
    ;;
  *) printf '%s\n' "$line" ;;
  esac
done <"$file" >"$new"
cat "$new" >"$file"
