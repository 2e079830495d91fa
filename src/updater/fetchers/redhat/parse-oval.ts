import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Severity } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { OvalCriterion, OvalDefinition } from '../../formats/oval/oval.ts';
import { type OvalHead, ovalParser, type TellOnce } from '../../formats/oval/oval-advisories.ts';
import type { OvalVerdict } from '../../formats/oval/oval-conditions.ts';
import type { OvalRange } from '../../formats/oval/oval-ranges.ts';
import { layeredProduct } from './platform.ts';

/**
 * Reads Red Hat's OVAL documents, versions 1 and 2. Definitions of the class `patch` are errata (RHSA, and RHBA and
 * RHEA with fixes); definitions of the class `vulnerability` are CVEs without a fix. Skips `com.redhat.unaffected`
 * definitions.
 */
export const parseRedhatOval: DocumentParser = ovalParser({
  rules: (tell) => (criterion) => readCriterion(criterion, tell),
  heads: headsOf,
  namespaces: ({ platforms }) => [...new Set(platforms.flatMap(namespacesOfPlatform))],
  severities: new Map<string, Severity>([
    // Errata without a vulnerability; Clair v1 uses the same severity.
    ['none', 'Negligible'],
    ['low', 'Low'],
    ['moderate', 'Medium'],
    ['important', 'High'],
    ['critical', 'Critical'],
  ]),
  refine: (range, definition, tell) => limitedToProducts(withResolution(range, definition, tell), definition),
});

/** Matches the criterion for a release; old documents also name the variant of the release. */
const RELEASE = /^Red Hat Enterprise Linux (\d+)(?: (?:Client|Server|Workstation|ComputeNode))? is installed$/;

/** Matches criteria about the running system, which are treated as met, because an image has no running system. */
const RUNNING = / is (?:currently running|set to boot up on next boot)$|^kpatch-patch not installed for /;

/**
 * Matches criteria that no image of Red Hat Enterprise Linux meets. `… must be installed` is true on systems *other*
 * than Red Hat Enterprise Linux, and CoreOS is not a release of Red Hat Enterprise Linux.
 */
const NEVER = /^Red Hat Enterprise Linux must be installed$|^Red Hat CoreOS \d+ is installed$/;

function readCriterion({ comment, test }: OvalCriterion, tell: TellOnce): OvalVerdict | undefined {
  const [, release] = RELEASE.exec(comment) ?? [];
  if (release !== undefined) return { kind: 'release', namespaces: [namespaceName('rhel', release)] };
  const [, module] = /^Module (\S+:\S+) is enabled$/.exec(comment) ?? [];
  if (module !== undefined) return { kind: 'module', module };
  if (RUNNING.test(comment)) return 'always';
  if (NEVER.test(comment)) return 'never';
  if (test?.kind !== 'rpmverifyfile') return undefined;
  tell(skipped(`criteria skipped: unknown product: ${comment}`));
  return 'never';
}

/**
 * Returns the namespaces of a platform such as `Red Hat Enterprise Linux 7` or `Red Hat Ansible Engine 2.8 for RHEL 8`.
 */
function namespacesOfPlatform(platform: string): readonly string[] {
  const [, release] = /\b(?:Red Hat Enterprise Linux|RHEL) (\d+)\b/.exec(platform) ?? [];
  return release === undefined ? [] : [namespaceName('rhel', release)];
}

const ERRATUM = /^RH[SBE]A-\d{4}:\d+/;

function headsOf({ id, title, references }: OvalDefinition): readonly OvalHead[] | undefined {
  if (id.startsWith('oval:com.redhat.unaffected:')) return undefined;
  const cves = references.filter(({ source }) => source === 'CVE');
  const [erratum] = ERRATUM.exec(title) ?? [];
  if (erratum === undefined) return cves.map((cve) => ({ id: cve.id, link: cve.url }));
  // Old references contain a revision, such as `RHSA-2015:1193-00`.
  const link = references.find((reference) => reference.id.startsWith(erratum))?.url;
  return [
    {
      id: erratum,
      link: link ?? `https://access.redhat.com/errata/${erratum}`,
      aliases: cves.map((cve) => cve.id),
    },
  ];
}

const STATUS_OF_RESOLUTION: ReadonlyMap<string, Status> = new Map([
  ['Affected', 'open'],
  ['Will not fix', 'ignored'],
  ['Fix deferred', 'postponed'],
  ['Out of support scope', 'end-of-life'],
  ['Under investigation', 'under-investigation'],
]);

/** Limits a range to the layered products of the erratum, unless the erratum also names a RHEL release. */
function limitedToProducts(range: OvalRange, { cpes }: OvalDefinition): readonly OvalRange[] {
  const products = cpes.flatMap((cpe) => layeredProduct(cpe) ?? []);
  if (products.length === 0 || products.length < cpes.length) return [range];
  return [...new Set(products)].toSorted().map((cpe) => ({ ...range, cpe }));
}

/**
 * Sets the reason for a missing fix as the status of a range. Components are source packages. If the states of the
 * components differ, other packages stay `open`.
 */
function withResolution(range: OvalRange, { resolutions }: OvalDefinition, tell: TellOnce): OvalRange {
  if (range.status !== 'open' || resolutions.length === 0) return range;
  const states = new Set(resolutions.map(({ state }) => state));
  const own = resolutions.find(({ components }) => components.includes(range.package))?.state;
  const [state] = own === undefined && states.size === 1 ? states : [own];
  if (state === undefined) return range;
  const status = STATUS_OF_RESOLUTION.get(state);
  if (status === undefined) tell(inexact(`treated as affected: unknown resolution ${JSON.stringify(state)}`));
  return { ...range, status: status ?? 'unknown' };
}
