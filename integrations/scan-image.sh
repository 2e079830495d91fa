#!/bin/sh
# Scans an image for a build. Exits with the status of Clair: 0 the build passes, 2 the image could not be scanned, 3 the report is
# incomplete, 4 the gate found findings.
#
#   CLAIR_TARGET            image, in any form that `clair scan` takes
#   CLAIR_COMPARE_WITH      earlier image: its findings do not fail the build; without it, every finding counts
#   CLAIR_FAIL_ON           severities or kev, separated by spaces; default High; empty for no gate
#   CLAIR_ONLY_FIXED        true (default) or false: count only findings that an upgrade fixes
#   CLAIR_UNRATED           fail or ignore findings without a severity; by default they make the report incomplete
#   CLAIR_SEVERITY          severities that the reports list, such as high,critical; default all; the gate judges every finding
#   CLAIR_IGNORE            ignore file
#   CLAIR_VEX               VEX document
#   CLAIR_ALLOW_INCOMPLETE  true or false (default): pass although the report is incomplete
#   CLAIR_ALLOW_EOL         true or false (default): accept a release past its end of life
#   CLAIR_ALLOW_NO_DISTRIBUTION  true or false (default): accept an image without a distribution and without packages
#   CLAIR_REPORTS           folder of the reports; default clair-reports
#   CLAIR_PROGRAM           program; default clair
#   CLAIR_DB                database, see update-database.sh
#
# Writes report.json, report.md, report.sarif, report.xml (JUnit), report.cdx.json (CycloneDX), gl-container-scanning-report.json
# (GitLab) and summary.md into the folder, and difference.md if there is an earlier image. summary.md joins the Markdown pages.
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
allow_no_distribution=${CLAIR_ALLOW_NO_DISTRIBUTION:-false}
[ -n "$target" ] || fail 'CLAIR_TARGET is not set: set it to an image'
# Reject `-`: the scan and the comparison would both read standard input.
case $target in -*) fail "CLAIR_TARGET must be an image, not \"$target\"" ;; esac
case $earlier in -*) fail "CLAIR_COMPARE_WITH must be an image, not \"$earlier\"" ;; esac
check_boolean CLAIR_ONLY_FIXED "$only_fixed"
check_boolean CLAIR_ALLOW_INCOMPLETE "$allow_incomplete"
case $unrated in '' | fail | ignore) ;; *) fail "CLAIR_UNRATED must be fail or ignore, not \"$unrated\"" ;; esac
check_boolean CLAIR_ALLOW_EOL "$allow_eol"
check_boolean CLAIR_ALLOW_NO_DISTRIBUTION "$allow_no_distribution"

# Remove the reports of an earlier run.
mkdir -p "$reports"
rm -f "$reports/report.json" "$reports/report.md" "$reports/report.sarif" "$reports/report.xml" \
  "$reports/report.cdx.json" "$reports/gl-container-scanning-report.json" "$reports/difference.md" "$reports/summary.md"

scan() {
  [ -z "${CLAIR_SEVERITY:-}" ] || set -- "$@" --severity "$CLAIR_SEVERITY"
  "$program" scan "$@" --format table --format "json=$reports/report.json" --format "markdown=$reports/report.md" \
    --format "sarif=$reports/report.sarif" --format "junit=$reports/report.xml" \
    --format "cyclonedx=$reports/report.cdx.json" --format "gitlab=$reports/gl-container-scanning-report.json" -- "$target"
}

# Options of both commands.
set --
[ -z "${CLAIR_IGNORE:-}" ] || set -- "$@" --ignore "$CLAIR_IGNORE"
[ -z "${CLAIR_VEX:-}" ] || set -- "$@" --vex "$CLAIR_VEX"
if $allow_eol; then set -- "$@" --allow-eol; fi
if $allow_no_distribution; then set -- "$@" --allow-no-distribution; fi

status=0
if [ -n "$earlier" ]; then
  scan "$@" || status=$?
  case $status in 0 | 3) ;; *) exit "$status" ;; esac
fi

# Options of the gate.
has_gate=false
judges_severity=false
for bound in ${CLAIR_FAIL_ON-High}; do
  set -- "$@" --fail-on "$bound"
  has_gate=true
  [ "$bound" = kev ] || judges_severity=true
done
if $has_gate && $only_fixed; then set -- "$@" --fail-on-fixed; fi
if $judges_severity && [ -n "$unrated" ]; then set -- "$@" --unrated "$unrated"; fi

compare() {
  status=0
  errors=$(mktemp)
  "$program" diff "$@" --format markdown -- "$earlier" "$target" > "$reports/difference.md" 2> "$errors" || status=$?
  cat "$errors" >&2
  # The scan read the image itself, so these errors are about the earlier image.
  is_missing=false
  if [ "$status" -eq 2 ] && grep -q -e '\[image/not-found\]' -e '\[registry/denied\]' "$errors"; then is_missing=true; fi
  rm -f "$errors"
  if $is_missing; then
    echo "clair: cannot read $earlier: every finding counts as new" >&2
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
    echo 'clair: the report is incomplete, findings may be missing; CLAIR_ALLOW_INCOMPLETE accepts this' >&2
    exit 0
  fi
  echo 'clair: the report is incomplete, findings may be missing: see the lines above and the diagnostics of the report' >&2
fi
exit "$status"
