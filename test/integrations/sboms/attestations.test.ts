import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import { notAffected } from '../../../src/suppression/testing/openvex-document.ts';
import { cyclonedxOf, DEBIAN, withPurl } from '../../../src/worker/sboms/testing/documents.ts';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedDescriptor,
  type RegistryServer,
  startRegistryServer,
} from '../../../src/worker/testing/registry-server.ts';
import { runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-attestations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LAYERS = (await buildDemoLayers()).slice(0, 1);
const LIBSSL = 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2';
const OPENVEX = notAffected('CVE-2099-0001', LIBSSL);
const SBOM = cyclonedxOf([DEBIAN, withPurl(`${LIBSSL}?arch=amd64&upstream=openssl`, { 'bom-ref': 'ssl' })], {
  vulnerabilities: [
    { id: 'CVE-2099-0001', analysis: { state: 'not_affected', detail: 'no certificates' }, affects: [{ ref: 'ssl' }] },
  ],
});

let registry: RegistryServer;
let image: PushedDescriptor;
const database = join(folder, 'clair.db');

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  vi.stubEnv('DOCKER_CONFIG', folder);
  registry = await startRegistryServer();
  image = registry.image(LAYERS, { tag: '1' });
  await runClair(['update', '--db', database, '--feed', 'debian', '--from', DEMO_FEED]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** Attaches documents under the fallback tag of the image. */
function attach(...documents: readonly (readonly [document: object, mediaType: string])[]): void {
  const manifests = documents.map(([document, mediaType]) => {
    const layers = [registry.blob(JSON.stringify(document), mediaType)];
    const config = registry.blob('{}', 'application/vnd.oci.empty.v1+json');
    return registry.manifest(
      { schemaVersion: 2, artifactType: mediaType, config, layers, subject: image },
      OCI_MANIFEST,
    );
  });
  registry.manifest({ schemaVersion: 2, manifests }, OCI_INDEX, image.digest.replace(':', '-'));
}

const statement = (): readonly [object, string] => [
  {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://openvex.dev/ns/v0.2.0',
    predicate: OPENVEX,
    subject: [{ name: 'app', digest: { sha256: image.digest.slice('sha256:'.length) } }],
  },
  'application/vnd.in-toto+json',
];
const sbom = (): readonly [object, string] => [SBOM, 'application/vnd.cyclonedx+json'];

async function scan(...options: readonly string[]): Promise<Report> {
  const target = `${registry.domain}/demo:1`;
  const { out } = await runClair(['scan', target, '--db', database, '--format', 'json', ...options]);
  return JSON.parse(out) as Report;
}

const isFound = ({ findings }: Report): boolean => findings.some(({ id }) => id === 'CVE-2099-0001');
const codesOf = ({ diagnostics }: Report): readonly string[] =>
  diagnostics.map(({ code }) => code).filter((code) => code.startsWith('attestation'));

describe('clair scan --attestations', () => {
  it('reads nothing that is attached without the option', async () => {
    attach(sbom());
    const report = await scan();
    expect(codesOf(report)).toEqual([]);
    expect(registry.requests.filter((path) => path.includes('referrers'))).toEqual([]);
  });

  it.each<[string, () => readonly [object, string], string]>([
    ['an OpenVEX statement', statement, 'statement 1'],
    ['a statement in an SBOM', sbom, 'vulnerability 1'],
  ])('applies %s on request only, with its origin', async (_what, document, place) => {
    attach(document());
    const read = await scan('--attestations');
    expect([isFound(read), read.suppressed.length]).toEqual([true, 0]);
    expect(codesOf(read)).toContain('attestation-unused');
    const applied = await scan('--attestations', '--sbom-vex');
    expect(isFound(applied)).toBe(false);
    expect(applied.suppressed.map(({ suppression: { by, where } }) => [by, where])).toEqual([
      ['attestation', expect.stringMatching(new RegExp(`^attached document sha256:[0-9a-f]{64}, ${place}$`))],
    ]);
  });

  it('yields to a VEX document of the user, even if that is older', async () => {
    attach(statement());
    const path = join(folder, 'vex.json');
    const [first] = OPENVEX.statements;
    const { justification: _, ...affected } = { ...first, status: 'affected', action_statement: 'upgrade' };
    writeFileSync(path, JSON.stringify({ ...OPENVEX, timestamp: '2020-01-01T00:00:00Z', statements: [affected] }));
    expect(isFound(await scan('--attestations', '--sbom-vex', '--vex', path))).toBe(true);
  });

  it('compares an SBOM with the layers, which alone determine the findings', async () => {
    attach(sbom());
    const [plain, compared] = [await scan(), await scan('--attestations')];
    expect(compared.findings.length).toBe(plain.findings.length);
    expect(compared.diagnostics.find(({ code }) => code === 'attestation-differs')?.message).toContain(
      'lists 1 package: 2 packages of the layers are not in the SBOM (deb base-files 12.4+deb12u5, deb zlib1g',
    );
  });

  it('is for images in registries', async () => {
    const path = join(folder, 'sbom.json');
    writeFileSync(path, JSON.stringify(SBOM));
    const { status, err } = await runClair(['scan', `sbom:${path}`, '--db', database, '--attestations']);
    expect([status, err]).toEqual([
      2,
      expect.stringContaining('--attestations works only with images from registries'),
    ]);
  });
});
