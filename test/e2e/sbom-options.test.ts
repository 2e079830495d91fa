/** Options that apply only to SBOMs, or only to other images, with every image source. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildDockerArchive, buildLayer, writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-sbom-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const OS = { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' };
const layers = [{ tar: await buildLayer(OS), createdBy: 'ADD' }];
writeFileSync(at('image.tar'), await buildDockerArchive(layers, 'image:1'));
writeOciLayout(at('layout'), layers, '1.0');
mkdirSync(at('root/etc'), { recursive: true });
writeFileSync(at('root/etc/os-release'), OS['etc/os-release']);
writeFileSync(at('app.cdx.json'), JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [] }));

const SBOM = `sbom:${at('app.cdx.json')}`;
/** No test reads these images, because the options are checked first. */
const IMAGES = [
  'registry.invalid/app:1',
  'registry:registry.invalid/app:1',
  'docker:app:1',
  'podman:app:1',
  at('image.tar'),
  `docker-archive:${at('image.tar')}`,
  `oci:${at('layout')}`,
  `rootfs:${at('root')}`,
  '-',
];
const OPTIONS = [['--distribution', 'debian:12'], ['--sbom-image', `sha256:${'a'.repeat(64)}`], ['--sbom-vex']];

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', 'memory']);
}

describe.each(OPTIONS)('%s', (...option) => {
  it.each(IMAGES)('is an error for the image %s, because it has no effect', async (image) => {
    const { status, out, err } = await clair('scan', image, ...option);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(
      new RegExp(`^clair: ${option[0]} is for SBOMs( and attestations)? only: name the SBOM as sbom:FILE`),
    );
  });

  it('is an error for every command that analyses images', async () => {
    const image = at('image.tar');
    for (const command of [
      ['explain', 'CVE-2024-1234', image],
      ['graph', image],
      ['diff', image, image],
    ]) {
      const { status, err } = await clair(...command, ...option);
      expect([status, err]).toEqual([2, expect.stringContaining(`${option[0]} is for SBOMs only`)]);
    }
    const all = await clair('scan', image, '--all-platforms', ...option);
    expect([all.status, all.err]).toEqual([2, expect.stringContaining(`${option[0]} is for SBOMs`)]);
  });

  it('applies to an SBOM, also if it is compared with an image of another source', async () => {
    const scan = await clair('scan', SBOM, ...option, '--format', 'json');
    expect([scan.status, scan.err]).toEqual([3, '']);
    for (const images of [
      [SBOM, at('image.tar')],
      [`rootfs:${at('root')}`, SBOM],
    ]) {
      const { status, err } = await clair('diff', ...images, ...option);
      expect([status, err]).toEqual([3, '']);
    }
  });
});

it('--platform is an error for an SBOM, and applies to an image that is compared with an SBOM', async () => {
  const platform = ['--platform', 'linux/amd64'];
  const scan = await clair('scan', SBOM, ...platform);
  expect([scan.status, scan.err]).toEqual([2, expect.stringContaining('--platform is for images only')]);
  const { status, err } = await clair('diff', SBOM, at('image.tar'), ...platform);
  expect([status, err]).toEqual([3, '']);
});

it('clair submit has the same rules', async () => {
  const server = ['--server', 'http://127.0.0.1:1'];
  for (const option of OPTIONS) {
    const { status, err } = await runClair(['submit', at('image.tar'), ...option, ...server]);
    expect([status, err]).toEqual([2, expect.stringContaining(`${option[0]} is for SBOMs only`)]);
  }
  const { err } = await runClair(['submit', SBOM, '--platform', 'linux/amd64', ...server]);
  expect(err).toContain('--platform is for images only');
});
