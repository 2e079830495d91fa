/**
 * Runs housekeeping on one database (a value of `--db`) at a given time (milliseconds since 1970), until the test kills
 * it: `housekeeping-process.ts DATABASE TIME`. Imports few modules, so that it starts fast.
 */
import { argv } from 'node:process';
import { databaseOptions } from '../../../src/cli/options/database-option.ts';
import { openStore } from '../../../src/database/open-store.ts';
import { createHousekeeper } from '../../../src/housekeeper/housekeeper.ts';

const [database = '', time = ''] = argv.slice(2);
const DAY = 86_400_000;
const now = (): number => Number(time);
const store = await openStore(databaseOptions(database), { time: now });
const housekeeper = createHousekeeper({
  store,
  retention: { images: 90 * DAY, layers: 90 * DAY, notifications: 30 * DAY, changeLog: 90 * DAY },
  asked: { flush: async () => undefined },
  now,
});
await housekeeper.run();
await store.close();
