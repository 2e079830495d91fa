import { type Static, Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import type { ImageFiles } from './image-files.ts';
import { readImageConfig } from './image-config.ts';
import { readImageJson } from './image-json.ts';
import type { ImageSource } from './image-source.ts';

const INDEX = 'index.json';

/** An index may refer to an index; nobody nests them deeper. */
const MAX_INDEX_DEPTH = 4;

/** The annotation that holds the tag (image-spec, annotations.md). */
const TAG = 'org.opencontainers.image.ref.name';

/** BuildKit marks attestations so; they look like images but hold no file system. */
const ATTESTATION = 'vnd.docker.reference.type';

/** Tells whether the files are an OCI image layout. */
export function isOciLayout(files: ImageFiles): boolean {
  return files.has(INDEX);
}

/**
 * Opens an image of an OCI layout (image-spec, image-layout.md).
 *
 * @param tag which image; needed when the layout holds several
 * @param architecture which platform of an index is wanted, as the specification names it: `amd64`
 * @throws ClairError `image/unreadable`, `bytes/digest-mismatch`, or `image/choice-needed` with what there is.
 */
export async function openOciLayout(
  files: ImageFiles,
  tag: string | undefined,
  architecture: string,
): Promise<ImageSource> {
  const { value: index } = await readImageJson(files, INDEX, INDEX_SCHEMA);
  const tagged =
    tag === undefined ? index.manifests : index.manifests.filter((each) => each.annotations?.[TAG] === tag);
  const candidates = await manifestsBelow(files, tagged);
  const chosen = chooseManifest(candidates, architecture);
  if (chosen === undefined) {
    const names = index.manifests.map((each) => each.annotations?.[TAG] ?? each.digest);
    const what = tag === undefined ? 'holds' : `has no single image "${tag}"; it holds`;
    throw new ClairError('image/choice-needed', `${files.where} ${what} ${describe(names, candidates)}`);
  }
  const manifest = await readImageJson(files, blobName(files, chosen.digest), MANIFEST_SCHEMA, digestOf(files, chosen));
  const { config: configDescriptor, layers } = manifest.value;
  const configName = blobName(files, configDescriptor.digest);
  const config = await readImageConfig(files, configName, digestOf(files, configDescriptor));
  if (layers.length !== config.layers.length) {
    throw new ClairError(
      'image/unreadable',
      `the manifest in ${files.where} lists ${layers.length} layers, but its configuration ${config.layers.length}`,
    );
  }
  return {
    kind: 'oci',
    reference: chosen.annotations?.[TAG] ?? tag ?? files.where,
    digest: manifest.digest,
    platform: config.platform,
    layers: config.layers.map(({ diffId, createdBy }, at) => {
      const digest = digestOf(files, layers[at] ?? { digest: '' });
      const where = `layer ${at} (${digest}) of ${files.where}`;
      const open = async (): Promise<ReturnType<ImageFiles['open']>> => files.open(blobName(files, digest));
      return { source: { where, digest, diffId, open }, digest, diffId, createdBy };
    }),
    close: () => files.close(),
  };
}

/**
 * The image manifests that descriptors lead to, through indexes. Each index is read once, however many others refer to
 * it: a few that list each other a thousand times would be a bomb.
 */
async function manifestsBelow(files: ImageFiles, top: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const manifests: Descriptor[] = [];
  const read = new Set<string>();
  let level = top;
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: Descriptor[] = [];
    for (const descriptor of level.filter(isNoAttestation)) {
      if (!isIndex(descriptor)) manifests.push(descriptor);
      if (!isIndex(descriptor) || read.has(descriptor.digest)) continue;
      read.add(descriptor.digest);
      if (depth === MAX_INDEX_DEPTH) {
        throw new ClairError('image/unreadable', `${files.where} nests indexes more than ${MAX_INDEX_DEPTH} deep`);
      }
      const name = blobName(files, descriptor.digest);
      const { value } = await readImageJson(files, name, INDEX_SCHEMA, digestOf(files, descriptor));
      for (const each of value.manifests) below.push(each);
    }
    level = below;
  }
  return manifests;
}

function isNoAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations?.[ATTESTATION] === undefined && platform?.architecture !== 'unknown';
}

function isIndex({ mediaType = '' }: Descriptor): boolean {
  return /\.(image\.index|manifest\.list)\./.test(mediaType);
}

/** The only image there is, else the only one for Linux on the wanted architecture. */
function chooseManifest(candidates: readonly Descriptor[], architecture: string): Descriptor | undefined {
  const different = [...new Map(candidates.map((each) => [each.digest, each])).values()];
  if (different.length === 1) return different[0];
  const fitting = different.filter(
    ({ platform }) => platform?.architecture === architecture && platform.os === 'linux',
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function describe(names: readonly string[], candidates: readonly Descriptor[]): string {
  const platforms = candidates.map(({ platform }) =>
    platform ? `${platform.os}/${platform.architecture}` : 'unnamed',
  );
  const listed = names.length === 0 ? 'no image' : names.join(', ');
  return candidates.length > 1 ? `${listed} (platforms: ${[...new Set(platforms)].join(', ')})` : listed;
}

function digestOf(files: ImageFiles, { digest }: { readonly digest: string }): Digest {
  if (isDigest(digest)) return digest;
  throw new ClairError('image/unreadable', `${files.where} refers to "${digest}", which is no SHA-256 digest`);
}

function blobName(files: ImageFiles, digest: string): string {
  return `blobs/sha256/${digestOf(files, { digest }).slice('sha256:'.length)}`;
}

const DESCRIPTOR_SCHEMA = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: Type.String(),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  platform: Type.Optional(Type.Object({ os: Type.String(), architecture: Type.String() })),
});

type Descriptor = Static<typeof DESCRIPTOR_SCHEMA>;

const INDEX_SCHEMA = Type.Object({ manifests: Type.Array(DESCRIPTOR_SCHEMA) });

const MANIFEST_SCHEMA = Type.Object({ config: DESCRIPTOR_SCHEMA, layers: Type.Array(DESCRIPTOR_SCHEMA) });
