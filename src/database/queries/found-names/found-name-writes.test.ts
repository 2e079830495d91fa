import { expect, it } from 'vitest';
import type { FoundName } from '../../contracts/found-names.ts';
import { openSqlite } from '../../engines/sqlite/engine.ts';
import { storeOn } from '../../open-store.ts';
import { digestOf } from '../../testing/packages.ts';
import { NO_CONTENTS } from '../../testing/stores.ts';
import { replaceNames } from './found-name-writes.ts';

it('lets other work of the thread run while the names of a large image are written', async () => {
  const engine = await openSqlite();
  const image = { digest: digestOf('a'), reference: 'r:1', target: 't', platform: 'p', leaf: null, scannedAt: 1 };
  await storeOn(engine).images.record({ ...NO_CONTENTS, ...image });
  const [recorded] = await engine.read.all<{ id: number }>('SELECT id FROM image');
  const names = Array.from({ length: 3000 }, (_, at): FoundName => {
    const flags = { isOpen: true, isId: false, isExploited: false, severity: 'Low' } as const;
    return { kind: 'package', name: `package-${at}`, ...flags };
  });
  let turns = 0;
  let next: NodeJS.Immediate;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  next = setImmediate(count);
  const turnsBeforeUpdates: number[] = [];
  await engine.transaction(async (queries) => {
    const updateMany: typeof queries.updateMany = async (target, rows) => {
      turnsBeforeUpdates.push(turns);
      const end = performance.now() + 15;
      while (performance.now() < end);
      await queries.updateMany(target, rows);
    };
    await replaceNames({ ...queries, updateMany }, [{ id: recorded!.id, names }]);
  });
  clearImmediate(next);
  await engine.close();
  expect(turnsBeforeUpdates).toHaveLength(3);
  expect(new Set(turnsBeforeUpdates).size).toBe(3);
});
