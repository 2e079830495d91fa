import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';

/** The releases of CentOS Linux, for which only Red Hat's advisories exist: https://www.centos.org/centos-linux-eol/ */
const CENTOS_OF: ReadonlyMap<string, string> = new Map(
  ['5', '6', '7', '8'].map((release) => [`rhel:${release}`, `centos:${release}`]),
);

/**
 * Copies the affected packages of a release of Red Hat Enterprise Linux to the corresponding release of CentOS Linux,
 * as Clair v1 did. Skips packages of layered products, which CentOS repositories do not contain.
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
