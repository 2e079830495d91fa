#!/bin/sh
# Builds Clair from the repository of this file and prints the path of the program. Needs Node and npm. The output of npm goes to
# standard error.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm > /dev/null; then
  echo 'clair: npm not found: install Node 20, 22 or 24 to build Clair, or set CLAIR_PROGRAM to an executable' >&2
  exit 2
fi
{
  npm ci --no-audit --no-fund
  npm run build
} >&2
printf '%s\n' "$PWD/dist/main.js"
