import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { hash } from 'node:crypto';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { type Severity, severityRank } from '../../../model/severity.ts';
import { STATUSES, type Status } from '../../../model/advisories/status.ts';
import { createTextStore, ownText, type StoredText } from './text-store.ts';
import { textOrder } from '../../../model/text-order.ts';

/** The maximum size of a feed in memory, as compact text, in bytes; the rest of the feed goes to a temporary file. */
const MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Sorts a feed for {@link VulnerabilityStore.update} outside the database and in bounded memory, because the database
 * must receive only a complete and valid feed. Many feeds are grouped by package, so that the parts of an advisory are
 * far apart.
 */
export type AdvisoryOrder = {
  readonly add: (part: Advisory) => void;
  /** Returns the merged advisories by ascending identifier; no parts may be added during the iteration. */
  readonly advisories: () => Iterable<OrderedAdvisory>;
  /** Deletes the temporary file, if any. */
  readonly close: () => void;
};

/** Creates an order without advisories. The caller must close the order. */
export function createAdvisoryOrder(memoryBytes: number = MEMORY_BYTES): AdvisoryOrder {
  const parts = new Map<string, StoredText[]>();
  const texts = createTextStore(memoryBytes);
  return {
    add(part) {
      const stored = texts.put(textOf(part));
      const known = parts.get(part.id);
      if (known === undefined) parts.set(ownText(part.id), [stored]);
      else known.push(stored);
    },
    *advisories() {
      // Sorting 200,000 identifiers blocks the thread, so use the default sort, which compares code units as `textOrder`
      // does, but is several times faster.
      for (const id of [...parts.keys()].toSorted()) {
        yield orderedAdvisory(id, inTextOrder((parts.get(id) ?? []).map(texts.get)));
      }
    },
    close: texts.close,
  };
}

/** Converts sorted advisories in memory, for small feeds and tests. */
export function orderedAdvisories(advisories: readonly Advisory[]): readonly OrderedAdvisory[] {
  return advisories.map((advisory) => orderedAdvisory(advisory.id, [textOf(advisory)]));
}

/**
 * Converts an advisory whose feed has one part for each namespace, as in feeds of several ecosystems. The hash equals
 * the hash of an advisory merged from these parts.
 */
export function orderedByNamespace(advisory: Advisory): OrderedAdvisory {
  const namespaces = new Set(advisory.affected.map(({ namespace }) => namespace));
  const texts = [...namespaces].map((each) =>
    textOf({ ...advisory, affected: advisory.affected.filter(({ namespace }) => namespace === each) }),
  );
  return orderedAdvisory(advisory.id, texts.toSorted(textOrder));
}

/**
 * A part as a list without field names. The list is half as long as JSON with field names, and equal for equal parts.
 */
type PartFields = readonly [
  link: string,
  description: string,
  affected: readonly AffectedFields[],
  aliases: readonly string[],
];

type AffectedFields = readonly [
  namespace: string,
  name: string,
  introduced: string | null,
  fixed: string | null,
  severity: Severity,
  status: Status,
  /** Fields that most feeds never set. */
  rest?: Pick<AffectedPackage, 'lastAffected' | 'severityFrom' | 'archs' | 'module' | 'role' | 'cpe' | 'imports'>,
];

/** Returns the text of {@link PartFields}, which does not depend on the order of packages and aliases. */
function textOf({ link, description, affected, aliases = [] }: Advisory): string {
  // One call takes half as long as a call for each part, which only sorting needs.
  if (affected.length < 2) return JSON.stringify([link, description, affected.map(fieldsOf), inTextOrder(aliases)]);
  const packages = affected.map((each) => JSON.stringify(fieldsOf(each)));
  const names = JSON.stringify(inTextOrder(aliases));
  return `[${JSON.stringify(link)},${JSON.stringify(description)},[${inTextOrder(packages).join()}],${names}]`;
}

function inTextOrder(texts: readonly string[]): readonly string[] {
  return texts.length > 1 ? texts.toSorted(textOrder) : texts;
}

function fieldsOf(of: AffectedPackage): AffectedFields {
  const { namespace, package: name, introduced = null, fixed = null, severity, status } = of;
  const { lastAffected, severityFrom, archs, module, role, cpe, imports } = of;
  const fields = [namespace, name, introduced, fixed, severity, status] as const;
  if ((lastAffected ?? severityFrom ?? archs ?? module ?? role ?? cpe ?? imports) === undefined) return fields;
  const rest = {
    ...(lastAffected !== undefined && { lastAffected }),
    ...(severityFrom !== undefined && { severityFrom }),
    ...(archs !== undefined && { archs: archs.toSorted() }),
    ...(module !== undefined && { module }),
    ...(role !== undefined && { role }),
    ...(cpe !== undefined && { cpe }),
    ...(imports !== undefined && { imports }),
  };
  return [...fields, rest];
}

function orderedAdvisory(id: string, texts: readonly string[]): OrderedAdvisory {
  return { id, contentHash: hash('sha256', texts.join('\n'), 'buffer'), read: united.bind(undefined, id, texts) };
}

/**
 * Merges parts of an advisory. The result has the first non-empty link and description, and all affected packages; the
 * entries of each package start with the most certain status.
 */
function united(id: string, texts: readonly string[]): Advisory {
  const parts = texts.map((text): PartFields => JSON.parse(text));
  const [first] = parts;
  const [link, description, packages, names] = parts.length === 1 && first !== undefined ? first : joinedParts(parts);
  const affected = packages.map(affectedOf);
  return {
    id,
    link,
    description,
    ...(names.length > 0 && { aliases: [...new Set(names)].toSorted(textOrder) }),
    affected: affected.length > 1 ? affected.toSorted(compareAffected) : affected,
  };
}

function joinedParts(parts: readonly PartFields[]): PartFields {
  return [
    parts.find(([link]) => link !== '')?.[0] ?? '',
    parts.find(([, description]) => description !== '')?.[1] ?? '',
    parts.flatMap(([, , affected]) => affected),
    parts.flatMap(([, , , aliases]) => aliases),
  ];
}

function affectedOf([namespace, name, introduced, fixed, severity, status, rest]: AffectedFields): AffectedPackage {
  // Most feeds have only these two forms, which need no spread.
  if (introduced === null && rest === undefined) {
    if (fixed === null) return { namespace, package: name, severity, status };
    return { namespace, package: name, fixed, severity, status };
  }
  return {
    namespace,
    package: name,
    ...(introduced !== null && { introduced }),
    ...(fixed !== null && { fixed }),
    severity,
    status,
    ...rest,
  };
}

function compareAffected(a: AffectedPackage, b: AffectedPackage): number {
  return (
    textOrder(a.namespace, b.namespace) ||
    textOrder(a.package, b.package) ||
    STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
    severityRank(b.severity) - severityRank(a.severity) ||
    textOrder(a.introduced ?? '', b.introduced ?? '')
  );
}
