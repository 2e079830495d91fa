import { isIndexable, MAX_INDEXED_BYTES } from '../../model/indexed-text.ts';
import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import { addRecordDiagnostic, at, skipped } from './record-diagnostics.ts';

/**
 * The maximum size, in bytes, of the properties of an affected package that are in the same index row as both ends of
 * its range. Properties in real feeds are shorter than 100 bytes.
 */
const MAX_PROPERTY_BYTES = 384;

/**
 * Returns the advisory without the affected packages that the database cannot index. Adds a diagnostic with the number
 * of these packages.
 */
export function withoutLongNames(advisory: Advisory, recordDiagnostics: RecordDiagnostics): Advisory {
  if (advisory.affected.every(isShort)) return advisory;
  const affected = advisory.affected.filter(isShort);
  const removed = advisory.affected.length - affected.length;
  const packages = removed === 1 ? '1 affected package' : `${removed} affected packages`;
  const message = `${packages} skipped: a name exceeds ${MAX_INDEXED_BYTES} bytes, or the architectures, module and product exceed ${MAX_PROPERTY_BYTES} bytes`;
  addRecordDiagnostic(recordDiagnostics, at(advisory.id, skipped(message)));
  return { ...advisory, affected };
}

function isShort({ namespace, package: name, archs, module = '', cpe = '' }: AffectedPackage): boolean {
  if (!isIndexable(namespace) || !isIndexable(name)) return false;
  if (archs === undefined && module === '' && cpe === '') return true;
  return Buffer.byteLength(`,${archs?.join(',') ?? ''},${module}${cpe}`) <= MAX_PROPERTY_BYTES;
}
