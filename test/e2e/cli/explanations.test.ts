/**
 * Tests `clair explain`, `clair diff`, `clair graph`, `clair affected` and `clair images` with a vulnerable image and a
 * later build that fixes most of the vulnerabilities.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-explanations-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const database = inFolder('clair.db');

async function clair(command: string, ...args: readonly string[]): Promise<CliRun> {
  // The last value of an option is used, so a test can set another database.
  return await runClair([command, '--db', database, ...args]);
}

beforeAll(async () => {
  const layers = await buildDemoLayers();
  writeFileSync(inFolder('early.tar'), await buildDockerArchive(layers.slice(0, 2), 'app:1'));
  writeFileSync(inFolder('late.tar'), await buildDockerArchive(layers, 'app:2'));
  writeFileSync(inFolder('high.yaml'), '- {id: CVE-2099-0001, reason: accepted}\n');
  writeFileSync(inFolder('ignore.yaml'), '- {id: CVE-2099-0005, reason: headers only, author: jane@example.org}\n');
  await clair('update', '--feed', 'debian', '--from', DEMO_FEED);
});

describe('clair explain', () => {
  const early = inFolder('early.tar');
  const late = inFolder('late.tar');

  it.each<[string, string[], number, string, RegExp[]]>([
    [
      'a finding',
      ['CVE-2099-0003', early],
      0,
      'AFFECTED',
      [
        /^curl 7\.88\.1-10\+deb12u4: AFFECTED\n {2}layer {2}1: RUN apt-get install curl openssl$/m,
        /rule {3}debian CVE-2099-0003: source curl from 0 to 7\.88\.1-10\+deb12u5 \(exclusive\), fixed, Medium$/m,
        /7\.88\.1-10\+deb12u4 is below 7\.88\.1-10\+deb12u5, the first fixed version$/m,
        /^ {2}https:\/\/security-tracker\.debian\.org\/tracker\/CVE-2099-0003$/m,
        /A redirect of the demonstration/,
      ],
    ],
    [
      'a vulnerability that an upgrade fixed',
      ['cve-2099-0001', late],
      0,
      'not affected',
      [
        /^libssl3 .*built from openssl.*: not affected\n {2}layer {2}2: RUN apt-get upgrade$/m,
        /is at or above 3\.0\.13-1~deb12u1/,
      ],
    ],
    [
      'a package that a later layer removed',
      ['CVE-2099-0003', late],
      0,
      'not installed',
      [/Feeds list curl for debian:12.*Removed: .*curl 7\.88\.1-10\+deb12u5 by layer 3/],
    ],
    [
      'an undetermined package',
      ['CVE-2099-0006', late],
      0,
      'undetermined',
      [/has not decided whether 1:1\.2\.13\.dfsg-1 is affected: undetermined/],
    ],
    [
      'a suppressed finding',
      ['CVE-2099-0005', late, '--ignore', inFolder('ignore.yaml')],
      0,
      'affected, but suppressed',
      [/but {4}Suppressed by the rule .*ignore\.yaml, line 1: headers only; by jane@example\.org/],
    ],
    [
      'an unknown vulnerability',
      ['CVE-2098-0001', late],
      3,
      'UNKNOWN',
      [/No stored feed lists this identifier; checked feeds: debian \(updated 2/],
    ],
  ])('explains %s', async (_, args, status, verdict, words) => {
    const outcome = await clair('explain', ...args);
    expect(outcome).toMatchObject({ status, err: '' });
    expect(outcome.out).toContain(`(linux/amd64): ${verdict}\n`);
    for (const each of words) expect(outcome.out).toMatch(each);
  });

  it('warns that an image without data is not clean', async () => {
    const { status, out } = await clair('explain', 'CVE-2099-0003', early, '--db', inFolder('empty.db'));
    expect(status).toBe(3);
    expect(out).toMatch(/NO DATA\n.*debian:12.*may still be affected/);
    expect(out).toContain('WARNING  namespace-without-data');
  });

  it('returns the same as JSON', async () => {
    const { out } = await clair('explain', 'CVE-2099-0003', early, '--format', 'json');
    const { packages, ...explanation } = JSON.parse(out);
    expect(explanation).toMatchObject({ schemaVersion: 2, id: 'CVE-2099-0003', verdict: 'affected' });
    expect(packages.map((each: { package: string }) => each.package)).toEqual(['curl', 'libcurl4']);
    expect(packages[1].rules).toMatchObject([
      { from: '0', to: '7.88.1-10+deb12u5', isToAffected: false, outcome: 'affected', isOfSource: true, product: null },
    ]);
  });

  it('rejects an invalid name: status 2', async () => {
    const { status, err } = await clair('explain', '../x', early);
    expect(status).toBe(2);
    expect(err).toContain('[cli/usage]');
  });
});

describe('clair diff', () => {
  it('lists the findings that a later build adds and removes, with reasons', async () => {
    const { status, out } = await clair('diff', inFolder('early.tar'), inFolder('late.tar'), '--format', 'json');
    expect(status).toBe(0);
    const { sharedLayers, packages, findings } = JSON.parse(out);
    expect(sharedLayers).toBe(2);
    const names = (of: { name: string }[]): string[] => of.map(({ name }) => name);
    expect([packages.added, packages.removed, packages.changed].map(names)).toEqual([
      [],
      ['curl', 'libcurl4'],
      ['libssl3', 'openssl'],
    ]);
    const causes = findings.removed.map((each: { id: string; package: string; cause: string }) =>
      [each.id.at(-1), each.package, each.cause].join(' '),
    );
    expect(causes.toSorted()).toEqual([
      '1 libssl3 package-changed',
      '1 openssl package-changed',
      '3 curl package-removed',
      '3 libcurl4 package-removed',
      '4 curl package-removed',
      '4 libcurl4 package-removed',
    ]);
    expect(findings).toMatchObject({ added: [], changed: [], unchanged: 3 });
  });

  it('prints the same as text, with the layers', async () => {
    const { out } = await clair('diff', inFolder('early.tar'), inFolder('late.tar'));
    expect(out).toContain('Layers  2 shared, 0 only before and 2 only after');
    expect(out).toMatch(
      /^Packages changed: 2\n {2}libssl3 +3\.0\.11-1~deb12u2 -> 3\.0\.13-1~deb12u1 +layer 2: RUN apt-get upgrade$/m,
    );
    expect(out).toMatch(/^ {2}CVE-2099-0003 +curl 7\.88\.1-10\+deb12u4 +package removed +Medium$/m);
    expect(out).toContain('0 added, 6 removed, 0 changed, 3 unchanged.');
    const back = await clair('diff', inFolder('late.tar'), inFolder('early.tar'), '--format', 'markdown');
    expect(back.out).toContain('| <code>CVE-2099-0003</code>');
    expect(back.out).toContain('package added');
  });

  it.each<[string, string, string[], number, RegExp]>([
    ['early', 'late', ['--fail-on', 'High'], 0, /^$/],
    ['early', 'early', ['--fail-on', 'Unknown'], 0, /^$/],
    [
      'late',
      'early',
      ['--fail-on', 'high', '--only-fixed'],
      4,
      /^clair: linux\/amd64: 2 new findings with a fix of severity high or higher: CVE-2099-0001 in \w+, CVE-2099-0001 in \w+\n$/,
    ],
    [
      'late',
      'early',
      ['--fail-on', 'Medium', '--only-fixed'],
      4,
      /: 4 new findings with a fix of severity medium or higher: /,
    ],
    ['late', 'early', ['--fail-on', 'Medium'], 4, /: 6 new findings of severity medium or higher: /],
    ['late', 'early', ['--fail-on', 'Critical'], 0, /^$/],
    ['early', 'late', ['--fail-on', 'kev'], 3, /: --fail-on kev may miss findings: /],
    ['late', 'early', ['--fail-on', 'High', '--ignore', inFolder('high.yaml')], 0, /^$/],
    ['late', 'early', ['--fail-on', 'worst'], 2, /"worst" must be one of unknown, .*, or kev\./],
    ['late', 'early', ['--fail-on-fixed'], 2, /--fail-on-fixed has no effect without --fail-on/],
  ])('from %s to %s with %j exits with status %d', async (before, after, args, status, err) => {
    const outcome = await clair('diff', inFolder(`${before}.tar`), inFolder(`${after}.tar`), ...args);
    expect(outcome).toMatchObject({ status, err: expect.stringMatching(err) });
  });

  it('lists diagnostics of the findings that fail the build: status 4', async () => {
    const feed = JSON.stringify({
      openssl: {
        'CVE-2099-0001': {
          releases: { bookworm: { status: 'resolved', fixed_version: '3.0.13-1~deb12u1', urgency: 'high' } },
        },
        'CVE-2099-0002': 'lost',
      },
    });
    writeFileSync(inFolder('broken.json'), feed);
    const db = ['--db', inFolder('broken.db')];
    await clair('update', '--feed', 'debian', '--from', inFolder('broken.json'), ...db);
    const args = [inFolder('late.tar'), inFolder('early.tar'), ...db, '--fail-on'];
    expect(await clair('diff', ...args, 'High')).toMatchObject({
      status: 4,
      err: expect.stringMatching(
        /; the report of the first image is incomplete, so these findings may not be new; the report of the second image is incomplete, so there may be more new findings\n$/,
      ),
    });
    expect((await clair('diff', ...args, 'Critical')).status).toBe(3);
  });

  it('does not report two images without data as equal: status 3', async () => {
    const { status, out } = await clair(
      'diff',
      inFolder('early.tar'),
      inFolder('late.tar'),
      '--db',
      inFolder('empty.db'),
    );
    expect(status).toBe(3);
    expect(out).toMatch(/WARNING {2}app:1: .*\nWARNING {2}app:2: .*/);
    expect(out).toContain('THE REPORT IS INCOMPLETE');
  });
});

