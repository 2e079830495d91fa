import { createHash } from 'node:crypto';
import { ClairError } from '../../errors.ts';
import type { ArtifactPlace, ArtifactWriter } from '../artifact/artifact-registry.ts';

/** A repository of a registry, in memory. */
export type MemoryRegistry = {
  /** The manifests, by tag and by digest; `blobs` contains the blobs by digest. */
  readonly manifests: Map<string, Buffer>;
  readonly blobs: Map<string, Buffer>;
  /** The digests of referrers, by the digest of their subject. */
  readonly referrers: Map<string, readonly string[]>;
  /** The requested names, such as `manifests/latest`, in order. */
  readonly requests: string[];
  readonly writer: ArtifactWriter;
  readonly place: (reference?: string) => ArtifactPlace;
};

/**
 * Creates an empty repository. Like a registry, the repository checks digests, and checks that the blobs of a manifest
 * are stored.
 */
export function createMemoryRegistry(): MemoryRegistry {
  const manifests = new Map<string, Buffer>();
  const blobs = new Map<string, Buffer>();
  const referrers = new Map<string, readonly string[]>();
  const requests: string[] = [];
  return {
    manifests,
    blobs,
    referrers,
    requests,
    writer: {
      async putBlob({ digest, size, open }) {
        if (blobs.has(digest)) return false;
        const chunks: Uint8Array[] = [];
        for await (const chunk of open(0, size)) chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        if (digestOf(bytes) !== digest) throw new ClairError('registry/refused', 'wrong digest');
        blobs.set(digest, bytes);
        return true;
      },
      async putManifest(reference, { bytes }) {
        const { config, layers } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
          config: { digest: string };
          layers: { digest: string }[];
        };
        if (![config, ...layers].every(({ digest }) => blobs.has(digest))) {
          throw new ClairError('registry/refused', 'unknown blob');
        }
        manifests.set(digestOf(bytes), Buffer.from(bytes));
        manifests.set(reference, Buffer.from(bytes));
      },
    },
    place: (reference = 'latest') => ({
      where: `registry.test/db:${reference}`,
      reference,
      reader: {
        async get(name) {
          requests.push(name);
          const [kind, key = ''] = name.split('/');
          const bytes = (kind === 'manifests' ? manifests : blobs).get(key);
          if (bytes === undefined) {
            throw new ClairError(kind === 'manifests' ? 'image/not-found' : 'bytes/not-found', `no ${name}`);
          }
          return { body: bodyOf(bytes) };
        },
      },
      listReferrers: async (digest) => referrers.get(digest) ?? [],
    }),
  };
}

async function* bodyOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
