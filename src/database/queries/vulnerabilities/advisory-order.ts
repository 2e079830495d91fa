import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { hash } from 'node:crypto';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { type Severity, severityRank } from '../../../model/severity.ts';
import { STATUSES, type Status } from '../../../model/advisories/status.ts';
import { createTextStore, ownText, type StoredText } from './text-store.ts';
import { textOrder } from '../../../model/text-order.ts';

/** How much of a feed waits in memory, as compact text; what goes beyond waits in a temporary file. */
const MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * Brings a feed into the order that {@link VulnerabilityStore.update} asks for. Feeds are grouped by package, so the
 * parts of one advisory lie far apart. They wait outside of the database, which hears nothing of a feed before all of
 * it was read and found good; the memory that they take is bounded.
 */
export type AdvisoryOrder = {
  readonly add: (part: Advisory) => void;
  /** The united advisories by ascending identifier. Nothing may be added while they are read. */
  readonly advisories: () => Iterable<OrderedAdvisory>;
  /** Deletes the temporary file, if there is one. */
  readonly close: () => void;
};

/**
 * Opens an empty order. Close it.
 *
 * @param memoryBytes how much may wait in memory
 */
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
      for (const id of [...parts.keys()].toSorted(textOrder)) {
        yield orderedAdvisory(id, (parts.get(id) ?? []).map(texts.get).toSorted(textOrder));
      }
    },
    close: texts.close,
  };
}

/** Puts advisories that are at hand into their order: for feeds that are small, and for tests. */
export function orderedAdvisories(advisories: readonly Advisory[]): readonly OrderedAdvisory[] {
  return advisories.map((advisory) => orderedAdvisory(advisory.id, [textOf(advisory)]));
}

/** A part as a list without names: half as long, and equal for equal parts. */
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
  /** What most feeds never say. */
  rest?: Pick<AffectedPackage, 'lastAffected' | 'severityFrom' | 'archs' | 'module' | 'role' | 'cpe'>,
];

/** Gives the text of {@link PartFields}, equal for parts that say the same in another order. */
function textOf({ link, description, affected, aliases = [] }: Advisory): string {
  const sorted = affected.map((each) => JSON.stringify(fieldsOf(each))).toSorted(textOrder);
  const words = JSON.stringify([link, description]).slice(1, -1);
  return `[${words},[${sorted.join()}],${JSON.stringify(aliases.toSorted(textOrder))}]`;
}

function fieldsOf(of: AffectedPackage): AffectedFields {
  const { namespace, package: name, introduced = null, fixed = null, severity, status } = of;
  const { lastAffected, severityFrom, archs, module, role, cpe } = of;
  const rest = {
    ...(lastAffected !== undefined && { lastAffected }),
    ...(severityFrom !== undefined && { severityFrom }),
    ...(archs !== undefined && { archs: archs.toSorted() }),
    ...(module !== undefined && { module }),
    ...(role !== undefined && { role }),
    ...(cpe !== undefined && { cpe }),
  };
  const fields = [namespace, name, introduced, fixed, severity, status] as const;
  return Object.keys(rest).length === 0 ? fields : [...fields, rest];
}

function orderedAdvisory(id: string, texts: readonly string[]): OrderedAdvisory {
  return { id, contentHash: hash('sha256', texts.join('\n'), 'buffer'), read: () => united(id, texts) };
}

/** The first link and description that are not empty, and all affected packages, the surest of several states first. */
function united(id: string, texts: readonly string[]): Advisory {
  const parts = texts.map((text): PartFields => JSON.parse(text));
  const aliases = [...new Set(parts.flatMap(([, , , names]) => names))].toSorted(textOrder);
  return {
    id,
    link: parts.find(([link]) => link !== '')?.[0] ?? '',
    description: parts.find(([, description]) => description !== '')?.[1] ?? '',
    ...(aliases.length > 0 && { aliases }),
    affected: parts.flatMap(([, , affected]) => affected.map(affectedOf)).toSorted(compareAffected),
  };
}

function affectedOf([namespace, name, introduced, fixed, severity, status, rest]: AffectedFields): AffectedPackage {
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
