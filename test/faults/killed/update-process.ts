/**
 * Updates one database from a Debian feed until the test kills it: `update-process.ts DATABASE FEED`. Imports few
 * modules, so that it starts fast.
 */
import { argv } from 'node:process';
import { updateFrom } from './feed-update.ts';

const [database = '', feed = ''] = argv.slice(2);
await updateFrom(feed, database, Date.now);
