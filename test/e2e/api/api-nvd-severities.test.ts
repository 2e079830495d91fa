import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';

const OPEN = { releases: { bookworm: { status: 'open', urgency: 'not yet assigned' } } };
const FEED = { openssl: { 'CVE-2099-0001': OPEN, 'CVE-2099-0002': OPEN } };

let server: ClairServer;
let digest: string;
let rated: string;

async function rate(scores: Readonly<Record<string, number>>): Promise<void> {
  const vulnerabilities = Object.entries(scores).map(([id, baseScore]) => {
    const cvssData = { version: '3.1', vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', baseScore };
    const metric = { source: 'nvd@nist.gov', type: 'Primary', cvssData };
    return { cve: { id, metrics: { cvssMetricV31: [metric] } } };
  });
  const path = join(server.folder, 'nvdcve-2.0-2099.json');
  writeFileSync(path, JSON.stringify({ vulnerabilities }));
  await server.clair.updater.update('nvd', { from: path });
}

beforeAll(async () => {
  server = await startClairServer();
  const feed = join(server.folder, 'feed.json');
  writeFileSync(feed, JSON.stringify(FEED));
  await server.clair.updater.update('debian', { from: feed });
  const layers = (await buildDemoLayers()).slice(0, 2);
  const folder = join(server.folder, 'image');
  writeOciLayout(folder, layers, 'app:1');
  digest = (await knowImage(server.clair.worker, `oci:${folder}`)).image.digest;
  for (const [index, { tar }] of layers.entries()) {
    const Path = join(server.folder, `${index}.tar`);
    writeFileSync(Path, tar);
    const ParentName = index === 0 ? '' : `layer-${index - 1}`;
    await server.post('/v1/layers', { Layer: { Name: `layer-${index}`, Path, Format: 'Docker', ParentName } });
  }
  await rate({ 'CVE-2099-0001': 5 });
  await setTimeout(5);
  rated = new Date().toISOString();
  await setTimeout(5);
  await rate({ 'CVE-2099-0001': 9.8 });
});
afterAll(() => server.close());

const answer = async (path: string): Promise<unknown> => (await server.get(path)).body;

describe('the severity by NVD', () => {
  it('is the Priority of the first generation and of its filter', async () => {
    const critical = { ID: 'CVE-2099-0001', Priority: 'Critical' };
    expect(await answer('/v1/layers/layer-1/vulnerabilities?minimumPriority=High')).toMatchObject({
      Vulnerabilities: [critical],
      Hidden: { Unknown: 1 },
    });
    expect(await answer('/v1/vulnerabilities/CVE-2099-0001')).toMatchObject(critical);
    expect(await answer('/v1/vulnerabilities/CVE-2099-0002')).toMatchObject({ Priority: 'Unknown' });
  });

  it('is the Severity of the stable generation', async () => {
    const features = (await answer('/v1/layers/layer-1?vulnerabilities')) as Features;
    const found = features.Layer.Features.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
    expect(new Set(found.map(({ Name, Severity }) => `${Name} ${Severity}`))).toEqual(
      new Set(['CVE-2099-0001 Critical', 'CVE-2099-0002 Unknown']),
    );
    const severity = { Vulnerability: { Severity: 'Critical' } };
    expect(await answer('/v1/namespaces/debian:12/vulnerabilities/CVE-2099-0001')).toMatchObject(severity);
    expect(await answer('/v1/namespaces/debian:12/vulnerabilities?limit=10')).toMatchObject({
      Vulnerabilities: [{ Severity: 'Critical' }, { Severity: 'Unknown' }],
    });
  });

  it('is in /v2 with its origin', async () => {
    const affected = [{ severity: 'Critical', severityFrom: 'nvd' }];
    expect(await answer('/v2/vulnerabilities/CVE-2099-0001')).toMatchObject({
      feeds: [{ severity: 'Critical', affected }],
    });
    expect(await answer('/v2/vulnerabilities?search=CVE-2099')).toMatchObject({
      vulnerabilities: [{ severity: 'Critical' }, { severity: 'Unknown' }],
    });
    expect(await answer('/v2/vulnerabilities/CVE-2099-0001/images')).toMatchObject({
      images: [{ findings: [{ severity: 'Critical' }, { severity: 'Critical' }] }],
    });
    const report = (await answer(`/v2/images/${digest}/report`)) as Findings;
    const finding = report.findings.find(({ id }) => id === 'CVE-2099-0001');
    expect(finding).toMatchObject({ severity: 'Critical', severityFrom: 'nvd', class: 'package' });
    expect(finding?.risk).toBeGreaterThan(70);
    expect(await answer(`/v2/images/${digest}/graph`)).toMatchObject({
      layers: expect.arrayContaining([
        expect.objectContaining({
          brings: expect.arrayContaining([expect.objectContaining({ severity: 'Critical' })]),
        }),
      ]),
    });
  });

  it('changes the data and the image when it rises', async () => {
    expect(await answer('/v2/changes?limit=1')).toMatchObject({
      changes: [
        { feed: 'debian', vulnerability: 'CVE-2099-0001', kind: 'changed', before: 'Medium', after: 'Critical' },
      ],
    });
    const { changes } = (await answer(`/v2/images/${digest}/changes?since=${rated}`)) as Changes;
    expect(changes.length).toBeGreaterThan(0);
    for (const change of changes) {
      expect(change).toMatchObject({
        kind: 'rescored',
        cause: 'data',
        vulnerability: 'CVE-2099-0001',
        before: { severity: 'Medium' },
        after: { severity: 'Critical' },
      });
    }
  });
});

type Named = { readonly Name: string; readonly Severity: string };
type Features = { readonly Layer: { readonly Features: readonly { readonly Vulnerabilities?: readonly Named[] }[] } };
type Findings = { readonly findings: readonly { readonly id: string; readonly risk: number }[] };
type Changes = { readonly changes: readonly object[] };
