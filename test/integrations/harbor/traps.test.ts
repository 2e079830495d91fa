import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * The numbered rows of section 7 of the contract (harbor-adapter.md), each with an error that a server can make, and
 * words from the name of the test that detects the error.
 *
 * The table lacks some rows. Other tests cover rows 6 and 7, which are properties of the server. Rows 9 and 11 are
 * features of Harbor. The table covers row 17 only for foreign layers.
 */
const DONE: readonly (readonly [
  row: number,
  trap: string,
  folder: 'here' | 'api' | 'queue' | 'store' | 'load',
  test: string,
])[] = [
  [1, 'a scan is 302 forever', 'here', 'ends with 500 after 25 minutes'],
  [
    1,
    'an image occupies a reader after its scan ended',
    'queue',
    'with credentials of the client fails some time after',
  ],
  [2, 'a scan is lost when its instance stops', 'queue', 'another instance reads it'],
  [2, 'a scan is lost when its instance is killed', 'queue', 'when the lease of an unresponsive instance expires'],
  [
    2,
    'a scan that kills its instances is repeated forever',
    'queue',
    'fails after three instances failed to finish it',
  ],
  [2, 'scans are lost when instances are killed under load', 'load', 'end every Harbor scan with its report'],
  [2, 'more scans than the queue takes are lost', 'store', 'are rejected when a thousand are unfinished'],
  [3, 'metadata waits for the database', 'here', 'slower than 5 s'],
  [3, 'metadata is late under load', 'load', 'respond to 99 of 100 requests for metadata within a second'],
  [4, 'a scan has no time limit', 'queue', 'has a time limit'],
  [5, 'one slow scan blocks the others', 'queue', 'does not wait for slow images or queued archives'],
  [5, 'two instances read one layer at once', 'load', 'never read a layer twice, at the same time or later'],
  [8, 'a second scan fetches the layers again', 'here', 'fetches its manifest and its configuration, but no layer'],
  [8, 'a second scan needs no right to pull', 'here', 'fails if the login of this scan may not pull it'],
  [8, 'a known layer needs no right to pull', 'here', 'whose configuration names a layer of another project fails'],
  [10, 'a short failure of the database fails a scan', 'queue', 'when the database is unavailable, and pauses'],
  [10, 'a short outage of the database fails a poll', 'api', 'polls again during a short outage'],
  [12, 'suppressed findings are missing', 'api', 'counts suppressed findings'],
  [13, 'an image that no feed covers looks clean', 'here', 'whose release no feed covers is 500'],
  [13, 'an unchecked image without findings looks clean', 'api', 'because it would look clean'],
  [14, 'the end of a login is not named', 'here', 'the credentials that Harbor sent may have expired'],
  [15, 'an attestation is read as an image', 'here', 'of an attestation fails, because it is not an image'],
  [16, 'an index is taken', 'api', "['an index'"],
  [17, 'an image without a foreign layer looks clean', 'api', "'layer-absent'"],
];

const folderOf = (path: string): string => fileURLToPath(new URL(`../../../${path}/`, import.meta.url));

const FOLDERS = {
  here: folderOf('test/integrations/harbor'),
  api: folderOf('src/api/harbor'),
  queue: folderOf('src/worker/submissions'),
  store: folderOf('src/database/queries/submissions'),
  load: folderOf('test/integrations/load'),
};

describe('a trap of the contract', () => {
  const textsOf = (folder: string): readonly string[] =>
    readdirSync(folder)
      .filter((file) => (file.endsWith('.test.ts') || file === 'deviations.ts') && file !== 'traps.test.ts')
      .map((file) => readFileSync(`${folder}${file}`, 'utf8'));
  const tests = {
    here: textsOf(FOLDERS.here),
    api: textsOf(FOLDERS.api),
    queue: textsOf(FOLDERS.queue),
    store: textsOf(FOLDERS.store),
    load: textsOf(FOLDERS.load),
  };

  it.each(DONE)('of row %i has a test: %s', (_row, _trap, folder, words) => {
    expect(tests[folder].some((text) => text.includes(words))).toBe(true);
  });
});
