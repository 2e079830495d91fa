import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Severity } from '../../../model/severity.ts';
import { skipped } from '../../advisories/record-diagnostics.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { OvalCriterion, OvalDefinition } from '../../formats/oval/oval.ts';
import { type OvalHead, ovalParser, type TellOnce } from '../../formats/oval/oval-advisories.ts';
import type { OvalVerdict } from '../../formats/oval/oval-conditions.ts';
import type { OvalRange } from '../../formats/oval/oval-ranges.ts';

/** Reads Oracle's OVAL document for Oracle Linux, with one definition per advisory (ELSA). */
export const parseOracle: DocumentParser = ovalParser({
  rules: () => readCriterion,
  heads: headsOf,
  namespaces: ({ platforms }) => platforms.flatMap((platform) => namespaceOf(platform) ?? []),
  severities: new Map<string, Severity>([
    // Clair v1 uses the same severity.
    ['n/a', 'Negligible'],
    ['low', 'Low'],
    ['moderate', 'Medium'],
    ['important', 'High'],
    ['critical', 'Critical'],
  ]),
  refine: ofItsFlavour,
});

function readCriterion({ comment }: OvalCriterion): OvalVerdict | undefined {
  const namespace = namespaceOf(comment.replace(/ is installed$/, ''));
  if (namespace !== undefined) return { kind: 'release', namespaces: [namespace] };
  const [, module] = /^Module (\S+:\S+) is enabled$/.exec(comment) ?? [];
  if (module !== undefined) return { kind: 'module', module };
  const [, arch] = /^Oracle Linux arch is (\S+)$/.exec(comment) ?? [];
  if (arch !== undefined) return { kind: 'arch', archs: ARCHS_ON_MACHINE.get(arch) ?? [arch, 'noarch'] };
  // A version in the same criteria already implies this condition.
  return comment.endsWith(' is ksplice-based') ? 'always' : undefined;
}

function namespaceOf(product: string): string | undefined {
  const [, release] = /^Oracle Linux (\d+)$/.exec(product) ?? [];
  return release === undefined ? undefined : namespaceName('oracle', release);
}

/**
 * The architectures of packages by the architecture of the machine. Criteria name the architecture of the machine,
 * which can run packages of other architectures.
 */
const ARCHS_ON_MACHINE: ReadonlyMap<string, readonly string[]> = new Map([
  ['x86_64', ['i386', 'i586', 'i686', 'noarch', 'x86_64']],
  ['i386', ['i386', 'i586', 'i686', 'noarch']],
]);

const TITLE = /^(ELSA-[\d-]+\d):/;

function headsOf({ title, references }: OvalDefinition): readonly OvalHead[] {
  const advisory = references.find(({ source }) => source === 'elsa');
  const id = advisory?.id ?? TITLE.exec(title)?.[1];
  if (id === undefined) return [];
  const aliases = references.filter(({ source }) => source === 'CVE').map((cve) => cve.id);
  return [{ id, link: advisory?.url ?? `https://linux.oracle.com/errata/${id}.html`, aliases }];
}

/**
 * Limits the intervals of special builds for Ksplice and validated cryptography (FIPS), which have a higher epoch than
 * ordinary packages. The intervals start at this epoch, so that they exclude ordinary packages.
 */
function ofItsFlavour(range: OvalRange, { id }: OvalDefinition, tell: TellOnce): readonly OvalRange[] {
  const { fixed = '', package: name } = range;
  if (!/\.ksplice\d|_fips\b/.test(fixed)) return [range];
  const [, epoch = '0'] = /^(\d+):/.exec(fixed) ?? [];
  if (Number(epoch) > 0) return [{ ...range, introduced: `${epoch}:0` }];
  tell(skipped(`${id}: ${name} skipped: the version of the Ksplice or FIPS build has no epoch: ${fixed}`));
  return [];
}
