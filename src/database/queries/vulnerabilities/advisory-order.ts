import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { hash } from 'node:crypto';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { type Severity, severityRank } from '../../../model/severity.ts';
import { STATUSES, type Status } from '../../../model/advisories/status.ts';
import { createTextStore, ownText, type StoredText } from './text-store.ts';
import { sortedFew } from '../../../model/advisories/sorted-few.ts';
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
  /** Most advisories have one part, for which a list takes more memory than the part. */
  const parts = new Map<string, StoredText | StoredText[]>();
  const texts = createTextStore(memoryBytes);
  return {
    add(part) {
      const stored = texts.put(textOf(part));
      const known = parts.get(part.id);
      if (known === undefined) parts.set(ownText(part.id), stored);
      else if (Array.isArray(known)) known.push(stored);
      else parts.set(part.id, [known, stored]);
    },
    *advisories() {
      // Sorting 200,000 identifiers blocks the thread, so use the default sort, which compares code units as `textOrder`
      // does, but is several times faster.
      for (const id of [...parts.keys()].toSorted()) {
        const stored = parts.get(id) ?? [];
        const read = Array.isArray(stored) ? inTextOrder(stored.map(texts.get)) : [texts.get(stored)];
        yield orderedAdvisory(id, read);
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
  const names = inTextOrder(aliases);
  if (affected.length <= FEW_PACKAGES) {
    return JSON.stringify([link, description, sortedFew(affected.map(fieldsOf), compareFields), names]);
  }
  const packages = affected.map((each) => JSON.stringify(fieldsOf(each)));
  return `[${JSON.stringify(link)},${JSON.stringify(description)},[${inTextOrder(packages).join()}],${JSON.stringify(names)}]`;
}

/**
 * The number of packages up to which one call for all packages takes less time and memory than a call for each package.
 * Sorting more packages would write the text of a package many times.
 */
const FEW_PACKAGES = 16;

/** Compares the texts of lists. No text of a field is the start of another one, so the first different field decides. */
function compareFields(one: AffectedFields, other: AffectedFields): number {
  for (let at = 0; at < COMMON_FIELDS; at += 1) {
    if (one[at] !== other[at]) return textOrder(JSON.stringify(one[at]), JSON.stringify(other[at]));
  }
  return textOrder(JSON.stringify(one), JSON.stringify(other));
}

/** The number of fields before `rest`. */
const COMMON_FIELDS = 6;

function inTextOrder(texts: readonly string[]): readonly string[] {
  return sortedFew(texts, textOrder);
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
    affected: sortedFew(affected, compareAffected),
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
