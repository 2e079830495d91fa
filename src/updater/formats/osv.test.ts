import { describe, expect, it } from 'vitest';
import type { RecordDiagnostic } from '../../model/feed.ts';
import { collected, documentOf, parsed } from '../testing/feed-documents.ts';
import { noRecordDiagnostics } from '../advisories/record-diagnostics.ts';
import { boundsOf, type OsvRecord, osvParser, readOsvRecord, statusOf } from './osv.ts';
import { messagesOf } from '../testing/record-messages.ts';

const RANGES = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2-3' }] }];

function recordOf(fields: object): OsvRecord {
  const { record } = readOsvRecord({ id: 'TEST-2099-1', ...fields }, 'rpm');
  if (record === undefined) throw new Error('the record was skipped');
  return record;
}

function diagnosticsOf(fields: object): readonly RecordDiagnostic[] {
  return readOsvRecord({ id: 'TEST-2099-1', ...fields }, 'rpm').diagnostics;
}

describe('a record', () => {
  it('is read completely', () => {
    const record = recordOf({
      schema_version: '1.7.0',
      modified: '2099-01-01T00:00:00Z',
      published: '0001-01-01T00:00:00Z',
      aliases: ['CVE-2099-1'],
      upstream: ['CVE-2099-2'],
      related: ['CVE-2099-3'],
      summary: 'Important: gears',
      details: 'They jam.',
      references: [
        { type: 'ADVISORY', url: 'https://example.org/1' },
        { type: 'WEB', url: 'javascript:alert(1)' },
      ],
      affected: [
        {
          package: { ecosystem: 'Example:1', name: 'gears', purl: 'pkg:rpm/example/gears' },
          ecosystem_specific: { availability: 'for all' },
          database_specific: { cvss: null },
          ranges: RANGES,
        },
      ],
    });
    expect(record).toEqual({
      id: 'TEST-2099-1',
      aliases: ['CVE-2099-1'],
      upstream: ['CVE-2099-2'],
      related: ['CVE-2099-3'],
      isWithdrawn: false,
      modified: '2099-01-01T00:00:00Z',
      summary: 'Important: gears',
      details: 'They jam.',
      references: [{ type: 'ADVISORY', url: 'https://example.org/1' }],
      affected: [
        {
          ecosystem: 'Example:1',
          name: 'gears',
          purl: 'pkg:rpm/example/gears',
          specific: { availability: 'for all' },
          database: { cvss: null },
          intervals: [{ end: { kind: 'fixed', version: '1.2-3' } }],
        },
      ],
    });
  });

  it.each([
    ['absent', undefined],
    ['null', null],
  ])('is not withdrawn when the date is %s', (_, withdrawn) => {
    expect(recordOf({ withdrawn }).isWithdrawn).toBe(false);
  });

  it('is withdrawn from a valid date on', () => {
    expect(recordOf({ withdrawn: '2099-01-01T00:00:00Z', affected: 'gone' }).isWithdrawn).toBe(true);
  });

  it.each<[string, string | number, string]>([
    ['modified', '1-01-01T00:00:00Z', 'PYSEC-2024-55 has it'],
    ['modified', 'yesterday', 'no date'],
    ['published', '2024-13-41T00:00:00Z', 'no day'],
    ['withdrawn', '0001-01-01T00:00:00Z', 'the zero time of Go'],
    ['withdrawn', '1-01-01T00:00:00Z', 'no year'],
    ['withdrawn', 7, 'no text'],
  ])('is kept without a malformed date, with a diagnostic: %s %s, %s', (name, date, _why) => {
    const fields = { [name]: date, affected: [{ package: { ecosystem: 'Example:1', name: 'gears' }, ranges: RANGES }] };
    expect(recordOf(fields)).toMatchObject({ isWithdrawn: false, affected: [{ name: 'gears' }] });
    expect(diagnosticsOf(fields)).toEqual([
      { kind: 'inexact', message: `invalid dates ignored: ${name} ${JSON.stringify(date)}` },
    ]);
  });

  it('adds one diagnostic for several malformed dates', () => {
    expect(diagnosticsOf({ modified: '', published: '', withdrawn: '' })).toHaveLength(1);
    expect(diagnosticsOf({ modified: '2024-01-01T00:00:00.5+02:00', published: null })).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an array', []],
    ['null', null],
    ['an object without an identifier', {}],
    ['an object whose identifier has white space', { id: 'TEST 1' }],
    ['an object whose identifier is a number', { id: 7 }],
  ])('that is %s is skipped', (_, value) => {
    const { record, diagnostics } = readOsvRecord(value, 'rpm');
    expect(record).toBeUndefined();
    expect(diagnostics).toEqual([{ kind: 'skipped', message: expect.stringContaining('skipped') }]);
  });

  it('loses only the malformed field', () => {
    const fields = {
      aliases: ['not a name', 'CVE-2099-1'],
      summary: 7,
      references: 'none',
      affected: [
        { package: { name: 'no ecosystem' }, ranges: RANGES },
        { package: { ecosystem: 'Example:1', name: 'gears' }, ranges: RANGES },
        '(missing)',
      ],
    };
    const record = recordOf(fields);
    expect(record).toMatchObject({ aliases: ['CVE-2099-1'], summary: '', references: [] });
    expect(record.affected.map(({ name }) => name)).toEqual(['gears']);
    expect(diagnosticsOf(fields)).toHaveLength(3);
  });
});

