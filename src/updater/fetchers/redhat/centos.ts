import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';

/** The releases of CentOS Linux, which Red Hat's advisories were the only ones for: https://www.centos.org/centos-linux-eol/ */
const CENTOS_OF: ReadonlyMap<string, string> = new Map(
  ['5', '6', '7', '8'].map((release) => [`rhel:${release}`, `centos:${release}`]),
);

/**
 * Says of CentOS Linux what is said of the release of Red Hat Enterprise Linux that it was built from, as the original did:
 * nobody else speaks of it. Layered products are not in its repositories.
 */
export async function* alsoOfCentos(advisories: AsyncIterable<Advisory>): AsyncGenerator<Advisory> {
  for await (const advisory of advisories) {
    yield { ...advisory, affected: advisory.affected.flatMap((each) => [each, ...inCentos(each)]) };
  }
}

function inCentos(affected: AffectedPackage): readonly AffectedPackage[] {
  const namespace = CENTOS_OF.get(affected.namespace);
  return namespace === undefined || affected.cpe !== undefined ? [] : [{ ...affected, namespace }];
}
