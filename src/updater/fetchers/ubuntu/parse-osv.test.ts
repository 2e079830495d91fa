import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collected, NO_HTTP } from '../../testing/feed-documents.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { documentFeed } from '../../feed/parsed-documents.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { parseUbuntuOsv } from './parse-osv.ts';
import { messagesOf } from '../../testing/record-messages.ts';

const TESTDATA = fileURLToPath(new URL('testdata/osv', import.meta.url));

async function read(): Promise<{
  readonly advisories: readonly Advisory[];
  readonly recordDiagnostics: RecordDiagnostics;
}> {
  const outcome = documentFeed(await openFeedDocuments('', { http: NO_HTTP, from: TESTDATA }), {
    json: parseUbuntuOsv,
  });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  return { advisories: await collected(outcome.advisories), recordDiagnostics: outcome.recordDiagnostics };
}

/** Returns the affected packages of an advisory as `NAMESPACE PACKAGE STATUS FIXED`. */
function written(advisory: Advisory | undefined): readonly string[] {
  return (advisory?.affected ?? []).map(
    ({ namespace, package: name, status, fixed = '∞' }) => `${namespace} ${name} ${status} ${fixed}`,
  );
}

describe("Canonical's OSV documents", () => {
  it('have the identifiers of their CVEs; withdrawn documents and notices are skipped', async () => {
    const { advisories } = await read();
    expect(advisories.map(({ id }) => id)).toEqual(['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0004']);
  });

  it('distinguish packages of a release, packages for subscribers, and separate builds', async () => {
    const [advisory] = (await read()).advisories;
    expect(advisory).toMatchObject({
      link: 'https://ubuntu.com/security/CVE-2099-0001',
      description: 'Gears may jam.',
      aliases: ['USN-9999-1', 'USN-9999-2'],
    });
    expect(written(advisory)).toEqual([
      'ubuntu:22.04 gears fixed 1.2-3ubuntu1',
      'ubuntu:24.10 gears open ∞',
      'ubuntu:18.04 gears fixed-for-subscribers 1.0-1ubuntu1+esm1',
      'ubuntu:14.04 gears open ∞',
    ]);
    expect(new Set(advisory?.affected.map(({ severity }) => severity))).toEqual(new Set(['Medium']));
    expect(advisory?.affected[0]).not.toHaveProperty('severityFrom');
  });

  it('prefer a fix in the archive to a fix for subscribers, and any fix to no fix', async () => {
    const [, advisory] = (await read()).advisories;
    expect(advisory).toMatchObject({ description: '' });
    expect(advisory).not.toHaveProperty('aliases');
    expect(written(advisory)).toEqual([
      'ubuntu:20.04 gears fixed-for-subscribers 1.1-1+esm1',
      'ubuntu:20.04 cogs fixed 2-1',
      'ubuntu:20.04 levers fixed 3-1',
      'ubuntu:20.04 pulleys open ∞',
    ]);
  });

  it('return diagnostics for malformed content', async () => {
    const { advisories, recordDiagnostics } = await read();
    expect(written(advisories[2])).toEqual(['ubuntu:22.04 cogs unknown ∞']);
    expect(messagesOf(recordDiagnostics.examples)).toEqual([
      expect.stringMatching(/^UBUNTU-CVE-2099-0004 in cogs of Ubuntu:22.04:LTS treated as affected in all versions/),
      'UBUNTU-CVE-2099-0004 gears ignored: unknown release "Ubuntu:soon"',
    ]);
  });
});