describe('the severity', () => {
  const vector = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' };
  it.each<[string, object, string]>([
    ['among the scores', { severity: [vector, { type: 'Ubuntu', score: 'negligible' }] }, 'Negligible'],
    ['in database_specific', { severity: [vector], database_specific: { severity: 'MODERATE' } }, 'Medium'],
    ['in ecosystem_specific', { ecosystem_specific: { severity: 'Important' } }, 'High'],
    ['"none"', { database_specific: { severity: 'none' } }, 'Negligible'],
  ])('is taken from the word %s', (_, fields, severity) => {
    expect(recordOf(fields).severity).toEqual({ severity, from: 'feed' });
    const affected = [{ package: { ecosystem: 'Example:1', name: 'gears' }, ranges: RANGES, ...fields }];
    expect(recordOf({ affected }).affected[0]?.severity).toEqual({ severity, from: 'feed' });
  });

  it('adds a diagnostic when it is unknown', () => {
    const fields = { database_specific: { severity: 'spicy' } };
    expect(recordOf(fields)).not.toHaveProperty('severity');
    expect(diagnosticsOf(fields)).toEqual([{ kind: 'inexact', message: 'has an unknown severity: "spicy"' }]);
  });

  it('follows from the worst vector without a severity word', () => {
    const low = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L' };
    const old = { type: 'CVSS_V2', score: 'AV:L/AC:H/Au:M/C:N/I:N/A:P' };
    expect(recordOf({ severity: [low, vector, old] }).severity).toEqual({ severity: 'High', from: 'cvss' });
    expect(recordOf({ severity: [low] }).severity).toEqual({ severity: 'Low', from: 'cvss' });
  });

  it('ignores a malformed vector, with a diagnostic', () => {
    const fields = { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:Z' }, vector] };
    expect(recordOf(fields).severity).toEqual({ severity: 'High', from: 'cvss' });
    expect(diagnosticsOf(fields)).toEqual([
      { kind: 'inexact', message: 'has an invalid CVSS vector: "CVSS:3.1/AV:Z"' },
    ]);
  });

  it('is absent without a word or vector', () => {
    expect(recordOf({})).not.toHaveProperty('severity');
  });
});

describe('a document', () => {
  const parse = osvParser('rpm', ({ id }) => ({
    advisories: [{ id, link: '', description: '', affected: [] }],
    diagnostics: [{ kind: 'inexact' as const, message: 'is doubtful' }],
  }));

  it('is a record, converted by the feed', async () => {
    const { advisories, recordDiagnostics } = await parsed(parse, { id: 'TEST-2099-1', aliases: ['a b'] });
    expect(advisories.map(({ id }) => id)).toEqual(['TEST-2099-1']);
    expect(messagesOf(recordDiagnostics.examples)).toEqual([
      'TEST-2099-1 invalid alias ignored',
      'TEST-2099-1 is doubtful',
    ]);
  });

  it.each<[string, string | Uint8Array]>([
    ['truncated', '{"id":"TEST-2099-1","affec'],
    ['not JSON', '{TEST}'],
    ['not UTF-8', Buffer.from('{"id":"TEST-\xff"}', 'latin1')],
    ['a list of records', '[{"id":"TEST-2099-1"}]'],
  ])('that is %s is skipped, with a diagnostic', async (_, content) => {
    const { advisories, recordDiagnostics } = await parsed(parse, content);
    expect(advisories).toEqual([]);
    expect(recordDiagnostics.examples).toEqual([
      { kind: 'skipped', message: expect.stringMatching(/^(document )?skipped: /) },
    ]);
  });

  it('that is withdrawn returns nothing', async () => {
    const { advisories, recordDiagnostics } = await parsed(parse, {
      id: 'TEST-2099-1',
      withdrawn: '2099-01-01T00:00:00Z',
    });
    expect([advisories, recordDiagnostics.count]).toEqual([[], 0]);
  });

  it('without end is rejected', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024 * 1024, ' ');
    }
    const reading = collected(parse({ ...documentOf(''), stream: endless() }, noRecordDiagnostics()));
    await expect(reading).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
  });
});

describe('an interval in an advisory', () => {
  it.each([
    [{}, {}, 'open'],
    [{ isUnsure: true }, {}, 'unknown'],
    [{ end: { kind: 'fixed', version: '2' } }, { fixed: '2' }, 'fixed'],
    [{ introduced: '1', end: { kind: 'fixed', version: '2' } }, { introduced: '1', fixed: '2' }, 'fixed'],
    [{ end: { kind: 'last-affected', version: '2' } }, { lastAffected: '2' }, 'open'],
    [{ end: { kind: 'limit', version: '2' } }, { fixed: '2' }, 'open'],
  ] as const)('%j has the bounds %j and is %s', (interval, bounds, status) => {
    expect(boundsOf(interval)).toEqual(bounds);
    expect(statusOf(interval)).toBe(status);
  });
});
