import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { finding, reportWith } from '../../report/testing/reports.ts';
import { ClairError } from '../../errors.ts';
import { formatOption, type ReportOutput, reportOutputs, writeReports } from './report-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = (...texts: readonly string[]): readonly ReportOutput[] | undefined =>
  texts.reduce<readonly ReportOutput[] | undefined>((before, text) => formatOption(text, before), undefined);

describe('reportOutputs', () => {
  it.each([
    [[], undefined, [['table', null]]],
    [['json'], undefined, [['json', null]]],
    [['json'], 'a', [['json', 'a']]],
    [['sarif=a=b'], undefined, [['sarif', 'a=b']]],
    [['sarif'], 'a,b.json', [['sarif', 'a,b.json']]],
    [
      ['table,json=a,sarif=b'],
      undefined,
      [
        ['table', null],
        ['json', 'a'],
        ['sarif', 'b'],
      ],
    ],
    [
      ['table', 'json=a', 'sarif=b'],
      undefined,
      [
        ['table', null],
        ['json', 'a'],
        ['sarif', 'b'],
      ],
    ],
  ] as const)('--format %j --output %s', (formats, output, outputs) => {
    expect(reportOutputs(asked(...formats), output).map(({ format, path }) => [format.id, path])).toEqual(outputs);
  });

  it.each([
    [['json', 'table'], undefined, 'only one format can be written to standard output, not json and table'],
    [['json,table'], 'a', 'only one format can be written to --output a, not json and table'],
    [['json=a'], 'b', '--output b has no effect'],
    [['json=a', 'sarif=a'], undefined, 'two formats name the same file a'],
    [['json=a', 'sarif'], 'a', 'two formats name the same file a'],
  ] as const)('--format %j --output %s is an error', (formats, output, words) => {
    expect(() => reportOutputs(asked(...formats), output)).toThrow(words);
  });

  it.each([
    ['pdf', 'must be one of'],
    ['', 'must be one of'],
    ['=a', 'must be one of'],
    ['json=', 'names no file'],
    ['json,pdf', 'must be one of'],
    ['json,', 'must be one of'],
    ['cyclonedx=x,tabel', '"tabel" must be one of'],
    ['table=z,bogus=1', '"bogus" must be one of'],
    ['sarif=a,b.json', 'For a file name with a comma, use --output'],
  ])('--format %s is an error', (text, words) => expect(() => formatOption(text)).toThrow(words));
});

describe('writeReports', () => {
  const out: string[] = [];
  const err: string[] = [];
  const console = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    signal: new AbortController().signal,
  };

  it('replaces files without leftovers, and writes the other format to standard output', async () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    const outputs = reportOutputs(asked(`json=${path}`, 'markdown'));
    await writeReports(outputs, reportWith(), console, { colors: true, columns: 20 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(reportWith());
    expect(readdirSync(folder)).toEqual(['report.json']);
    expect(out).toEqual([expect.stringContaining('### Clair')]);
    await writeReports(outputs, [reportWith()], console, {});
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual([reportWith()]);
  });

  it('skips a format without a document, reports it, and removes an earlier file', async () => {
    out.length = 0;
    const path = join(folder, 'image.openvex.json');
    writeFileSync(path, 'from an earlier run');
    for (const reports of [reportWith(), [reportWith()]]) {
      await writeReports(reportOutputs(asked(`openvex=${path}`)), reports, console, {});
      await writeReports(reportOutputs(asked('openvex')), reports, console, {});
    }
    expect([existsSync(path), out, new Set(err)]).toEqual([
      false,
      [],
      new Set([expect.stringMatching(/^clair: cannot write an OpenVEX document: .*\n$/)]),
    ]);
    await writeReports(reportOutputs(asked(`openvex=${path}`)), reportWith({ findings: [finding()] }), console, {});
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ statements: [{ status: 'affected' }] });
    rmSync(path);
  });

  it('names a file that cannot be written before it writes to standard output', async () => {
    out.length = 0;
    const outputs = reportOutputs(asked('table', `json=${join(folder, 'none', 'report.json')}`));
    const error = await writeReports(outputs, reportWith(), console, {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClairError);
    expect(error).toMatchObject({ code: 'export/unwritable', message: expect.stringContaining('report.json') });
    expect(out).toEqual([]);
  });
});
