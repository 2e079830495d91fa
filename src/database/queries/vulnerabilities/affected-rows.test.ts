import { expect, it } from 'vitest';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { openSqlite } from '../../engines/sqlite/engine.ts';
import type { SqlValue } from '../../engines/engine.ts';
import { createAffectedRows } from './affected-rows.ts';

function open(name: string): AffectedPackage {
  return { namespace: 'debian:12', package: name, severity: 'Low', status: 'open' };
}

it('looks up each namespace and version line once, however many advisories have it', async () => {
  const engine = await openSqlite();
  const keys: (readonly SqlValue[])[] = [];
  await engine.transaction(async (queries) => {
    const columns = ['id', 'feed', 'name', 'link', 'description', 'content_hash'];
    const vulnerabilities = [1, 2, 3].map((id) => [id, 'debian', `CVE-${id}`, '', '', Buffer.of()]);
    await queries.insertMany({ table: 'vulnerability', columns }, vulnerabilities);
    const rows = createAffectedRows(
      {
        ...queries,
        async ensureMany(target, wanted) {
          keys.push(...wanted);
          return await queries.ensureMany(target, wanted);
        },
      },
      'dpkg',
    );
    await rows.add([
      { id: 1, affected: [open('openssl')] },
      { id: 2, affected: [open('openssl'), open('zlib')] },
    ]);
    await rows.add([{ id: 3, affected: [open('zlib')] }]);
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
