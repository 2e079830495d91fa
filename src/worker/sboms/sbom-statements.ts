import type { SbomStatement } from '../../model/report/sbom-statement.ts';

/** The VEX statuses, in CycloneDX terms. */
export type StatedStatus = 'not_affected' | 'false_positive' | 'resolved' | 'exploitable' | 'in_triage';

/** A statement as a document writes it, with references to components. */
export type WrittenStatement = Omit<SbomStatement, 'effect' | 'packages'> & {
  readonly status: StatedStatus;
  readonly affects: readonly StatedComponent[];
};

/** A reference to a component: its identifier, a package URL or a BOM-Link. */
export type StatedComponent = {
  readonly ref: string;
  /**
   * The versions of the component that the statement lists, with the status of each; an empty list means the
   * component's version in the document.
   */
  readonly versions: readonly { readonly version: string; readonly status: string }[];
};

/** Why a statement is not applied. */
export type UnusedReason = 'unknown-component' | 'other-version' | 'no-justification' | 'no-vulnerability' | 'too-many';

export type ResolvedStatements = {
  readonly statements: readonly SbomStatement[];
  /** The number of statements that are not applied, by reason. */
  readonly unused: ReadonlyMap<UnusedReason, number>;
};

/** The document of the statements: its components, and how other documents refer to it. */
export type StatingDocument = {
  readonly components: readonly NamedComponent[];
  /** The identifier of the component that the document describes; empty if it describes no component. */
  readonly root: string;
  /** The identifier of the document in BOM-Links: `SERIAL/VERSION`; empty if there is no serial number. */
  readonly link: string;
};

/** A component that statements can refer to. */
export type NamedComponent = { readonly ref: string; readonly purl: string; readonly version: string };

/**
 * The maximum numbers of statements, and of their package URLs and characters in total; further statements are not
 * applied.
 */
export const MAX_STATEMENTS = 10_000;
const MAX_PACKAGES = 100_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Resolves the statements of a document to the packages that they name. Does not apply a statement that names neither a
 * package of this document nor a package URL, a statement `not_affected` without a justification or reason, or a
 * statement about other versions. If such a statement were applied by the package name alone, it could suppress
 * findings in packages that the author did not mean.
 *
 * @param more the number of statements beyond {@link MAX_STATEMENTS}
 */
export function resolvedStatements(
  written: readonly WrittenStatement[],
  document: StatingDocument,
  more: number,
): ResolvedStatements {
  const statements: SbomStatement[] = [];
  const unused = new Map<UnusedReason, number>(more > 0 ? [['too-many', more]] : []);
  const byRef = new Map<string, NamedComponent>();
  // An identifier that is used twice refers to its first component.
  for (const each of document.components) if (each.ref !== '' && !byRef.has(each.ref)) byRef.set(each.ref, each);
  let packages = 0;
  let characters = 0;
  for (const each of written) {
    const found = resolved(each, byRef, document);
    const size = typeof found === 'string' ? 0 : JSON.stringify(found).length;
    if (
      typeof found !== 'string' &&
      packages + found.packages.length <= MAX_PACKAGES &&
      characters + size <= MAX_CHARACTERS
    ) {
      packages += found.packages.length;
      characters += size;
      statements.push(found);
      continue;
    }
    const reason = typeof found === 'string' ? found : 'too-many';
    unused.set(reason, (unused.get(reason) ?? 0) + 1);
  }
  return { statements, unused };
}

function resolved(
  { status, affects, ...statement }: WrittenStatement,
  byRef: ReadonlyMap<string, NamedComponent>,
  { root, link }: StatingDocument,
): SbomStatement | UnusedReason {
  if (statement.ids.length === 0) return 'no-vulnerability';
  const isKept = status === 'exploitable' || status === 'in_triage';
  if (status === 'not_affected' && statement.justification === null && statement.reason === '')
    return 'no-justification';
  const packages = new Set<string>();
  let isWhole = false;
  let isOther = false;
  for (const { ref: written, versions } of affects) {
    const ref = localRef(written, link);
    const component = byRef.get(ref);
    const purl = component?.purl || (component === undefined && ref.startsWith('pkg:') ? ref : '');
    const isUnaffected = versions.some(
      ({ version, status: of }) => version === component?.version && of === 'unaffected',
    );
    if (!isKept && versions.length > 0 && !isUnaffected) isOther = true;
    else if (ref !== '' && ref === root && !isPackage(purl)) isWhole = true;
    else if (purl !== '') packages.add(purl);
  }
  if (!isWhole && packages.size === 0) return isOther ? 'other-version' : 'unknown-component';
  const reason = statement.reason === '' ? (REASONS[status] ?? '') : statement.reason;
  return { ...statement, reason, effect: isKept ? 'keep' : 'suppress', packages: isWhole ? [] : [...packages] };
}

const REASONS: Readonly<Partial<Record<StatedStatus, string>>> = {
  resolved: 'fixed',
  false_positive: 'false positive',
};

/** A whole image or product has no package URL, or the package URL of an image. */
function isPackage(purl: string): boolean {
  return purl !== '' && !/^pkg:(?:oci|docker|generic)\//.test(purl);
}

/**
 * Returns the identifier in a BOM-Link to this document; empty for a link to another document (CycloneDX, BOM-Link).
 */
function localRef(ref: string, link: string): string {
  const [, of, fragment] = /^urn:cdx:([^#]+)#(.*)$/s.exec(ref) ?? [];
  if (of === undefined || fragment === undefined) return ref;
  if (link === '' || of.toLowerCase() !== link) return '';
  try {
    return decodeURIComponent(fragment);
  } catch {
    return '';
  }
}
