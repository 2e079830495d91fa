import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive, buildLayer } from '../../../src/worker/testing/image-builder.ts';

/** `--update` updates the feeds of the image's release, NVD, EPSS and KEV, and no other feeds. */
const folder = mkdtempSync(join(tmpdir(), 'clair-scan-update-'));
const inFolder = (name: string): string => join(folder, name);
const FEED = readFileSync(DEMO_FEED);
const FEED_WITHOUT_RATINGS = FEED.toString().replaceAll(/"urgency": ?"[^"]*"/g, '"urgency": "not yet assigned"');
const NVD_METRIC = {
  source: 'nvd@nist.gov',
  type: 'Primary',
  cvssData: { version: '3.1', vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', baseScore: 9.8 },
};
const HOUR = 60 * 60 * 1000;

let server: Server;
let origin: string;
let asked: string[] = [];
let answer: RequestListener;
let database: string;
let databases = 0;
const archive = inFolder('image.tar');

beforeAll(async () => {
  writeFileSync(archive, await buildDockerArchive(await buildDemoLayers(), 'app:1'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  vi.stubEnv('no_proxy', '*');
  database = inFolder(`clair-${(databases += 1)}.db`);
  asked = [];
  answer = (_, response) => void response.setHeader('etag', '"1"').end(FEED);
  configure();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Writes a configuration file with a mirror of Debian's tracker and the given lines, and selects it by `CLAIR_CONFIG`.
 * Without lines, only the Debian feed is enabled.
 */
function configure(...lines: readonly string[]): void {
  const section = [
    'updater:',
    '  addresses:',
    `    debian: ${origin}/tracker.json`,
    ...(lines.length === 0 ? ['feeds: [debian]'] : lines).map((line) => `  ${line}`),
  ];
  writeFileSync(inFolder('clair.yaml'), `${section.join('\n')}\n`);
  vi.stubEnv('CLAIR_CONFIG', inFolder('clair.yaml'));
}

type Outcome = { readonly status: number; readonly out: string; readonly err: string };

async function clair(args: readonly string[], signal = new AbortController().signal): Promise<Outcome> {
  let [out, err] = ['', ''];
  const console = { out: (text: string) => (out += text), err: (text: string) => (err += text), signal };
  return { status: await runCli([...args, '--db', database], console), out, err };
}

async function scanned(target = archive): Promise<Outcome & { readonly report: Report }> {
  const outcome = await clair(['scan', target, '--update', '--format', 'json']);
  return { ...outcome, report: JSON.parse(outcome.out) };
}

const codesOf = ({ diagnostics }: Report): readonly string[] => diagnostics.map(({ code }) => code);

function later(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] });
}

describe('clair scan --update', () => {
  it('updates the feed of the release, also in an empty database, and reports the update on standard error', async () => {
    const { status, report, err } = await scanned();
    expect([status, codesOf(report)]).toEqual([0, ['feed-undecided']]);
    expect(report.findings.map(({ id }) => id)).toContain('CVE-2099-0002');
    expect(err).toMatch(/^debian: 6 added, 0 changed, 0 withdrawn, 0 unchanged \(\d+\.\d s\)\n$/);
    expect(asked).toEqual(['/tracker.json']);
  });

  it('updates again after an hour, not earlier', async () => {
    await scanned();
    later(HOUR - 30_000);
    expect((await scanned()).err).toBe('');
    expect(asked.length).toBe(1);
    later(60_000);
    answer = (_, response) => void response.writeHead(304).end();
    expect((await scanned()).err).toMatch(/^debian: unchanged upstream/);
    expect(asked.length).toBe(2);
  });

  it('reports a failed first update, and the report is incomplete', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    const { status, report } = await scanned();
    expect([status, codesOf(report)]).toEqual([3, ['feed-update-failed', 'namespace-without-data']]);
    expect(report.diagnostics[0]).toMatchObject({
      where: 'debian',
      incomplete: true,
      message: expect.stringMatching(/^debian could not be updated: .*404.* \[bytes\/.*\]$/),
    });
  });

  it('uses the existing data when an update fails, and reports the failure', async () => {
    const before = await scanned();
    later(2 * HOUR);
    answer = (_, response) => void response.writeHead(404).end();
    const { status, report } = await scanned();
    expect([status, codesOf(report)]).toEqual([3, ['feed-update-failed', 'feed-undecided']]);
    expect(report.findings).toEqual(before.report.findings);
  });

  it('reports no failed pull of a published database, because the update is newer', async () => {
    configure('feeds: [debian]', 'database: 127.0.0.1:1/none');
    const { status, report } = await scanned();
    expect([status, codesOf(report)]).toEqual([0, ['feed-undecided']]);
  });

  it('also updates NVD, EPSS and KEV for the severities, and reports their failures', async () => {
    const item = { cve: { id: 'CVE-2099-0002', metrics: { cvssMetricV31: [NVD_METRIC] } } };
    writeFileSync(inFolder('nvdcve-2.0-2099.json'), JSON.stringify({ vulnerabilities: [item] }));
    writeFileSync(inFolder('kev.json'), JSON.stringify({ vulnerabilities: [{ cveID: 'CVE-2099-0002' }] }));
    const nvd = `  nvd: file://${inFolder('nvdcve-2.0-2099.json')}`;
    configure(
      nvd,
      `  kev: file://${inFolder('kev.json')}`,
      `  epss: ${origin}/epss`,
      'feeds: [debian, nvd, epss, kev]',
    );
    answer = (request, response) =>
      void (request.url === '/epss' ? response.writeHead(404).end() : response.end(FEED_WITHOUT_RATINGS));
    const { status, report, err } = await scanned();
    const found = report.findings.find(({ id }) => id === 'CVE-2099-0002');
    expect(found).toMatchObject({ severity: 'Critical', severityFrom: 'nvd', cves: [{ kev: {} }] });
    expect(err).toMatch(/^debian: .*\nkev: 1 added[^]*\nnvd: 1 added/);
    // Without enrichments, no finding is missing.
    expect([status, codesOf(report)]).toEqual([0, ['enrichment-update-failed', 'feed-undecided']]);
    expect(report.diagnostics[0]).toMatchObject({ where: 'epss', incomplete: false });
    // The command lists the findings that --fail-on cannot evaluate, because these findings have no severity.
    const gated = await clair(['scan', archive, '--fail-on', 'Defcon1']);
    expect([gated.status, gated.err]).toEqual([
      3,
      expect.stringMatching(/^clair: linux\/amd64: 1 finding has no severity: CVE-.*--unrated=ignore\n$/),
    ]);
    expect((await clair(['scan', archive, '--fail-on', 'Defcon1', '--unrated', 'ignore'])).status).toBe(0);
    expect((await clair(['scan', archive, '--fail-on', 'Defcon1', '--unrated', 'fail'])).status).toBe(4);
    expect((await clair(['scan', archive, '--fail-on', 'High'])).status).toBe(4);
    expect((await clair(['scan', archive, '--unrated', 'fail'])).status).toBe(2);
  });

  it('tries a failing feed once for all images of a command', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    expect((await clair(['diff', archive, archive, '--update'])).status).toBe(3);
    expect(asked).toEqual(['/tracker.json']);
  });

  it.each<[what: string, release: string, code: string]>([
    ['a release that its feed does not cover', 'ID=debian\nVERSION_ID=99\n', 'namespace-without-data'],
    ['a distribution without a feed', 'ID=plan9\nVERSION_ID=4\n', 'namespace-without-data'],
    ['no distribution', '', 'distribution-unknown'],
  ])('does not report %s as clean', async (_, release, code) => {
    const tar = await buildLayer({ 'etc/os-release': release, 'var/lib/dpkg/status': '' });
    writeFileSync(inFolder('other.tar'), await buildDockerArchive([{ tar, createdBy: 'COPY . /' }], 'other:1'));
    const { status, report } = await scanned(inFolder('other.tar'));
    expect(status).toBe(3);
    expect(codesOf(report)).toContain(code);
    expect(asked.length).toBe(release.includes('debian') ? 1 : 0);
  });

  it('follows the configuration: allowed hosts and enabled feeds', async () => {
    configure('offline: true');
    const offline = await scanned();
    expect(offline.report.diagnostics[0]?.message).toMatch(/\[update\/offline\]$/);
    configure('feeds: [alpine]');
    const { status, report } = await scanned();
    expect([status, codesOf(report)]).toEqual([3, ['namespace-without-data']]);
    expect(asked).toEqual([]);
  });

  it('stops on Ctrl-C while it waits for a feed, and stores nothing of it', async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.writeHead(200).write('{');
      stop.abort();
    };
    expect((await clair(['scan', archive, '--update'], stop.signal)).status).toBe(130);
    const { out } = await clair(['feeds']);
    // The interruption does not mark the feed as failed.
    expect(out).toMatch(/│ debian +│ never updated +│ +- │ +- │ +0 │/);
  });
});