describe('clair graph', () => {
  it('draws layers, version lines and ranges', async () => {
    const { status, out } = await clair('graph', inFolder('late.tar'), '--format', 'json', '--package', 'openssl');
    expect(status).toBe(0);
    const { layers, lines } = JSON.parse(out);
    const ids = (of: { id: string; package: string }[]): string[] =>
      of.map((each) => `${each.id.at(-1)} ${each.package}`);
    expect(layers.map(({ brings, repairs }: Record<string, never>) => [ids(brings!), ids(repairs!)])).toEqual([
      [['1 libssl3', '2 libssl3'], []],
      [['1 openssl', '2 openssl'], []],
      [[], ['1 libssl3', '1 openssl']],
      [[], []],
    ]);
    expect(lines).toMatchObject([
      {
        namespace: 'debian:12',
        name: 'openssl',
        versions: ['3.0.11-1~deb12u2', '3.0.13-1~deb12u1'],
        points: [
          { layer: 0, until: 2 },
          { layer: 2, until: null },
        ],
        intervals: [
          { vulnerability: 'CVE-2099-0001', from: '0', to: '3.0.13-1~deb12u1' },
          { vulnerability: 'CVE-2099-0002', from: '0', to: '∞', severity: 'Low' },
        ],
      },
    ]);
  });

  it.each([
    ['svg', /^<\?xml[^]*<svg [^]*3\.0\.13-1~deb12u1[^]*<\/svg>\n$/],
    ['dot', /^digraph clair \{\n[^]*CVE-2099-0001[^]*\}\n$/],
  ])('writes %s', async (format, expected) => {
    const { status, out } = await clair('graph', inFolder('late.tar'), '--format', format, '--severity', 'high');
    expect(status).toBe(0);
    expect(out).toMatch(expected);
    expect(out).not.toContain('CVE-2099-0002');
  });
});

