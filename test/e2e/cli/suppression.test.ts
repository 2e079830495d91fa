import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { composeClair } from '../../../src/compose/clair.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive, writeOciLayout } from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-suppression-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const database = inFolder('clair.db');
const archive = inFolder('image.tar');

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair(args);
}

async function scanned(...args: readonly string[]): Promise<CliRun & { readonly report: Report }> {
  const outcome = await clair('scan', archive, '--db', database, '--format', 'json', ...args);
  return { ...outcome, report: JSON.parse(outcome.out) };
}

function file(name: string, content: string): string {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
}

const idsOf = (findings: readonly { readonly id: string }[]): string => findings.map(({ id }) => id.at(-1)).join('');

beforeAll(async () => {
  const layers = (await buildDemoLayers()).slice(0, 2);
  writeFileSync(archive, await buildDockerArchive(layers, 'test:1'));
  writeOciLayout(inFolder('base'), layers.slice(0, 1), 'base');
  writeOciLayout(inFolder('other'), layers.slice(1), 'other');
  await clair('update', '--feed', 'debian', '--from', DEMO_FEED, '--db', database);
});

describe('clair scan', () => {
  it('suppresses findings by ignore files, and lists them separately', async () => {
    const all = (await scanned()).report.findings;
    const ignore = file(
      'ignore.yaml',
      '- {id: CVE-2099-0001, package: openssl, layer: own, reason: not used}\n- {id: CVE-1, reason: r}',
    );
    const statement = { status: 'not_affected', justification: 'component_not_present' };
    const vex = file(
      'vex.json',
      JSON.stringify({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        author: 'A',
        timestamp: '2026-01-01T00:00:00Z',
        statements: [
          { ...statement, vulnerability: { name: 'CVE-2099-0005' }, products: [{ '@id': 'pkg:deb/debian/zlib1g' }] },
        ],
      }),
    );
    const { status, report } = await scanned('--base', '1', '--ignore', ignore, '--vex', vex);
    expect(status).toBe(0);
    expect(report.suppressed.map(({ id, package: name, suppression: { by, where } }) => [id, name, by, where])).toEqual(
      [
        ['CVE-2099-0001', 'openssl', 'ignore', `${ignore}, line 1`],
        ['CVE-2099-0005', 'zlib1g', 'openvex', `${vex}, statement 1`],
      ],
    );
    expect(report.findings.length + report.suppressed.length).toBe(all.length);
    // The openssl library of the base is still affected.
    expect(report.findings).toContainEqual(expect.objectContaining({ id: 'CVE-2099-0001', package: 'libssl3' }));
    expect(report.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'suppression-unmatched', where: ignore }),
    );
    const { out } = await clair('scan', archive, '--db', database, '--ignore', ignore);
    expect(out).toContain('Note  suppression-unmatched: ');
  });

  it('rejects an invalid file before the scan: status 2', async () => {
    const { status, err } = await clair('scan', archive, '--db', database, '--ignore', file('bad.yaml', '- {id: a}'));
    expect({ status, err }).toEqual({
      status: 2,
      err: expect.stringMatching(
        /line 1: an entry must have a reason\n.*docs\/how-to\/suppress-findings\.md.* \[suppression\/invalid\]\n$/,
      ),
    });
  });

  it.each([
    [
      ['--fail-on', 'High'],
      4,
      /^clair: linux\/amd64: \d findings of severity high or higher: CVE-2099-0001 in libssl3, /,
    ],
    [['--fail-on', 'critical'], 0, /^$/],
    [['--fail-on', 'kev'], 3, /^clair: linux\/amd64: --fail-on kev may miss findings: .* is not stored; .*\n$/],
    [['--fail-on', 'kev', '--fail-on', 'negligible'], 4, / in the KEV catalog, or of severity negligible or higher: /],
    [['--fail-on', 'high', '--only-fixed'], 4, / with a fix of severity high or higher: CVE-2099-0001 in /],
    [['--fail-on-fixed'], 2, /--fail-on-fixed has no effect without --fail-on/],
    [['--fail-on', 'worst'], 2, /"worst" must be one of unknown, .*, or kev\./],
  ])('%j exits with status %d', async (args, status, err) => {
    expect(await clair('scan', archive, '--db', database, ...args)).toMatchObject({
      status,
      err: expect.stringMatching(err),
    });
  });

  it('does not fail because of suppressed findings', async () => {
    const ignore = file('high.yaml', '- {id: CVE-2099-0001, reason: accepted}');
    const args = ['--fail-on', 'High', '--ignore', ignore];
    expect((await scanned(...args)).status).toBe(0);
    writeFileSync(ignore, '- {id: CVE-2099-0001, reason: accepted, expires: 2020-01-01}');
    const expired = await scanned(...args);
    expect(expired.status).toBe(4);
    expect(expired.report.diagnostics).toContainEqual(expect.objectContaining({ code: 'suppression-expired' }));
  });

  it('prints both reasons when it fails and is incomplete: status 4', async () => {
    const feed = JSON.stringify({
      openssl: {
        'CVE-2099-0001': {
          releases: { bookworm: { status: 'resolved', fixed_version: '3.0.13-1~deb12u1', urgency: 'high' } },
        },
        'CVE-2099-0002': 'lost',
      },
    });
    const db = inFolder('incomplete.db');
    await clair('update', '--feed', 'debian', '--from', file('feed.json', feed), '--db', db);
    const outcome = await clair('scan', archive, '--db', db, '--fail-on', 'High');
    expect(outcome).toMatchObject({
      status: 4,
      out: expect.stringContaining('THE REPORT IS INCOMPLETE'),
      err: expect.stringMatching(/; the report is incomplete, so there may be more findings\n$/),
    });
    expect((await clair('scan', archive, '--db', db, '--fail-on', 'Critical')).status).toBe(3);
  });

  it('sorts by the given key', async () => {
    const byRisk = (await scanned('--sort', 'risk')).report.findings;
    expect(byRisk.map(({ risk }) => risk)).toEqual(
      byRisk.map(({ risk }) => risk).toSorted((one, other) => other - one),
    );
    const { out } = await clair('scan', archive, '--db', database, '--sort', 'risk');
    expect(out).toMatch(/Fixed in +Layer +Title\n {2}CVE-2099-0001 +High +50\.0 /);
    expect(idsOf((await scanned('--sort', 'layer')).report.findings).at(-1)).not.toBe('5');
  });
});

