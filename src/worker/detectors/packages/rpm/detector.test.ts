import { expect, it } from 'vitest';
import { bdbDatabase } from './testing/rpm-bdb.ts';
import { rpmHeader } from './testing/rpm-header.ts';
import { sqliteDatabase } from './testing/rpm-sqlite.ts';
import type { LayerEntry } from '../../../layer/layer-contents.ts';
import { initialState, type LayerConclusion, nextState } from '../../../layer/layer-state.ts';
import { exactPaths } from '../../path-pattern.ts';
import { rpm } from './detector.ts';

const VAR = 'var/lib/rpm';
const SYSIMAGE = 'usr/lib/sysimage/rpm';
const SHARE = 'usr/share/rpm';
const DATABASE = sqliteDatabase([rpmHeader(), Buffer.of(1)]);

function file(path: string, bytes: Uint8Array = DATABASE): LayerEntry {
  return { kind: 'file', path, facts: rpm.read(path, bytes) };
}

function link(path: string, target: string): LayerEntry {
  return { kind: 'symlink', path, target };
}

function conclusionOf(...entries: readonly LayerEntry[]): LayerConclusion {
  return nextState(initialState(), { whiteouts: [], opaque: [], entries, outside: 0 }, [rpm]).conclusion;
}

it('wants every name in every directory', () => {
  const names = ['Packages', 'Packages.db', 'rpmdb.sqlite', 'rpmdb.sqlite-wal'];
  const paths = [VAR, SYSIMAGE, SHARE].flatMap((directory) => names.map((name) => `${directory}/${name}`));
  expect(rpm.wants).toEqual(exactPaths(...paths));
});

it.each<[string, readonly LayerEntry[], number]>([
  ['in var', [file(`${VAR}/rpmdb.sqlite`)], 1],
  ['in usr/lib, to which var is a link', [file(`${SYSIMAGE}/rpmdb.sqlite`), link(VAR, `../../${SYSIMAGE}`)], 1],
  [
    'in usr/share, to which both are links',
    [file(`${SHARE}/rpmdb.sqlite`), link(VAR, `/${SHARE}`), link(SYSIMAGE, `/${SHARE}`)],
    1,
  ],
  [
    'in var, to which the file in usr/lib is a link',
    [file(`${VAR}/rpmdb.sqlite`), link(`${SYSIMAGE}/rpmdb.sqlite`, `/${VAR}/rpmdb.sqlite`)],
    1,
  ],
  ['of another format than its name suggests', [file(`${VAR}/Packages`)], 1],
  [
    'in two directories and two formats',
    [file(`${SYSIMAGE}/rpmdb.sqlite`), file(`${VAR}/Packages`, bdbDatabase([rpmHeader()]))],
    1,
  ],
  ['in two directories, damaged twice', [file(`${VAR}/rpmdb.sqlite`), file(`${SYSIMAGE}/rpmdb.sqlite`)], 2],
])('returns each package once for a database %s', (_, entries, broken) => {
  const { features, diagnostics } = conclusionOf(...entries);
  expect([...features.values()].map(({ feature }) => feature.name)).toEqual(['a']);
  const damage = diagnostics.filter(({ code }) => code === 'package-entry-unreadable');
  expect(damage).toHaveLength(broken);
});

it('reports an unreadable log, but not an empty log', () => {
  const wal = `${VAR}/rpmdb.sqlite-wal`;
  const codesWith = (bytes: Uint8Array): readonly string[] =>
    conclusionOf(file(`${VAR}/rpmdb.sqlite`, sqliteDatabase([rpmHeader()])), file(wal, bytes)).diagnostics.map(
      ({ code }) => code,
    );
  expect(codesWith(new Uint8Array(0))).toEqual(['distribution-unknown']);
  expect(codesWith(Buffer.alloc(4096, 1))).toEqual(['distribution-unknown', 'package-database-unreadable']);
});

it('reports a database that a later layer empties as removed', () => {
  const layer = (headers: readonly Uint8Array[]): Parameters<typeof nextState>[1] => {
    return { whiteouts: [], opaque: [], entries: [file(`${VAR}/rpmdb.sqlite`, sqliteDatabase(headers))], outside: 0 };
  };
  const { state } = nextState(initialState(), layer([rpmHeader()]), [rpm]);
  const { features, diagnostics } = nextState(state, layer([]), [rpm]).conclusion;
  expect(features.size).toBe(0);
  expect(diagnostics.map(({ code }) => code)).toContain('package-database-removed');
});