describe('clair affected', () => {
  beforeAll(async () => {
    await clair('scan', inFolder('early.tar'), '--verify');
    await clair('scan', inFolder('late.tar'), '--verify');
  });

  it('lists the introducing layers with their packages, and the images with such a topmost layer', async () => {
    const { status, out } = await clair('affected', 'cve-2099-0003', '--format', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      id: 'CVE-2099-0003',
      hasMore: false,
      layers: [
        {
          namespace: 'debian:12',
          topmostOf: ['app:1'],
          packages: [
            { name: 'curl', version: '7.88.1-10+deb12u4', fixedIn: '7.88.1-10+deb12u5' },
            { name: 'libcurl4', version: '7.88.1-10+deb12u4' },
          ],
        },
      ],
    });
    const limited = await clair('affected', 'CVE-2099-0002', '--limit', '1');
    expect(limited.out).toMatch(
      /^Layer .*\nchain:sha256:\w+ +debian:12 +libssl3 .*\nThe first layer; --limit lists more\.$/m,
    );
  });

  it('lists the images with an affected topmost layer, regardless of the layer that introduced the package', async () => {
    const images = async (id: string): Promise<unknown> => {
      const { out } = await clair('affected', id, '--format', 'json');
      const { images: listed, hasMoreImages } = JSON.parse(out);
      return [listed.map((each: { reference: string }) => each.reference), hasMoreImages];
    };
    // An upgrade fixes CVE-2099-0001; the other vulnerability remains.
    expect(await images('CVE-2099-0001')).toEqual([['app:1'], false]);
    expect(await images('CVE-2099-0002')).toEqual([['app:1', 'app:2'], false]);
    const { out } = await clair('affected', 'CVE-2099-0001', '--format', 'json');
    expect(JSON.parse(out).images[0]).toMatchObject({
      digest: expect.stringMatching(/^sha256:/),
      platform: 'linux/amd64',
      packages: [
        { name: 'libssl3', version: '3.0.11-1~deb12u2', fixedIn: '3.0.13-1~deb12u1', layer: 0 },
        { name: 'openssl', version: '3.0.11-1~deb12u2+b1', fixedIn: '3.0.13-1~deb12u1', layer: 1 },
      ],
    });
  });

  it('prints a limited number of images below the layers, and states when there are no images', async () => {
    const { out } = await clair('affected', 'CVE-2099-0002', '--limit', '1');
    expect(out).toMatch(
      /\n\nImage +Platform +Packages\napp:1 +linux\/amd64 +libssl3 .*\nThe first image; --limit lists more\.\n$/,
    );
    await clair('update', '--feed', 'debian', '--from', DEMO_FEED, '--db', inFolder('unscanned.db'));
    expect((await clair('affected', 'CVE-2099-0002', '--db', inFolder('unscanned.db'))).out).toBe(
      'No indexed layer adds a package that CVE-2099-0002 affects.\n\nNo indexed image has a package that CVE-2099-0002 affects.\n',
    );
  });

  it.each([
    ['an unknown vulnerability', ['CVE-2098-0001'], 'vulnerability/not-found'],
    ['an invalid name', ['../x'], 'cli/usage'],
  ])('rejects %s: status 2', async (_, args, code) => {
    const { status, err } = await clair('affected', ...args);
    expect(status).toBe(2);
    expect(err).toContain(`[${code}]`);
  });
});

