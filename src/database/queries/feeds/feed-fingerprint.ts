import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { EnrichmentKind } from '../../../model/enrichment.ts';
import type { Queries } from '../../engines/engine.ts';
import { ClairError } from '../../../errors.ts';
import { storedEnrichments } from '../enrichments/stored-enrichments.ts';
import { storedVulnerabilities } from '../vulnerabilities/stored-vulnerabilities.ts';
import { readRepositories } from './repository-store.ts';

/** The number of items that are hashed per turn of the event loop. */
const RECORDS_PER_TURN = 2000;

/**
 * Returns a hash of all advisories and repositories of a feed, in hexadecimal. Equal content has the same hash on every
 * engine.
 */
export async function fingerprintOfFeed(queries: Queries, feed: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, cpes] of await readRepositories(queries, feed)) hash.update(`${JSON.stringify([name, cpes])}\n`);
  await hashAll(storedVulnerabilities(queries, feed), ({ name, content_hash }) => {
    hash.update(`${JSON.stringify(name)}\n`).update(content_hash);
  });
  return hash.digest('hex');
}

/** Returns a hash of all enrichments of a kind, in hexadecimal. Equal content has the same hash on every engine. */
export async function fingerprintOfEnrichments(queries: Queries, kind: EnrichmentKind): Promise<string> {
  const hash: Hash = createHash('sha256');
  await hashAll(storedEnrichments(queries, kind), ({ cve, value }) => {
    hash.update(`${JSON.stringify(cve)}\n${value}\n`);
  });
  return hash.digest('hex');
}

/**
 * Checks the fingerprint of a feed after an update.
 *
 * @throws ClairError `artifact/invalid`, which rolls the update back
 */
export function checkFingerprint(feed: string, expected: string, found: string): void {
  if (found === expected) return;
  throw new ClairError(
    'artifact/invalid',
    `the published data of ${feed} does not match the published fingerprint; the stored data is unchanged`,
  );
}

async function hashAll<Row>(
  rows: { readonly next: () => Promise<Row | undefined> },
  add: (row: Row) => void,
): Promise<void> {
  let turn = 0;
  for (let row = await rows.next(); row !== undefined; row = await rows.next()) {
    add(row);
    turn = (turn + 1) % RECORDS_PER_TURN;
    if (turn === 0) await setImmediate();
  }
}
