import { createHttpClient } from '../bytes/http/client.ts';
import { createHttpRequester } from '../bytes/http/requester.ts';
import { ClairError } from '../errors.ts';
import { isDigest } from '../model/digest.ts';
import { parseImageReference } from '../model/image-reference.ts';
import type { ArtifactPlace, ArtifactWriter } from '../updater/artifact/artifact-registry.ts';
import { clairVersion } from '../version.ts';
import { listReferrers, type Referrer } from '../worker/sources/image/referrers.ts';
import { createMirroredClient } from '../worker/sources/registry/mirrored-client.ts';
import {
  openRegistryCertificates,
  type RegistryCertificates,
} from '../worker/sources/registry/registry-certificates.ts';
import type { RegistryAccess } from '../worker/sources/registry/registry-client.ts';
import { createRegistryWriter } from '../worker/sources/registry/registry-writer.ts';

/** The settings for access to the registry of a published database. */
export type PublishedAccess = Omit<RegistryAccess, 'http'> & { readonly certificates: RegistryCertificates };

/** Bounds the lists of referrers, because anyone who can push can add referrers. */
const REFERRERS = { maxPages: 5, maxFound: 20 } as const;

/** A published database in a registry. The caller must call `close`. */
export type PublishedDatabase = {
  readonly place: ArtifactPlace;
  /** The name of the repository, including the registry. */
  readonly repository: string;
  readonly writer: ArtifactWriter;
  readonly close: () => Promise<void>;
};

/**
 * Opens a published database in a registry. Sends no request yet.
 *
 * @throws ClairError `cli/usage` for a malformed reference, `registry/certificate-invalid`
 */
export async function openPublishedDatabase(text: string, access: PublishedAccess): Promise<PublishedDatabase> {
  const parsed = parseImageReference(text);
  if (parsed === undefined) {
    throw new ClairError(
      'cli/usage',
      `${JSON.stringify(text)} is not a valid reference; use the form ghcr.io/org/clair-db:1`,
    );
  }
  const { domain, repository, tag, digest } = parsed;
  const version = clairVersion();
  const findCertificates = await openRegistryCertificates(access.certificates);
  const http = createHttpClient({ version, findCertificates });
  const requester = createHttpRequester({ version, findCertificates });
  const reader = createMirroredClient(domain, repository, { ...access, http });
  return {
    place: {
      where: text,
      reference: digest ?? tag ?? 'latest',
      reader,
      async listReferrers(subject, types, signal = new AbortController().signal) {
        if (!isDigest(subject)) return [];
        const isWanted = ({ artifactType = '' }: Referrer): boolean => types.includes(artifactType);
        const wish = { ...REFERRERS, isWanted };
        const found = await listReferrers(reader, subject, wish, signal).catch((error: unknown) => {
          throw signaturesError(text, error);
        });
        return found.map((each) => each.digest).filter(isDigest);
      },
    },
    repository: `${domain}/${repository}`,
    writer: createRegistryWriter(domain, repository, { ...access, http, requester }),
    async close() {
      await http.close();
      await requester.close();
    },
  };
}

/** Explains an invalid list of referrers, which contains the signatures of a database and not an image. */
function signaturesError(where: string, error: unknown): unknown {
  if (!(error instanceof ClairError) || error.code !== 'image/unreadable') return error;
  const message = `${where}: the registry, or a proxy before the registry, sent no valid list of signatures: ${error.message}`;
  return new ClairError('bytes/unreachable', message, { cause: error });
}