describe('the ignore files of an instance', () => {
  it('apply to every report, in addition to the statements of the report, and are reloaded on change', async () => {
    const shared = file(
      'shared.yaml',
      '- {id: CVE-2099-0001, reason: accepted}\n- {id: CVE-1, reason: of other images}',
    );
    const instance = await composeClair({ type: 'sqlite', path: database }, { suppressionFiles: [shared] });
    const image = await openImage(parseTarget(archive));
    try {
      const layers = await instance.worker.analyzeImage(image);
      const first = await instance.report(image, layers);
      expect(new Set(first.suppressed.map(({ id, suppression: { where } }) => `${id} ${where}`))).toEqual(
        new Set([`CVE-2099-0001 ${shared}, line 1`]),
      );
      expect(first.diagnostics.filter(({ code }) => code.startsWith('suppression'))).toEqual([]);
      writeFileSync(shared, '- id: [CVE-2099-0001]');
      const kept = await instance.report(image, layers);
      expect(kept.suppressed).toEqual(first.suppressed);
      expect(kept.diagnostics).toContainEqual(expect.objectContaining({ code: 'suppression-unreadable' }));
      writeFileSync(shared, '[]');
      expect((await instance.report(image, layers)).suppressed).toEqual([]);
    } finally {
      await image.close();
      await instance.close();
    }
  });
});

describe('the base image', () => {
  const originsOf = ({ report }: { readonly report: Report }): readonly string[] =>
    report.layers.map(({ origin }) => origin);

  it('is set by --base, as a number or a name', async () => {
    expect(originsOf(await scanned('--base', '2'))).toEqual(['base', 'base']);
    expect(originsOf(await scanned('--base', `oci:${inFolder('base')}`))).toEqual(['base', 'own']);
    const outcome = await scanned();
    expect(originsOf(outcome)).toEqual(['unknown', 'unknown']);
    expect(outcome.report.layers.map(({ size }) => size)).toEqual([expect.any(Number), expect.any(Number)]);
  });

  it.each([
    [['--base', '3'], '--base 3 is too high: test:1 has 2 layers'],
    [['--base', `oci:${inFolder('other')}`], 'is not the base of test:1: layer 0 differs'],
    [['--base', inFolder('none')], 'no such file'],
  ])('rejects %j', async (args, message) => {
    const { status, err } = await clair('scan', archive, '--db', database, ...args);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(message) });
  });

  it('is detected among the scanned images', async () => {
    const db = inFolder('known.db');
    await clair('scan', `oci:${inFolder('base')}`, '--db', db);
    const { out } = await clair('scan', archive, '--db', db, '--format', 'json');
    expect(originsOf({ report: JSON.parse(out) })).toEqual(['base', 'own']);
  });
});
