import { ClairError, type ErrorCode } from '../../../errors.ts';
import { createRegistryClient, type RegistryAccess, type RegistryClient } from './registry-client.ts';

/**
 * Makes a client of one repository that asks the mirrors of its registry in their order, each once, and the registry
 * itself last. The next one is asked when one does not have it, refuses, or cannot be reached; what has answered is asked
 * first from then on. Each is asked with the credentials of its own host. Nobody has to trust a mirror with what is named by
 * digest, since whoever reads verifies that; where a tag points to is for the mirror to say, when it answers.
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
          working = Math.max(working, index);
          return answer;
        } catch (error) {
          if (!(error instanceof ClairError) || !PASSED_ON.has(error.code) || signal?.aborted === true) throw error;
          failures.push(error);
        }
      }
      throw failureOf(failures, domain);
    },
  };
}

/** That the configuration of credentials is broken is none of these: it would be so for whoever is asked next. */
const PASSED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'image/not-found',
  'bytes/not-found',
  'bytes/unreachable',
  'registry/denied',
]);

/** The registry has the last word, but why none of its mirrors helped must not be lost. */
function failureOf(failures: readonly ClairError[], domain: string): ClairError {
  const last = failures.at(-1);
  if (last === undefined) throw new Error(`nobody was asked for ${domain}`);
  if (failures.length === 1) return last;
  const mirrors = failures.slice(0, -1).map(({ message }) => message);
  return new ClairError(last.code, `${last.message}; its mirrors did not help: ${mirrors.join('; ')}`, { cause: last });
}
