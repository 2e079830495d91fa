import { resolve } from 'node:path';
import { array, exactOptional, nullable, string } from 'valibot';
import { indexedReference } from '../image/indexed-reference.ts';
import { ClairError } from '../../../errors.ts';
import { type ImageFiles, layerBytes, storedSize } from '../image/image-files.ts';
import { layersText, readImageConfig } from '../image/image-config.ts';
import { objectSchema, readImageJson } from '../image/image-json.ts';
import type { ImageSource } from '../image-source.ts';

const MANIFEST = 'manifest.json';

/** Returns whether the files include `manifest.json`, which `docker save` has written since Docker 1.10. */
export function isDockerArchive(files: ImageFiles): boolean {
  return files.has(MANIFEST);
}

/**
 * Opens an image written by `docker save`, of either generation: the older generation has a directory for each layer;
 * the newer generation is an OCI layout with an additional `manifest.json`. In both generations, `manifest.json` lists
 * the configuration and the layers (moby, image/spec/spec-v1.2.md, "Combined Image JSON + Filesystem Changeset
 * Format").
 *
 * @throws ClairError `image/unreadable`; `image/choice-needed` when the archive contains several images.
 */
export async function openDockerArchive(files: ImageFiles): Promise<ImageSource> {
  const { value: images } = await readImageJson(files, MANIFEST, IMAGES);
  const [image, ...others] = images;
  if (image === undefined) throw new ClairError('image/unreadable', `${files.where} contains no image`);
  if (others.length > 0) {
    const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
    const listed = tags.length === 0 ? '' : ` (${tags.join(', ')})`;
    throw new ClairError(
      'image/choice-needed',
      `${files.where} contains ${images.length} images${listed}; save a single image`,
    );
  }
  const config = await readImageConfig(files, image.Config);
  if (image.Layers.length !== config.layers.length) {
    throw new ClairError(
      'image/unreadable',
      `${files.where} lists ${layersText(image.Layers.length)}, but the image configuration lists ${config.layers.length}`,
    );
  }
  return {
    kind: 'docker-archive',
    reference: indexedReference(image.RepoTags ?? [], files.where),
    target: `docker-archive:${resolve(files.where)}`,
    digest: config.digest,
    platform: config.platform,
    commands: config.commands,
    layers: config.layers.map(({ diffId, createdBy }, index) => {
      const name = image.Layers[index] ?? '';
      const where = `layer ${index} (${name}) of ${files.where}`;
      const source = { where, diffId, ...layerBytes(files, name) };
      return { source, digest: diffId, diffId, createdBy, ...storedSize(files, name) };
    }),
    close: () => files.close(),
  };
}

const IMAGES = array(
  objectSchema({ Config: string(), RepoTags: exactOptional(nullable(array(string()))), Layers: array(string()) }),
);
