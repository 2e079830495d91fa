import { archOf, sourceOf } from '../../../src/model/feature.ts';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { composeClair } from '../../../src/compose/clair.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

/**
 * A folder with whole Debian images: an OCI layout `img` with several tags, and a docker-archive of the last tag. The
 * images are made with Debian's mmdebstrap, umoci and skopeo, and a mirror; see CONTRIBUTING.md.
 */
const FOLDER = env['CLAIR_DEBIAN_IMAGES'];
const layout = join(FOLDER ?? '', 'img');
const TAGS = ['base', 'app', 'upgraded', 'removed'];
if (FOLDER === undefined)
  console.warn('SKIPPED "whole Debian images": CLAIR_DEBIAN_IMAGES is not a folder with images');

describe.skipIf(FOLDER === undefined)('whole Debian images', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'clair-full-image-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Scans each target with a new database, so that targets do not share layers. */
  async function scannedPackages(target: string): Promise<string[]> {
    const clair = await composeClair(newDatabase());
    const image = await openImage(parseTarget(target));
    try {
      const leaf = (await clair.worker.analyzeImage(image)).at(-1)!;
      expect(leaf.diagnostics).toEqual([]);
      const packages = await clair.store.layers.features(leaf.id);
      return packages
        .map(({ feature: of }) => `${of.name} ${of.version} ${archOf(of)} ${sourceOf(of).name} ${sourceOf(of).version}`)
        .toSorted();
    } finally {
      await image.close();
      await clair.close();
    }
  }

  function installedPackages(root: string): string[] {
    const format = '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n';
    const text = execFileSync('dpkg-query', [`--admindir=${root}/var/lib/dpkg`, '--show', `--showformat=${format}`], {
      encoding: 'utf8',
    });
    const installed = text.split('\n').filter((line) => line.startsWith('installed '));
    return installed.map((line) => line.slice('installed '.length)).toSorted();
  }

  it.each(TAGS)(
    'oci:…:%s has the packages that dpkg-query lists in its root file system',
    async (tag) => {
      const bundle = join(scratch, tag);
      execFileSync('umoci', ['unpack', '--image', `${layout}:${tag}`, bundle], { stdio: 'ignore' });
      const installed = installedPackages(join(bundle, 'rootfs'));
      expect(installed.length).toBeGreaterThan(50);
      expect(await scannedPackages(`oci:${layout}:${tag}`)).toEqual(installed);
    },
    300_000,
  );

  it('returns the same for the docker-archive', async () => {
    const archive = readdirSync(FOLDER ?? '').find((name) => name.endsWith('-4layers.tar'))!;
    expect(await scannedPackages(`docker-archive:${join(FOLDER ?? '', archive)}`)).toEqual(
      await scannedPackages(`oci:${layout}:removed`),
    );
  }, 300_000);
});
