#!/bin/sh
# Scans the image of a pipeline of GitLab: sh scan.sh, with the variables of scan-image.sh. Reads the project's own registry as the
# job may.
set -eu
integrations=$(cd "$(dirname "$0")/.." && pwd)

# The credentials of the job, as `docker login` leaves them, in a folder that neither the cache nor the artifacts have.
if [ -z "${DOCKER_CONFIG:-}" ] && [ -n "${CI_REGISTRY_PASSWORD:-}" ]; then
  DOCKER_CONFIG=$(mktemp -d)
  export DOCKER_CONFIG
  auth=$(printf '%s:%s' "$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD" | base64 | tr -d '\n')
  (umask 077 && printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$CI_REGISTRY" "$auth" > "$DOCKER_CONFIG/config.json")
fi

if [ -z "${CLAIR_PROGRAM:-}" ]; then
  CLAIR_PROGRAM=$(sh "$integrations/build-clair.sh")
  export CLAIR_PROGRAM
fi
mkdir -p "$(dirname "$CLAIR_DB")"
status=0
sh "$integrations/update-database.sh" || status=$?
# A feed that fails does not end the job: the scan judges the age of what there is.
case $status in 0 | 10) ;; *) exit "$status" ;; esac
exec sh "$integrations/scan-image.sh"
