#!/bin/sh
# Builds Clair from the repository that this file lies in, and prints the path of the program. Needs Node and npm; what npm
# says goes to standard error.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm > /dev/null; then
  echo 'clair: there is no npm here to build Clair: install Node 20, 22 or 24, or name a program that is built' >&2
  exit 2
fi
{
  npm ci --no-audit --no-fund
  npm run build
} >&2
printf '%s\n' "$PWD/dist/main.js"
