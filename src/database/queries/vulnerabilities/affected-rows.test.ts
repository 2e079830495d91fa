import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { openSqlite } from '../../engines/sqlite/engine.ts';
import type { Queries, SqlValue } from '../../engines/engine.ts';
import { createAffectedRows, readAffected } from './affected-rows.ts';

function open(name: string): AffectedPackage {
  return { namespace: 'debian:12', package: name, severity: 'Low', status: 'open' };
}

async function insertVulnerabilities(queries: Queries, ids: readonly number[]): Promise<void> {
  const columns = ['id', 'feed', 'name', 'link', 'description', 'content_hash'];
  const vulnerabilities = ids.map((id) => [id, 'debian', `CVE-${id}`, '', '', Buffer.of()]);
  await queries.insertMany({ table: 'vulnerability', columns }, vulnerabilities);
}

it('looks up each namespace and version line once, however many advisories have it', async () => {
  const engine = await openSqlite();
  const keys: (readonly SqlValue[])[] = [];
  await engine.transaction(async (queries) => {
    await insertVulnerabilities(queries, [1, 2, 3]);
    const rows = createAffectedRows(
      {
        ...queries,
        async ensureMany(target, wanted) {
          keys.push(...wanted);
          return await queries.ensureMany(target, wanted);
        },
      },
      () => 'dpkg',
    );
    rows.add(1, [open('openssl')]);
    rows.add(2, [open('openssl'), open('zlib')]);
    await rows.write();
    rows.add(3, [open('zlib')]);
    await rows.write();
  });
  expect(keys).toEqual([
    ['debian:12', 'dpkg'],
    [1, 'openssl', ''],
    [1, 'zlib', ''],
  ]);
  const stored = `
    SELECT line.name, affected.vulnerability FROM affected JOIN line ON line.id = affected.line
    ORDER BY line.name, affected.vulnerability`;
  expect(await engine.read.all(stored)).toEqual([
    { name: 'openssl', vulnerability: 1 },
    { name: 'openssl', vulnerability: 2 },
    { name: 'zlib', vulnerability: 2 },
    { name: 'zlib', vulnerability: 3 },
  ]);
  await engine.close();
});

it('stores every package with its own properties, also after packages with other or equal properties', async () => {
  const affected: fc.Arbitrary<AffectedPackage> = fc
    .record(
      {
        introduced: fc.constantFrom('1', '2'),
        fixed: fc.constantFrom('3', '4'),
        severityFrom: fc.constant('cvss' as const),
        archs: fc.constantFrom(['amd64'], ['amd64', 'arm64']),
        module: fc.constant('name:stream'),
        cpe: fc.constant('cpe:/a:vendor'),
        imports: fc.constant([{ path: 'example.org/a' }]),
      },
      { requiredKeys: [] },
    )
    .chain((rest) =>
      fc.record({
        namespace: fc.constant('debian:12'),
        package: fc.constantFrom('openssl', 'zlib'),
        severity: fc.constantFrom('Low' as const, 'High' as const),
        status: fc.constantFrom('open' as const, 'fixed' as const),
        ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, fc.constant(value)])),
      }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(affected, { minLength: 1, maxLength: 20, size: 'max' }), async (packages) => {
      const engine = await openSqlite();
      const ids = packages.map((_, at) => at + 1);
      await engine.transaction(async (queries) => {
        await insertVulnerabilities(queries, ids);
        const rows = createAffectedRows(queries, () => 'dpkg');
        for (const id of ids) rows.add(id, packages.slice(id - 1, id));
        await rows.write();
      });
      const stored = await readAffected(engine.read, ids);
      expect(ids.flatMap((id) => stored.get(id))).toEqual(packages);
      await engine.close();
    }),
    { numRuns: 30 },
  );
});
