import type { Detector, FileFacts } from '../detector.ts';
import { childrenOf, exactPaths } from '../path-pattern.ts';

/**
 * Reads the suites that apt is configured to use, in both formats (sources.list(5)). The suites distinguish Debian's
 * testing from unstable, which have the same release files.
 */
export const aptSources: Detector = {
  id: 'apt-sources',
  kind: 'os',
  version: 1,
  wants: [...exactPaths('etc/apt/sources.list'), ...childrenOf('etc/apt/sources.list.d')],
  read: readAptSources,
};

/** Returns the suites of a file, separated by blanks, from entries with the component `main`. */
function readAptSources(path: string, bytes: Uint8Array): FileFacts {
  const text = new TextDecoder().decode(bytes);
  if (path.endsWith('.sources')) return facts(deb822Suites(text));
  if (path.endsWith('.list')) return facts(oneLineSuites(text));
  // apt reads only files with these two suffixes.
  return { diagnostics: [] };
}

function facts(suites: readonly string[]): FileFacts {
  return suites.length === 0 ? { diagnostics: [] } : { release: { SUITES: suites.join(' ') }, diagnostics: [] };
}

function oneLineSuites(text: string): string[] {
  const suites: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, suite, components = ''] = ENTRY_PATTERN.exec(line) ?? [];
    const isMain = components.replace(/#.*/, '').split(/\s+/).includes('main');
    if (suite !== undefined && isMain) suites.push(suite);
  }
  return suites;
}

/**
 * Matches `deb [options] uri suite component...`. Brackets in a URI contain an IPv6 address or a disc name with blanks.
 */
const ENTRY_PATTERN = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(?:\[[^\]]*\]|[^\s[#])+\s+([^\s#]+)\s+(.*)$/;

/** Returns the suites in a deb822 file, by the fields `Types`, `Suites`, `Components` and `Enabled` of each stanza. */
function deb822Suites(text: string): string[] {
  const suites: string[] = [];
  for (const stanza of text.replaceAll('\r', '').split(/\n[ \t]*\n/)) {
    const fields = new Map<string, string[]>();
    let words: string[] = [];
    for (const line of stanza.split('\n')) {
      if (line.startsWith('#')) continue;
      const colon = line.indexOf(':');
      const continued = /^[ \t]/.test(line);
      if (!continued && colon > 0) {
        words = [];
        fields.set(line.slice(0, colon).toLowerCase(), words);
      }
      const value = line.slice(continued ? 0 : colon + 1).trim();
      for (const word of value.split(/\s+/)) words.push(word);
    }
    if (/^(no|false|without|off|disable)$/i.test(fields.get('enabled')?.[0] ?? 'yes')) continue;
    if (fields.get('types')?.includes('deb') !== true || fields.get('components')?.includes('main') !== true) continue;
    for (const suite of fields.get('suites') ?? []) if (suite !== '') suites.push(suite);
  }
  return suites;
}
