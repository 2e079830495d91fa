import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inChunks } from '../../../bytes/testing/tar-builder.ts';
import type { Digest } from '../../../model/digest.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { readLayer, readPartsOfLayer } from '../../layer/layer-reader.ts';
import { partsSource } from '../testing/parts-source.ts';

/**
 * Layers that the Go package estargz 0.14.3 built (`estargz.Build`, Debian's
 * golang-github-containerd-stargz-snapshotter-dev), with chunks of 1,000 bytes.
 */
type BuiltLayer = { readonly digest: Digest; readonly diffId: Digest; readonly blob: string };

const LAYERS: Readonly<Record<string, BuiltLayer>> = JSON.parse(
  readFileSync(new URL('testdata/layers.json', import.meta.url), 'utf8'),
);

it.each(Object.entries(LAYERS))('reads parts of a layer that stargz-snapshotter built: %s', async (_, built) => {
  const blob = Buffer.from(built.blob, 'base64');
  const annotations = { 'containerd.io/snapshot/stargz/toc.digest': built.digest };
  const source = { ...partsSource({ blob, annotations }, Buffer.from(''), 'any'), diffId: built.diffId };
  const partLimits = { minSavedBytes: 0, minSavedShare: 0, maxGapBytes: 100 };
  const part = await readPartsOfLayer(source, DETECTORS, { partLimits });
  const { where, digest, diffId } = source;
  const whole = await readLayer({ where, digest: digest!, diffId, open: async () => inChunks(blob) }, DETECTORS);
  // The tar also has the landmark and, in eStargz, the table of contents.
  const { others: _others, ...contents } = whole.contents;
  const { parts, others: _listed, ...found } = part!.contents;
  expect(found).toEqual(contents);
  const files = found.entries.flatMap((entry) => (entry.kind === 'file' ? [entry.path] : []));
  expect(files.toSorted()).toEqual(['etc/os-release', 'var/lib/dpkg/status']);
  expect(parts!.fetched).toBeLessThan(blob.length);
});
