import { expect, it } from 'vitest';
import type { LayerEntry } from '../../../layer/layer-contents.ts';
import { initialState, type LayerConclusion, nextState } from '../../../layer/layer-state.ts';
import { apk } from './detector.ts';

const LIB = 'lib/apk/db/installed';
const USR = 'usr/lib/apk/db/installed';
const MUSL = 'P:musl\nV:1.2.5-r1\nA:x86_64\n\n';
const HALF = `${MUSL}P:broken\n\n`;

function file(path: string, text: string): LayerEntry {
  return { kind: 'file', path, facts: apk.read(path, Buffer.from(text)) };
}

function conclusionOf(...entries: readonly LayerEntry[]): LayerConclusion {
  return nextState(initialState(), { whiteouts: [], opaque: [], entries, outside: 0 }, [apk]).conclusion;
}

it.each<[string, readonly LayerEntry[], number]>([
  ['in lib', [file(LIB, HALF)], 1],
  ['in usr/lib', [file(USR, HALF)], 1],
  ['in usr/lib, to which lib is a link', [{ kind: 'symlink', path: 'lib', target: 'usr/lib' }, file(USR, HALF)], 1],
  [
    'in lib, to which the file in usr/lib is a link',
    [file(LIB, HALF), { kind: 'symlink', path: USR, target: `/${LIB}` }],
    1,
  ],
  ['in both, twice', [file(LIB, HALF), file(USR, HALF)], 2],
])('returns each package once for a database %s', (_, entries, broken) => {
  const { features, diagnostics } = conclusionOf(...entries);
  expect([...features.values()].map(({ feature }) => feature.name)).toEqual(['musl']);
  const damage = diagnostics.filter(({ code }) => code === 'package-entry-unreadable');
  expect(damage).toHaveLength(broken);
});

it('reports no unreadable apk database when lib is a link, as in Debian', () => {
  const { diagnostics } = conclusionOf(
    { kind: 'directory', path: 'usr/lib' },
    { kind: 'symlink', path: 'lib', target: 'usr/lib' },
  );
  expect(diagnostics.map(({ code }) => code)).not.toContain('package-database-unreadable');
});
