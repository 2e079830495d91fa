# Compares pairs of versions with packaging (Debian package python3-packaging); see ask-program.ts.
import sys

from packaging.version import InvalidVersion, Version

known = {}


def version(text):
    if text not in known:
        try:
            known[text] = Version(text)
        except InvalidVersion:
            known[text] = None
    return known[text]


for line in sys.stdin:
    a, b = map(version, line.rstrip("\n").split("\t"))
    print("x" if a is None or b is None else (a > b) - (a < b))
