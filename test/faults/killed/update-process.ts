/**
 * Updates one database from a feed of Debian, to be killed while it does: `update-process.ts DATABASE FEED`. It loads
 * little, so that it starts fast.
 */
import { argv } from 'node:process';
import { updateFrom } from './feed-update.ts';

const [database = '', feed = ''] = argv.slice(2);
await updateFrom(feed, database, Date.now);
