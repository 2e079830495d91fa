import { ClairError, type ErrorCode } from '../../../errors.ts';
import { createRegistryClient, type RegistryAccess, type RegistryClient } from './registry-client.ts';

/**
 * Creates a client of one repository that tries the mirrors of the registry in order, and the registry last. The next
 * host is tried when content is missing, access is denied, or the connection fails; later requests start with the host
 * that succeeded most recently, except for attached manifests. Sends each host only its own credentials. The reader
 * verifies content named by digest; a mirror that responds determines the image of a tag.
 */
export function createMirroredClient(domain: string, repository: string, access: RegistryAccess): RegistryClient {
  const mirrors = access.mirrors.filter(({ of }) => of === domain);
  const places = [
    ...mirrors.map((mirror) => createRegistryClient(mirror.domain, `${mirror.prefix}${repository}`, access, 1)),
    createRegistryClient(domain, repository, access),
  ];
  let working = 0;
  return {
    async get(name, signal) {
      const failures: ClairError[] = [];
      for (const [index, place] of places.entries()) {
        if (index < working) continue;
        try {
          const answer = await place.get(name, signal);
          if (!ATTACHMENTS.test(name)) working = Math.max(working, index);
          return answer;
        } catch (error) {
          if (!(error instanceof ClairError) || !PASSED_ON.has(error.code) || signal?.aborted === true) throw error;
          failures.push(error);
        }
      }
      throw failureOf(failures, domain);
    },
    // A mirror that does not serve parts of blobs still serves whole blobs, so no other host is tried.
    async getRange(name, range, signal) {
      const place = places[working];
      if (place === undefined) throw failureOf([], domain);
      return await place.getRange(name, range, signal);
    },
  };
}

/**
 * Lists of referrers, and the tags of such lists and of attached manifests. A mirror without them still serves the
 * layers, so a response of the registry does not determine the host of later requests.
 */
const ATTACHMENTS = /^(?:referrers\/|manifests\/sha(?:256|512)-)/;

/**
 * The errors after which the next host is tried. A broken credentials configuration would affect every other host too.
 */
const PASSED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'image/not-found',
  'bytes/not-found',
  'bytes/unreachable',
  'registry/denied',
]);

function failureOf(failures: readonly ClairError[], domain: string): ClairError {
  const last = failures.at(-1);
  if (last === undefined) throw new Error(`no registry or mirror was tried for ${domain}`);
  if (failures.length === 1) return last;
  const mirrors = failures.slice(0, -1).map(({ message }) => message);
  return new ClairError(
    last.code,
    `${last.message}; the ${mirrors.length === 1 ? 'mirror' : 'mirrors'} failed too: ${mirrors.join('; ')}`,
    { cause: last },
  );
}
