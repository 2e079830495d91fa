#!/bin/sh
# Scans the image of a GitLab pipeline, with the variables of scan-image.sh and the variables of GitLab's own container scanning:
#
#   CS_IMAGE                                       image; default $CI_APPLICATION_REPOSITORY:$CI_APPLICATION_TAG, by default
#                                                  $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA
#   CS_REGISTRY_USER, CS_REGISTRY_PASSWORD         credentials for the registry of the image
#   CS_SEVERITY_THRESHOLD                          lowest severity that the reports list
#   CS_DEFAULT_BRANCH_IMAGE                        image by which GitLab tracks the findings of all images of the project
#
# The job's own credentials are for the registry of the project.
set -eu
integrations=$(cd "$(dirname "$0")/.." && pwd)

image=${CS_IMAGE:-${CI_APPLICATION_REPOSITORY:-$CI_REGISTRY_IMAGE}:${CI_APPLICATION_TAG:-$CI_COMMIT_SHA}}
export CLAIR_TARGET="${CLAIR_TARGET:-registry:$image}"

case ${CS_SEVERITY_THRESHOLD:-} in
  '') ;;
  [Uu][Nn][Kk][Nn][Oo][Ww][Nn]) listed= ;;
  [Ll][Oo][Ww]) listed=low,medium,high,critical,defcon1 ;;
  [Mm][Ee][Dd][Ii][Uu][Mm]) listed=medium,high,critical,defcon1 ;;
  [Hh][Ii][Gg][Hh]) listed=high,critical,defcon1 ;;
  [Cc][Rr][Ii][Tt][Ii][Cc][Aa][Ll]) listed=critical,defcon1 ;;
  *)
    echo "clair: CS_SEVERITY_THRESHOLD must be UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL, not \"$CS_SEVERITY_THRESHOLD\"" >&2
    exit 2
    ;;
esac
export CLAIR_SEVERITY="${CLAIR_SEVERITY:-${listed:-}}"

# Prints an entry of the file that `docker login` writes.
login() {
  printf '"%s":{"auth":"%s"}' "$1" "$(printf '%s:%s' "$2" "$3" | base64 | tr -d '\n')"
}

# Writes the credentials as `docker login` does, into a folder outside of cache and artifacts.
if [ -z "${DOCKER_CONFIG:-}" ]; then
  auths=
  [ -z "${CI_REGISTRY_PASSWORD:-}" ] || auths=$(login "$CI_REGISTRY" "$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD")
  if [ -n "${CS_REGISTRY_PASSWORD:-}" ]; then
    host=${image%%/*}
    # Only a first part with a dot, a colon or the name localhost is a host; other images are on Docker Hub.
    case $host in "$image") host=docker.io ;; *.* | *:* | localhost) ;; *) host=docker.io ;; esac
    [ "$host" != docker.io ] || host=https://index.docker.io/v1/
    # The last entry of a host counts.
    auths=${auths:+$auths,}$(login "$host" "${CS_REGISTRY_USER:-}" "$CS_REGISTRY_PASSWORD")
  fi
  if [ -n "$auths" ]; then
    DOCKER_CONFIG=$(mktemp -d)
    export DOCKER_CONFIG
    (umask 077 && printf '{"auths":{%s}}\n' "$auths" > "$DOCKER_CONFIG/config.json")
  fi
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
