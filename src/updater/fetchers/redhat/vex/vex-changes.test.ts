import { describe, expect, it } from 'vitest';
import { changesSince, idOfVexPath, readVexChanges, vexPathOf } from './vex-changes.ts';
import { coversState, parseVexState, writeVexState } from './vex-state.ts';

const NOON = Date.UTC(2099, 0, 1, 12);

describe('a list of changes', () => {
  it('returns path and time of each change', () => {
    const text =
      '"2099/cve-2099-0001.json","2099-01-01T12:00:00+00:00"\r\n\n2099/CVE-2099-12345.json,2099-01-01T13:00:00+01:00';
    expect(readVexChanges(text)).toEqual({
      changes: [
        { path: '2099/cve-2099-0001.json', at: NOON },
        { path: '2099/cve-2099-12345.json', at: NOON },
      ],
      diagnostics: [],
    });
  });

  it.each([
    '"2099/../../secret.json","2099-01-01T12:00:00+00:00"',
    '"2099/rhsa-2099_0001.json","2099-01-01T12:00:00+00:00"',
    '"2099/cve-2099-0001.json"',
    '"2099/cve-2099-0001.json","yesterday"',
    '<html>',
  ])('records a diagnostic for %s', (line) => {
    const { changes, diagnostics } = readVexChanges(`${line}\n"2099/cve-2099-0002.json","2099-01-01T12:00:00+00:00"\n`);
    expect(changes).toHaveLength(1);
    expect(diagnostics).toEqual([`change skipped: missing or invalid path or time: ${line}`]);
  });

  it('returns changes since a time, and the last change of each document', () => {
    const at = (path: string, hours: number): { path: string; at: number } => ({ path, at: NOON + hours * 3_600_000 });
    const changed = [at('back', 2), at('late', 0), at('early', -1), at('gone', 1), at('both', 3)];
    const deleted = [at('back', 1), at('gone', 2), at('old', -1), at('both', 3)];
    expect(changesSince(NOON, changed, deleted)).toEqual({ paths: ['back', 'both', 'late'], deletedPaths: ['gone'] });
  });

  it('returns the identifier of a path, and the path of an archived document', () => {
    expect(idOfVexPath('2099/cve-2099-0001.json')).toBe('CVE-2099-0001');
    expect(vexPathOf('./vex/2099/CVE-2099-0001.json')).toBe('2099/cve-2099-0001.json');
  });
});

describe('the state of the feed', () => {
  const STATE = { archive: 'a', changedAt: NOON, changes: { etag: '"1"' }, deletions: { lastModified: 'then' } };

  it('is stored as one string', () => {
    expect(parseVexState(writeVexState(STATE))).toEqual(STATE);
  });

  it.each([undefined, '', '"W/1"', '{}', '{"changedAt": "now", "changes": {}, "deletions": {}}'])(
    'is unknown for %j',
    (text) => {
      expect(parseVexState(text)).toBeUndefined();
    },
  );

  it.each([
    ['the list reaches back to it', [{ path: 'a', at: NOON }], undefined, true],
    ['the list begins later', [{ path: 'a', at: NOON + 1 }], undefined, false],
    ['the list is empty', [], undefined, false],
    ['the archive is unchanged and the list is empty', [], 'a', true],
    ['the archive is newer', [{ path: 'a', at: NOON + 1 }], 'b', false],
  ])('is enough to continue when %s: %j', (_, changed, archive, expected) => {
    expect(coversState(changed, STATE, archive)).toBe(expected);
  });
});
