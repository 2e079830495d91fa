import { moduleStreamOf } from '../../ecosystems/rpm.ts';
import type { Digest } from '../../model/digest.ts';
import { printable } from '../../model/printable.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { isOfClair, type SbomDocument } from './sbom-document.ts';
import { namespaceOfRelease, type SbomRelease } from './sbom-release.ts';
import { subjectDifference } from './sbom-subject.ts';
import type { SbomSystems } from './sbom-systems.ts';
import type { UnusedReason } from './sbom-statements.ts';
import { NO_PACKAGE, type SbomPackages, type Unjudged, type UnjudgedReason } from './sbom-packages.ts';
import { countOf } from '../../model/counted-noun.ts';

const WHERE = 'SBOM';

/** The maximum number of names in a message. */
const MAX_NAMED = 5;

/** The maximum length of a name in a message. */
const MAX_NAME_LENGTH = 60;

/** Real images of Red Hat and its rebuilds with this number of packages contain several packages with an epoch. */
const MANY_RPMS = 50;

/** The context in which the components of a document were checked. */
export type JudgedSbom = {
  /** The release of the document; undefined if unknown. */
  readonly release: SbomRelease | undefined;
  readonly systems: SbomSystems;
  readonly appliesVex: boolean;
  /** The digest of the image that the document must describe; undefined for any image. */
  readonly image?: Digest | undefined;
};

/** Returns the diagnostics of an SBOM: which components were checked, and what the SBOM lacks. */
export function sbomDiagnostics(
  document: SbomDocument,
  found: SbomPackages,
  { release, systems, appliesVex, image }: JudgedSbom,
): readonly Diagnostic[] {
  const { components, format, isIncomplete, vex, unknownVersion, isSigned, subjects } = document;
  const { judged, unjudged, withoutSource, contradictions, packages } = found;
  const difference = image === undefined ? undefined : subjectDifference(subjects, image);
  const modular = packages.filter((each) => each.type === 'rpm' && moduleStreamOf(each) === undefined);
  const isOwn = components.some(isOfClair);
  const left = unjudged.filter(({ reason }) => !NO_PACKAGE.has(reason));
  const absent = unjudged.filter(({ reason }) => NO_PACKAGE.has(reason));
  const rpms = packages.filter(({ type }) => type === 'rpm');
  const all = `checked ${judged} of ${countOf(components.length, 'component')} of ${printable(format)}`;
  const differing = `${contradictions === 1 ? '1 component states a version that differs from its package URL' : `${contradictions} components state versions that differ from their package URLs`} (Clair used the package URL)`;
  const unused = [
    ...(appliesVex || vex.statements.length === 0 ? [] : [`${vex.statements.length} (--sbom-vex applies them)`]),
    ...[...vex.unused].map(([reason, count]) => `${count} ${UNUSED_WORDS[reason]}`),
  ];
  const reasons = [
    ...reasonWords(absent),
    ...(contradictions > 0 ? [differing] : []),
    ...releaseWords(found, { release, systems }),
    ...(isOwn ? [] : unstatedWords(found, release)),
  ];
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
      `the document names no source packages, so ${withoutSource === 1 ? '1 package was matched by its own name' : `${withoutSource} packages were matched by their own names`}`,
    ),
    ...when(
      rpms.length >= MANY_RPMS && rpms.every(({ epoch }) => epoch === 'unknown'),
      'package-epoch-unknown',
      `none of ${rpms.length} rpm packages has an epoch, so the document probably lacks the epochs`,
    ),
    ...when(
      modular.length > 0,
      'package-module-unknown',
      `${modular.length === 1 ? '1 package was built in a module but does not name the module, so it was' : `${modular.length} packages were built in a module but do not name the module, so they were`} not matched: ${listed(modular.map(({ name }) => name))}`,
    ),
    ...when(
      !isOwn && release?.id === 'rhel' && rpms.length > 0 && found.contentSets.length === 0,
      'content-set-unknown',
      'the document names no repositories, so only the advisories for the Red Hat base product were matched',
    ),
    ...when(difference !== undefined, 'sbom-subject-differs', difference ?? ''),
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

/** The words after the number of components with a reason; a pair has the words for one and for several components. */
const WORDS: Readonly<Record<UnjudgedReason, string | readonly [one: string, several: string]>> = {
  other: [
    'is not a package, or has neither a package URL nor a version',
    'are not packages, or have neither a package URL nor a version',
  ],
  excluded: ['is excluded from the product', 'are excluded from the product'],
  external: ['is external to the product', 'are external to the product'],
  source: [
    'is a source package in a document with binary packages',
    'are source packages in a document with binary packages',
  ],
  'no-purl': 'without a package URL',
  'purl-invalid': 'with an invalid package URL',
  'no-version': 'without a version',
  'text-too-long': 'with a name, version or path of more than 1,024 bytes',
  'other-distribution': 'of a distribution that differs from the distribution of the document',
  'system-unclear': 'without an operating system, in a document with several operating systems',
  type: 'of a type that Clair does not support',
};

const UNUSED_WORDS: Readonly<Record<UnusedReason, string>> = {
  'unknown-component': 'about packages that the document does not list',
  'other-version': 'about other versions',
  'no-justification': 'that state not_affected without a justification',
  'no-vulnerability': 'without a vulnerability',
  'too-many': 'beyond the limits on VEX statements',
};

function reasonWords(unjudged: readonly Unjudged[]): readonly string[] {
  const byReason = new Map<UnjudgedReason, Unjudged[]>();
  for (const each of unjudged) {
    const known = byReason.get(each.reason);
    if (known === undefined) byReason.set(each.reason, [each]);
    else known.push(each);
  }
  return [...byReason].map(([reason, of]) => {
    const words = WORDS[reason];
    const fitting = typeof words === 'string' ? words : words[of.length === 1 ? 0 : 1];
    return `${of.length} ${fitting}${reason === 'other' ? '' : ` (${listed(of.map(({ what }) => what))})`}`;
  });
}

/** Lists the first distinct names, and states the number of the other names. */
function listed(all: readonly string[]): string {
  const names = [...new Set(all.map((name) => printable(name.slice(0, MAX_NAME_LENGTH))))];
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Returns message parts about the releases and images of a document, if it has several releases or images. */
function releaseWords(
  { packages }: SbomPackages,
  { release, systems }: Pick<JudgedSbom, 'release' | 'systems'>,
): readonly string[] {
  const main = release === undefined ? '' : namespaceOfRelease(release);
  const namespaces = [...new Set(packages.map((each) => each.release ?? main))];
  const { images } = systems;
  return [
    ...(namespaces.length > 1 ? [`packages of ${namespaces.length} distributions: ${listed(namespaces)}`] : []),
    ...(images.length > 1 ? [`the report covers ${images.length} images: ${listed(images)}`] : []),
  ];
}

/** Returns message parts about data that the SBOM lacks, such as the architecture of rpm packages. */
function unstatedWords({ packages }: SbomPackages, release: SbomRelease | undefined): readonly string[] {
  const anywhere = packages.filter(({ type, arch }) => type === 'rpm' && arch === '').length;
  const isAlpine = release?.id === 'alpine' && packages.some(({ type }) => type === 'apk');
  return [
    ...(anywhere > 0
      ? [
          `${anywhere === 1 ? '1 rpm package without an architecture was' : `${anywhere} rpm packages without an architecture were`} matched with the advisories for every architecture`,
        ]
      : []),
    ...(isAlpine ? ['the document names no package repositories, so Alpine edge packages are not recognised'] : []),
  ];
}
