#!/bin/sh
# Scans an image for a build. The exit status says whether the build goes on, and is that of Clair: 0 it does, 2 the image could
# not be scanned, 3 the answer is incomplete, 4 there are findings that hold the build up.
#
#   CLAIR_TARGET            the image, in any form that `clair scan` takes
#   CLAIR_COMPARE_WITH      an earlier image: what it has too does not hold the build up; everything does when it is not set
#   CLAIR_FAIL_ON           severities, or kev, with spaces between; High when it is not set, nothing when it is empty
#   CLAIR_ONLY_FIXED        true (the default) or false: whether only what an upgrade fixes holds up
#   CLAIR_UNRATED           fail or ignore: what becomes of findings without a severity; when it is not set, the answer is incomplete
#   CLAIR_IGNORE            an ignore file
#   CLAIR_VEX               a VEX document
#   CLAIR_ALLOW_INCOMPLETE  true or false (the default): whether the build goes on when the answer is incomplete
#   CLAIR_ALLOW_EOL         true or false (the default): whether an image of a release that is out of support has a complete answer
#   CLAIR_REPORTS           the folder of the reports; clair-reports when it is not set
#   CLAIR_PROGRAM           the program; `clair` when it is not set
#   CLAIR_DB                the database, see update-database.sh
#
# Writes report.json, report.md, report.sarif, report.xml (JUnit) and report.cdx.json (CycloneDX) into the folder, difference.md
# when there is an image to compare with, and summary.md: what people should see.
set -euf

fail() {
  echo "clair: $1" >&2
  exit 2
}

check_boolean() {
  case $2 in true | false) ;; *) fail "$1 must be true or false, not \"$2\"" ;; esac
}

program=${CLAIR_PROGRAM:-clair}
target=${CLAIR_TARGET:-}
earlier=${CLAIR_COMPARE_WITH:-}
reports=${CLAIR_REPORTS:-clair-reports}
only_fixed=${CLAIR_ONLY_FIXED:-true}
unrated=${CLAIR_UNRATED:-}
allow_incomplete=${CLAIR_ALLOW_INCOMPLETE:-false}
allow_eol=${CLAIR_ALLOW_EOL:-false}
[ -n "$target" ] || fail 'CLAIR_TARGET names no image'
# Standard input can be read only once, and here it is nobody's.
case $target in -*) fail "CLAIR_TARGET: \"$target\" is no image" ;; esac
case $earlier in -*) fail "CLAIR_COMPARE_WITH: \"$earlier\" is no image" ;; esac
check_boolean CLAIR_ONLY_FIXED "$only_fixed"
check_boolean CLAIR_ALLOW_INCOMPLETE "$allow_incomplete"
case $unrated in '' | fail | ignore) ;; *) fail "CLAIR_UNRATED must be fail or ignore, not \"$unrated\"" ;; esac
check_boolean CLAIR_ALLOW_EOL "$allow_eol"

# Reports of an earlier run must not pass for those of this one.
mkdir -p "$reports"
rm -f "$reports/report.json" "$reports/report.md" "$reports/report.sarif" "$reports/report.xml" \
  "$reports/report.cdx.json" "$reports/difference.md" "$reports/summary.md"

scan() {
  "$program" scan "$@" --format table --format "json=$reports/report.json" --format "markdown=$reports/report.md" \
    --format "sarif=$reports/report.sarif" --format "junit=$reports/report.xml" \
    --format "cyclonedx=$reports/report.cdx.json" -- "$target"
}

# What both commands judge by.
set --
[ -z "${CLAIR_IGNORE:-}" ] || set -- "$@" --ignore "$CLAIR_IGNORE"
[ -z "${CLAIR_VEX:-}" ] || set -- "$@" --vex "$CLAIR_VEX"
if $allow_eol; then set -- "$@" --allow-eol; fi

status=0
if [ -n "$earlier" ]; then
  scan "$@" || status=$?
  case $status in 0 | 3) ;; *) exit "$status" ;; esac
fi

# The gate, where there is something to hold up.
has_gate=false
judges_severity=false
for bound in ${CLAIR_FAIL_ON-High}; do
  set -- "$@" --fail-on "$bound"
  has_gate=true
  [ "$bound" = kev ] || judges_severity=true
done
if $has_gate && $only_fixed; then set -- "$@" --only-fixed; fi
if $judges_severity && [ -n "$unrated" ]; then set -- "$@" --unrated "$unrated"; fi

compare() {
  status=0
  errors=$(mktemp)
  "$program" diff "$@" --format markdown -- "$earlier" "$target" > "$reports/difference.md" 2> "$errors" || status=$?
  cat "$errors" >&2
  # The image itself was just scanned: it is the earlier one that is not there, or may not be read.
  is_missing=false
  if [ "$status" -eq 2 ] && grep -q -e '\[image/not-found\]' -e '\[registry/denied\]' "$errors"; then is_missing=true; fi
  rm -f "$errors"
  if $is_missing; then
    echo "clair: $earlier cannot be compared with: everything in the image counts as new" >&2
    rm -f "$reports/difference.md"
    status=0
    scan "$@" || status=$?
  fi
}

if [ -n "$earlier" ]; then compare "$@"; else scan "$@" || status=$?; fi

case $status in
  0 | 3 | 4)
    for part in difference.md report.md; do
      [ ! -f "$reports/$part" ] || { cat "$reports/$part"; echo; } >> "$reports/summary.md"
    done
    ;;
esac
if [ "$status" -eq 3 ]; then
  if $allow_incomplete; then
    echo 'clair: the answer is incomplete: findings may be missing; CLAIR_ALLOW_INCOMPLETE lets that pass' >&2
    exit 0
  fi
  echo 'clair: the answer is incomplete, which is no all-clear: the lines above or the diagnostics in the report say why' >&2
fi
exit "$status"
