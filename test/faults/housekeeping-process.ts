/**
 * Keeps house in one database as if it were a time (milliseconds since 1970), to be killed while it does:
 * `housekeeping-process.ts DATABASE TIME`. It loads little, so that it starts fast.
 */
import { argv } from 'node:process';
import { openStore } from '../../src/database/open-store.ts';
import { createHousekeeper } from '../../src/housekeeper/housekeeper.ts';

const [database = '', time = ''] = argv.slice(2);
const DAY = 86_400_000;
const store = await openStore({ type: 'sqlite', path: database });
const housekeeper = createHousekeeper({
  store,
  retention: { images: 90 * DAY, layers: 90 * DAY, notifications: 30 * DAY, changeLog: 90 * DAY },
  asked: { flush: async () => undefined },
  now: () => Number(time),
});
await housekeeper.run();
await store.close();
