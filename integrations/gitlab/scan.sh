#!/bin/sh
# Scans the image of a GitLab pipeline, with the variables of scan-image.sh and the job's credentials for the project's registry.
set -eu
integrations=$(cd "$(dirname "$0")/.." && pwd)

# Writes the job's credentials as `docker login` does, into a folder outside of cache and artifacts.
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
# A failed feed does not end the job: the scan checks the age of its data.
case $status in 0 | 10) ;; *) exit "$status" ;; esac
exec sh "$integrations/scan-image.sh"
