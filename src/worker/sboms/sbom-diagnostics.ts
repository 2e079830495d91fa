import { printable } from '../../model/printable.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { SbomDocument } from './sbom-document.ts';
import type { UnusedReason } from './sbom-statements.ts';
import type { SbomPackages, Unjudged, UnjudgedReason } from './sbom-packages.ts';

const WHERE = 'SBOM';

/** The number of names in a message, and the length of each. */
const MAX_NAMED = 5;
const MAX_NAME_LENGTH = 60;

/** Real images of Red Hat and its rebuilds have several packages with an epoch among as many packages. */
const MANY_RPMS = 50;

/**
 * Returns the diagnostics of a software bill of materials: the components that were judged, and the data that the
 * document lacks.
 */
export function sbomDiagnostics(
  document: SbomDocument,
  found: SbomPackages,
  appliesVex: boolean,
): readonly Diagnostic[] {
  const { components, format, isIncomplete, vex, unknownVersion, isSigned } = document;
  const { judged, unjudged, withoutSource, contradictions, packages } = found;
  const left = unjudged.filter(({ reason }) => !ABSENT.has(reason));
  const absent = unjudged.filter(({ reason }) => ABSENT.has(reason));
  const rpms = packages.filter(({ type }) => type === 'rpm');
  const all = `checked ${judged} of ${components.length} components of ${printable(format)}`;
  const differing = `versions that differ from the package URLs, which were used: ${contradictions}`;
  const unused = [
    ...(appliesVex || vex.statements.length === 0 ? [] : [`${vex.statements.length} (--sbom-vex applies them)`]),
    ...[...vex.unused].map(([reason, count]) => `${count} ${UNUSED_WORDS[reason]}`),
  ];
  const reasons = [...reasonWords(absent), ...(contradictions > 0 ? [differing] : [])];
  return [
    {
      code: 'sbom-components-judged',
      message: reasons.length === 0 ? all : `${all}; ${reasons.join('; ')}`,
      where: WHERE,
    },
    ...when(left.length > 0, 'sbom-component-not-judged', `components not checked: ${reasonWords(left).join('; ')}`),
    ...when(
      withoutSource > 0,
      'package-source-unknown',
      `the document names no source packages, so ${withoutSource} packages were matched by their own names`,
    ),
    ...when(
      rpms.length >= MANY_RPMS && rpms.every(({ version }) => !/^\d+:/.test(version)),
      'package-epoch-unknown',
      `none of ${rpms.length} rpm packages has an epoch, so the document probably lacks the epochs`,
    ),
    ...when(
      unknownVersion !== undefined,
      'sbom-version-unknown',
      `the document has version ${printable(unknownVersion ?? '')} of its format, which is newer than the versions that Clair supports`,
    ),
    ...when(isIncomplete, 'sbom-incomplete', 'the document states that it does not list all components'),
    ...when(
      unused.length > 0,
      'sbom-statements-unused',
      `VEX statements of the document that are not applied: ${unused.join('; ')}`,
    ),
    ...when(isSigned === true, 'sbom-unverified', 'the document is in an envelope, whose signature was not checked'),
  ];
}

function when(condition: boolean, code: Diagnostic['code'], message: string): readonly Diagnostic[] {
  return condition ? [{ code, message, where: WHERE }] : [];
}

/** The reasons that leave no findings out. */
const ABSENT: ReadonlySet<UnjudgedReason> = new Set(['other', 'excluded', 'external', 'source']);

const WORDS: Readonly<Record<UnjudgedReason, string>> = {
  other: 'not a package',
  excluded: 'excluded from the product',
  external: 'expected from outside the product',
  source: 'a source package beside its binary packages',
  'no-purl': 'without a package URL',
  'purl-invalid': 'with an invalid package URL',
  'no-version': 'without a version',
  'text-too-long': 'with a name, version or path above 1,024 bytes',
  'other-distribution': 'of another distribution than the document',
  type: 'of a type that Clair does not support',
};

const UNUSED_WORDS: Readonly<Record<UnusedReason, string>> = {
  'unknown-component': 'about no package of the document',
  'other-version': 'about other versions',
  'no-justification': 'that state not_affected without a justification',
  'no-vulnerability': 'without a vulnerability',
  'too-many': 'above the limit',
};

function reasonWords(unjudged: readonly Unjudged[]): readonly string[] {
  const byReason = new Map<UnjudgedReason, Unjudged[]>();
  for (const each of unjudged) {
    const known = byReason.get(each.reason);
    if (known === undefined) byReason.set(each.reason, [each]);
    else known.push(each);
  }
  return [...byReason].map(([reason, of]) => {
    const names = [...new Set(of.map(({ what }) => printable(what.slice(0, MAX_NAME_LENGTH))))];
    const more = names.length - MAX_NAMED;
    const listed = ` (${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
    return `${of.length} ${WORDS[reason]}${reason === 'other' ? '' : listed}`;
  });
}
