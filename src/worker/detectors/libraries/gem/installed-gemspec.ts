/** The name and version of an installed gem; undefined when absent. */
export type InstalledGem = { readonly name: string | undefined; readonly version: string | undefined };

/** RubyGems writes the name and the version in the first lines; the long lists follow. */
const MAX_BYTES = 64 * 1024;

/** The length of the shortest assignment, `s.name="x"`. */
const MIN_LINE_CHARACTERS = 10;

/** Longer lines contain lists of files. */
const MAX_LINE_CHARACTERS = 8 * 1024;

/** Matches `s.name = "rake".freeze`, or `s.name = %q{rake}` of RubyGems before 1.8. A literal contains no escapes. */
const ASSIGNMENT = /^\s*\w{1,32}\.(name|version)\s*=\s*(?:"([^"\\]*)"|'([^'\\]*)'|%q\{([^{}\\]*)\})(?:\.freeze)?\s*$/;

/** Matches the stub, the second line of the file, which RubyGems reads instead of the specification. */
const STUB = /^# stub: (\S+) (\S+) \S+ /;

/**
 * Reads the name and version from a specification that RubyGems wrote at installation (`Gem::Specification#to_ruby`);
 * both are literals. The code is never evaluated; without literals the stub line is used. The version does not include
 * the platform.
 */
export function readInstalledGemspec(bytes: Uint8Array): InstalledGem {
  const found = new Map<string, string>();
  let stub: RegExpExecArray | null = null;
  for (const line of lines(new TextDecoder().decode(bytes.subarray(0, MAX_BYTES)))) {
    if (line.length < MIN_LINE_CHARACTERS || line.length > MAX_LINE_CHARACTERS) continue;
    stub ??= STUB.exec(line);
    const [, field, ...values] = ASSIGNMENT.exec(line) ?? [];
    const value = values.find((each) => each !== undefined);
    if (field !== undefined && value !== undefined && !found.has(field)) found.set(field, value);
    if (found.size === 2) break;
  }
  return { name: found.get('name') ?? stub?.[1], version: found.get('version') ?? stub?.[2] };
}

function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    yield text.slice(start, end);
    start = end + 1;
  }
}
