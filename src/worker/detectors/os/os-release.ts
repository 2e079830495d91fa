import type { Detector, FileFacts } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';

/** Reads os-release files: `/etc/os-release` and its fallback in `/usr/lib` (os-release(5), freedesktop.org). */
export const osRelease: Detector = {
  id: 'os-release',
  kind: 'os',
  version: 1,
  wants: exactPaths('etc/os-release', 'usr/lib/os-release'),
  read: (path, bytes) => readAssignments(path, bytes, 'ID=debian'),
};

/**
 * Reads a release file with one shell assignment per line; the last assignment of a name is used. A file without
 * assignments results in a diagnostic that shows `example`.
 */
export function readAssignments(path: string, bytes: Uint8Array, example: string): FileFacts {
  const release: Record<string, string> = {};
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    const assignment = ASSIGNMENT_PATTERN.exec(line);
    const [, name, word] = assignment ?? [];
    // Other lines are not an error: os-release(5) lets distributions add content.
    if (name !== undefined && word !== undefined) release[name] = unquoted(word);
  }
  if (Object.keys(release).length > 0) return { release, diagnostics: [] };
  const message = `${path} has no assignment such as ${example}`;
  return { diagnostics: [{ code: 'release-file-unreadable', message, where: path }] };
}

const ASSIGNMENT_PATTERN = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/**
 * Unquotes one shell word (POSIX shell, 2.2 Quoting). A backslash escapes any character outside quotes, only the
 * {@link ESCAPED_IN_QUOTES} in double quotes, and none in single quotes. A blank or a semicolon outside quotes ends the
 * word.
 */
function unquoted(word: string): string {
  let value = '';
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < word.length; at += 1) {
    const character = word.charAt(at);
    const next = word.charAt(at + 1);
    if (quote === "'") {
      if (character === "'") quote = undefined;
      else value += character;
    } else if (character === '\\' && next !== '' && (quote === undefined || ESCAPED_IN_QUOTES.includes(next))) {
      value += next;
      at += 1;
    } else if (character === '"') {
      quote = quote === undefined ? '"' : undefined;
    } else if (quote === undefined && character === "'") {
      quote = "'";
    } else if (quote === undefined && ' \t;'.includes(character)) {
      break;
    } else {
      value += character;
    }
  }
  return value;
}

const ESCAPED_IN_QUOTES = '$`"\\';
