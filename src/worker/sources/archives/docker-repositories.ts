import { resolve } from 'node:path';
import { array, custom, exactOptional, nullable, string } from 'valibot';
import { indexedReference } from '../image/indexed-reference.ts';
import { shownName } from '../../../bytes/tar/name.ts';
import { ClairError } from '../../../errors.ts';
import { isObject } from '../../../model/json-values.ts';
import { type ImageFiles, layerBytes, storedSize } from '../image/image-files.ts';
import { isTexts, objectSchema, readImageJson, type Texts } from '../image/image-json.ts';
import type { ImageLayer, ImageSource } from '../image-source.ts';
import { PLATFORM_WORD } from '../image/image-config.ts';
import { platformText } from '../image/platform.ts';
import { digestsOf } from '../image/source-digests.ts';

const REPOSITORIES = 'repositories';

/** Docker refused images of more than 127 layers when it wrote such archives; the limit leaves room. */
const MAX_LAYERS = 1000;

/**
 * Returns whether the files have the format of `docker save` before Docker 1.10, which `docker save` still writes in
 * addition.
 */
export function hasRepositories(files: ImageFiles): boolean {
  return files.has(REPOSITORIES);
}

/**
 * Opens an image written by `docker save` before Docker 1.10: `repositories` names the topmost layer of each tag, and
 * each layer is a directory with its tar and a JSON file that names its parent (moby, image/spec/spec-v1.md). The
 * archive contains no digests, so the layers are read once to compute the digests. The digest of the image is the
 * digest of the JSON file of its topmost layer.
 *
 * @throws ClairError `image/unreadable`, including missing, circular or too many parents; `image/choice-needed` when
 * the archive contains several images; `bytes/…` for a layer that cannot be read.
 */
export async function openDockerRepositories(files: ImageFiles, signal?: AbortSignal): Promise<ImageSource> {
  const { value: repositories } = await readImageJson(files, REPOSITORIES, NAMES_OF_IMAGES);
  const images = Object.entries(repositories).flatMap(([name, tags]) =>
    Object.entries(tags).map(([tag, id]) => ({ reference: `${name}:${tag}`, id })),
  );
  const [image] = images;
  if (image === undefined) throw new ClairError('image/unreadable', `${files.where} contains no image`);
  const different = new Set(images.map(({ id }) => id)).size;
  if (different > 1) {
    const names = images.map(({ reference }) => reference).join(', ');
    throw new ClairError(
      'image/choice-needed',
      `${files.where} contains ${different} images (${names}); save a single image`,
    );
  }
  const steps = await stepsOf(files, image.id);
  const layers: ImageLayer[] = [];
  for (const [index, { id, createdBy }] of steps.toReversed().entries()) {
    const name = `${id}/layer.tar`;
    const where = `layer ${index} (${name}) of ${files.where}`;
    const bytes = layerBytes(files, name);
    const digests = await digestsOf({ where, ...bytes }, signal);
    layers.push({ source: { where, ...digests, ...bytes }, ...digests, createdBy, ...storedSize(files, name) });
  }
  const { digest, platform } = steps[0];
  return {
    kind: 'docker-archive',
    reference: indexedReference([image.reference], files.where),
    target: `docker-archive:${resolve(files.where)}`,
    digest,
    platform,
    layers,
    areDigestsComputed: true,
    close: async () => await files.close(),
  };
}

type Step = Pick<ImageSource, 'digest' | 'platform'> & { readonly id: string; readonly createdBy: string };

/** Returns the steps, topmost layer first. */
async function stepsOf(files: ImageFiles, top: string): Promise<readonly [Step, ...Step[]]> {
  const { step: first, parent } = await readStep(files, top);
  const steps: [Step, ...Step[]] = [first];
  const seen = new Set([top]);
  for (let id = parent; id !== ''; ) {
    if (seen.has(id)) throw new ClairError('image/unreadable', `${files.where}: layer ${id} is its own ancestor`);
    seen.add(id);
    if (seen.size > MAX_LAYERS) {
      throw new ClairError('image/unreadable', `${files.where} has an image of more than ${MAX_LAYERS} layers`);
    }
    const next = await readStep(files, id);
    steps.push(next.step);
    id = next.parent;
  }
  return steps;
}

async function readStep(files: ImageFiles, id: string): Promise<{ readonly step: Step; readonly parent: string }> {
  if (!/^[0-9a-f]{64}$/.test(id)) {
    throw new ClairError(
      'image/unreadable',
      `${files.where} names the layer ${shownName(id)}, but a layer ID has 64 hexadecimal digits`,
    );
  }
  const { value, digest } = await readImageJson(files, `${id}/json`, STEP);
  const { os, architecture, variant, parent, container_config: container, comment } = value;
  const platform = platformText({ os: os || 'linux', architecture: architecture || 'unknown', variant });
  const createdBy = container?.Cmd?.join(' ') ?? comment ?? '';
  return { step: { id, digest, platform, createdBy }, parent: parent ?? '' };
}

const NAMES_OF_IMAGES = custom<Readonly<Record<string, Texts>>>(
  (value) => isObject(value) && Object.values(value).every(isTexts),
  'must be an object of objects of texts',
);

const STEP = objectSchema({
  parent: exactOptional(nullable(string())),
  os: exactOptional(PLATFORM_WORD),
  architecture: exactOptional(PLATFORM_WORD),
  variant: exactOptional(PLATFORM_WORD),
  comment: exactOptional(string()),
  container_config: exactOptional(nullable(objectSchema({ Cmd: exactOptional(nullable(array(string()))) }))),
});
