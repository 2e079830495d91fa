/** A failed test, or an error outside of the tests of a file, for example in `beforeAll`. */
export type Failure = { readonly name: string; readonly text: string };

/** The results of a test file, whose path is relative to the repository. */
export type FileResults = {
  readonly path: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
};

/** The results of a test run, and the errors that belong to no test file. */
export type TestResults = { readonly files: readonly FileResults[]; readonly unhandled: readonly string[] };

/** More failed files than this are a broken change, and not tests that fail from time to time. */
const MAX_REPEATED_FILES = 3;

/** The maximum number of failures in the summary, and the maximum length of the text of each, in characters. */
const MAX_FAILURES = 20;
const MAX_TEXT = 1000;

/** Returns the paths of the failed files that CI runs again. Nothing is run again if errors belong to no file. */
export function filesToRepeat({ files, unhandled }: TestResults): readonly string[] {
  const failed = files.filter(({ failures }) => failures.length > 0).map(({ path }) => path);
  return failed.length > MAX_REPEATED_FILES || unhandled.length > 0 ? [] : failed;
}

/** Returns the lines that CI prints at its end, and whether all tests passed, some of them possibly when repeated. */
export function testSummary(
  first: TestResults,
  repeated: TestResults = { files: [], unhandled: [] },
): { readonly lines: readonly string[]; readonly hasPassed: boolean } {
  const again = new Map(repeated.files.map((file) => [file.path, file]));
  const files = first.files.map((file) => again.get(file.path) ?? file);
  const unstable = first.files.filter(({ path }) => again.has(path)).flatMap(({ failures }) => failures);
  const failed = [
    ...files.flatMap(({ failures }) => failures),
    ...[...first.unhandled, ...repeated.unhandled].map((text) => ({ name: 'outside of the test files', text })),
    ...(files.length === 0 ? [{ name: 'the test run', text: 'no test ran' }] : []),
  ];
  const passed = files.reduce((sum, file) => sum + file.passed, 0);
  const lines = [
    ...unstable.slice(0, MAX_FAILURES).map((failure) => `FAILED AT FIRST: ${described(failure)}`),
    ...failed.slice(0, MAX_FAILURES).map((failure) => `FAILED: ${described(failure)}`),
    `${passed} passed, ${failed.length} failed`,
  ];
  return { lines, hasPassed: failed.length === 0 };
}

function described({ name, text }: Failure): string {
  return `${name}\n  ${text.slice(0, MAX_TEXT)}`;
}
