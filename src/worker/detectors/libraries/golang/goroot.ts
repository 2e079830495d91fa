const TEST_DATA = '/testdata/';

/**
 * Matches a path in the sources of a Go installation, which is in a directory such as `go`, `go-1.24`, `golang`, or a
 * downloaded `toolchain@v0.0.1-go1.22.1.linux-amd64`.
 */
const SOURCES_OF_GO = /(?:^|\/)(?:go[^/]*|toolchain@v[^/]*)\/src\/([^/.]+)\//;

/** Returns whether a file is test data in the sources of Go itself, such as `usr/local/go/src/debug/elf/testdata/…`. */
export function isGoTestData(path: string): boolean {
  const at = path.indexOf(TEST_DATA);
  return at !== -1 && SOURCES_OF_GO.test(path.slice(0, at + 1));
}
