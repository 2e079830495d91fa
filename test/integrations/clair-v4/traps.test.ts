import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * The sections of the contract (clair-v4-api.md), each with an error that a server can make, and words from the name of
 * the test that detects the error.
 *
 * The table does not cover what Clair does not support: content types other than JSON or none (2); intermediate states
 * of an index, and failures on other instances (4); notifications in the forms of Clair v4 by AMQP and STOMP (6);
 * tokens without an expiry time (7).
 */
const DONE: readonly (readonly [section: string, trap: string, test: string])[] = [
  ['1', 'no or an empty list of layers is not 400', 'an empty list of layers'],
  ['1', 'a layer that is not a tar is not 400', 'is 400 for a layer that is not a tar'],
  ['1', 'the known state is not 412 without a body', 'is 412 without a body for If-None-Match'],
  ['1', 'the known state is not 304 for an unknown digest', '304 if the condition names the state'],
  ['1', 'a deletion of several is null', 'returns a list of the deleted images'],
  ['1', 'a deletion of an unknown image fails', 'deletes one image with 204, indexed or not'],
  ['1', 'a report is 200 before any data', 'is 202 without a body until a feed was read'],
  ['1', 'another method is not 405', '%s %s is 405'],
  ['1', 'a slash at the end is not found', 'with a slash at the end or without'],
  ['1', 'a percent-encoded digest is not found', 'percent-encoded or not'],
  ['1', 'robots.txt needs a token', 'is 401 without a token at every path but robots.txt'],
  ['1', 'the OpenAPI document has one type', 'the OpenAPI document for Accept'],
  ['1', 'HEAD is answered', "['HEAD', STATE]"],
  ['1', 'the Clair v4 health paths are missing', 'health as in Clair v4'],
  ['1', 'the affected images are not sorted by severity', 'have the IDs of the request, the most severe first'],
  ['1', 'a long list of affected images is cut off', 'are an error, not a part, if the response would be too long'],
  [
    '1',
    'the tag is not the newest update operation',
    'are by feed, newest first, with the newest reference as the tag',
  ],
  [
    '1',
    'a deleted update operation is still listed',
    'are unknown after a client deletes them, but their changes stay',
  ],
  ['1', 'a difference lacks changes', 'is an error, not a partial difference, if older changes are deleted'],
  ['1', 'affected images are computed on the server thread', 'are computed in a thread, which also parses the body'],
  ['1', 'a binary package of Debian affects nothing', 'are unknown, not none, for %s'],
  [
    '1',
    'the order of operations is not the order of commits',
    'has the order of commits, which ids of updates do not follow',
  ],
  [
    '1',
    'a rarely changing feed has no operations',
    'remains known for a feed that changes less often than the log is kept',
  ],
  [
    '1',
    'the previous operation is required',
    'lists all vulnerabilities of the operation as added if prev names no operation',
  ],
  ['11', 'a list of summaries is refused', 'are returned for a list of summaries, too, which have no ID'],
  ['9', 'an unknown vulnerability affects nothing', 'are incomplete for an unknown advisory with %s'],
  ['2', 'bytes with another digest are indexed', 'the bytes have another digest'],
  ['2', 'a known layer is fetched again', 'never fetches a known layer again'],
  ['2', 'the query of a URL changes', 'SIGNATURE'],
  ['2', 'one layer several times fails', 'takes one layer many times'],
  ['2', 'a digest in capitals is refused', 'and digests in capitals'],
  ['2', 'a digest by SHA-512 is refused', 'takes digests by SHA-512'],
  ['2', 'a repository has a text that is no CPE', 'no product that clairctl cannot decode'],
  ['2', 'an environment is missing', 'a package has no environment'],
  ['2', 'a layer is not of the manifest', 'a layer is not in the manifest'],
  ['2', 'an absent source is null', 'the source of a package is null'],
  ['2', 'a distribution lacks a text', 'a distribution has no code name'],
  ['2', 'a list of a package is empty', 'a package has an empty list'],
  ['2', 'an ID dangles', 'an ID leads to no vulnerability'],
  ['2', 'Defcon1 is sent', 'a severity is Defcon1'],
  ['2', 'an absent distribution or repository is null', 'a repository is null'],
  ['2', 'a range is sent', 'a vulnerability has a range'],
  ['2', 'the time of issue is empty', 'a vulnerability was issued at no time'],
  ['2', 'CVSS is not the only enrichment', 'EPSS comes second'],
  ['2', 'a score has no base score', 'a score has no base score'],
  ['2', 'a message is not ASCII', 'has a message in ASCII, because Quay fails otherwise'],
  ['2', 'a message contains the URL of a layer', 'secret of ['],
  ['3', 'Accept is not negotiated', '%s with Accept: %s is %i as %s'],
  ['3', 'the tag is weak, too long or not the state', 'the tag of the index is weak'],
  ['3', 'a list, a weak tag or * is no condition', 'W/"STATE"'],
  ['3', 'the link is missing', 'the index has no link'],
  ['3', 'chunked bodies without types are refused', 'takes chunked bodies without Content-Length and Content-Type'],
  ['3', 'the 429 breaks off', 'is 429 with a whole body when too many manifests are being indexed'],
  ['4', 'a second POST indexes again', 'shares one analysis among concurrent requests for one manifest'],
  ['4', 'a temporary failure is 400', 'is 500 with a report of the state IndexError when'],
  ['4', 'a layer is requested after its token expired', 'requests all layers at once'],
  ['4', 'the state differs among instances', 'is equal for one release, whatever the order of its feeds'],
  ['4', 'the state ignores the engine', 'differs for another engine version and for other feeds'],
  ['5', 'a report may be cached', "toBe('max-age=0')"],
  ['5', 'a report is not current', 'is current: additions of a feed are in the next response'],
  ['7', 'a short key is refused', 'warns if the key is short'],
  ['7', 'the line break of a key is cut off', 'thirty-six bytes and a line break'],
  ['7', 'a token without typ is refused', 'clairctl sends no `typ`'],
  ['7', 'HS384 or HS512 is refused', 'a client with HS512'],
  ['7', 'the clock tolerance is not 15 seconds', 'accepts clocks that differ by 15 seconds'],
  ['8', 'the state differs from the tag', 'the state differs from the tag of an index'],
  ['9', 'an unchecked image looks clean', 'states what a report lacks'],
  ['9', 'an unchecked image is never an error', 'returns an error if so configured'],
  ['9', 'suppressed findings are missing', 'lists suppressed findings in a separate member'],
  ['1', 'an unknown notification is 200 with an empty list', "['GET', `${PATH}/${NOBODY}`, 404]"],
  ['1', 'the deletion of an unknown notification is 500', "['DELETE', `${PATH}/${NOBODY}`, 404]"],
  ['1', 'a negative page size is 500', "['GET', `${PATH}/${NOBODY}?page_size=-1`, 400]"],
  ['1', 'a second deletion fails', 'is gone after the deletion, which succeeds again'],
  ['2', 'the size of a page is not echoed', 'with %s echoes the size %i'],
  ['2', 'the last page leads to another page', 'leads to the next page by a UUID, and the last page to none'],
  ['2', 'the next page is no UUID', 'leads to the next page by a UUID, and the last page to none'],
  ['2', 'the reason is "changed"', 'the reason is "changed"'],
  ['2', 'the severity has a name that Quay does not read', 'because the original sends none that Quay reads'],
  ['2', 'the fixed version of an entry is null', 'the fixed version of an entry is null'],
  ['6', 'the webhook lacks a field', 'the webhook has no callback'],
  ['6', 'a status other than 200 delivers', 'is delivered by any 2xx status, and by no other'],
  ['6', 'a claim of the token is missing', 'the token has no nbf'],
  ['6', 'a slow clock of Quay refuses the token', 'is accepted by a Quay whose clock is slow'],
  ['6', 'the token has padding', 'the token has padding'],
  ['6', 'the token has a typ', '{"alg":"HS256"}'],
  [
    '6',
    'a callback without a slash at its end is wrong',
    "callback: 'http://clair.test/notifier/api/v1/notification',",
  ],
  ['6', 'two instances tell twice', 'even if the receiver fails several times before'],
  ['6', 'two planners tell twice', 'are created only once by concurrent planners'],
  ['6', 'added is reported as removed', 'keeps added and removed vulnerabilities apart'],
  ['6', 'updates are lost', 'are one per update, even if several updates were read together'],
  ['6', 'the first update is told', 'never report the first import of a feed'],
  ['6', 'a deleted notification can be read', 'the notification is there after its deletion'],
  ['6', 'a delivery is given up', 'retries without a limit, with increasing pauses up to the interval'],
  ['6', 'a short interval is used', 'notifier: {delivery_interval: 59s}'],
  ['6', 'pages change while data change', 'do not change with later updates'],
  ['12', 'the webhook is chunked', 'the webhook is chunked'],
  ['12', 'the webhook has no type', 'the webhook has no type'],
  ['12', 'a report of an index error is 200', 'is 404 for an image with an index error'],
];

const HERE = fileURLToPath(new URL('.', import.meta.url));
const UNITS = [
  'api/v4/',
  'api/v4/internal/',
  'database/queries/change-log/',
  'notifier/',
  'config/clair-v4/',
  'health/',
].map((folder) => fileURLToPath(new URL(`../../../src/${folder}`, import.meta.url)));

describe('a trap of the contract', () => {
  const tests = [HERE, ...UNITS].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && file !== 'traps.test.ts')
      .map((file) => readFileSync(`${folder}${file}`, 'utf8')),
  );

  it.each(DONE)('of section %s has a test: %s', (_section, _trap, words) => {
    expect(tests.some((text) => text.includes(words))).toBe(true);
  });
});