describe('clair images', () => {
  beforeAll(async () => {
    await clair('scan', inFolder('early.tar'), '--verify');
    await clair('scan', inFolder('late.tar'), '--verify');
  });

  it('lists the indexed images with the findings of their reports, most recently scanned first', async () => {
    const { status, out } = await clair('images', '--format', 'json');
    expect(status).toBe(0);
    const { images, hasMore } = JSON.parse(out);
    const report = JSON.parse((await clair('scan', inFolder('early.tar'), '--format', 'json')).out);
    expect([images.length, hasMore]).toEqual([2, false]);
    expect(images[0]).toMatchObject({ reference: 'app:2', platform: 'linux/amd64', layers: 4 });
    expect(images[1]).toMatchObject({
      reference: 'app:1',
      digest: report.target.digest,
      countState: 'counted',
      isCurrent: true,
      packages: report.packages.length,
      fixable: report.counts.fixable,
    });
    const found = Object.entries(report.counts.severities).map(([name, of]) => [
      name,
      (of as { findings: number }).findings,
    ]);
    expect(images[1].severities).toEqual(Object.fromEntries(found));
  });

  it('prints a table of a limited number of images', async () => {
    const { out } = await clair('images', '--limit', '1');
    expect(out).toMatch(
      /^Image +Platform +Digest .*\napp:2 +linux\/amd64 +sha256:\w{12} .* 2 low, 1 negligible +0 +complete\nThe first image; --limit lists more\.\n$/,
    );
    expect((await clair('images', '--search', 'APP:1')).out).toMatch(/^Image .*\napp:1 .*\n1 image\n$/);
    expect((await clair('images', '--search', 'web')).out).toBe('No indexed image has "web" in its name.\n');
    expect((await clair('images', '--db', inFolder('no-images.db'))).out).toBe('No indexed images.\n');
  });
});
