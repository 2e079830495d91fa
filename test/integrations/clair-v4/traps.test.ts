import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * The sections of the contract (clair-v4-api.md), each with an error that a server can make, and words from the name of
 * the test that detects the error.
 *
 * Clair does not serve: affected_manifest, update_operation and update_diff (section 1); pages and deletion of
 * notifications, and the signed webhook (1, 2, 6); SHA-512 digests and content types other than JSON or none (2);
 * intermediate states of an index, and failures on other instances (4); tokens with HS384, HS512 or without an expiry
 * time (7).
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
  ['2', 'a known layer is fetched again', 'never fetches a known layer again'],
  ['2', 'the query of a URL changes', 'SIGNATURE'],
  ['2', 'one layer several times fails', 'takes one layer many times'],
  ['2', 'a digest in capitals is refused', 'and digests in capitals'],
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
  ['3', 'the link is missing', 'the index has no link'],
  ['3', 'chunked bodies without types are refused', 'takes chunked bodies without Content-Length and Content-Type'],
  ['3', 'the 429 breaks off', 'is 429, whole, when too many manifests are being indexed'],
  ['4', 'a second POST indexes again', 'shares one analysis among concurrent requests for one manifest'],
  ['4', 'a temporary failure is 400', 'is 500 with a report of the state IndexError when'],
  ['4', 'a layer is requested after its token expired', 'requests all layers at once'],
  ['4', 'the state differs among instances', 'is equal for one release, whatever the order of its feeds'],
  ['4', 'the state ignores the engine', 'differs for another engine version and for other feeds'],
  ['5', 'a report is not current', 'is current: additions of a feed are in the next response'],
  ['7', 'a short key is refused', 'warns if the key is short'],
  ['7', 'a token without typ is refused', 'clairctl sends no `typ`'],
  ['7', 'the clock tolerance is not 15 seconds', 'accepts clocks that differ by 15 seconds'],
  ['8', 'the state differs from the tag', 'the state differs from the tag of an index'],
  ['9', 'an unchecked image looks clean', 'states what a report lacks'],
  ['9', 'suppressed findings are missing', 'lists suppressed findings in a separate member'],
  ['12', 'a report of an index error is 200', 'is 404 for an image with an index error'],
];

const HERE = fileURLToPath(new URL('.', import.meta.url));
const UNITS = fileURLToPath(new URL('../../../src/api/v4/', import.meta.url));

describe('a trap of the contract', () => {
  const tests = [HERE, UNITS].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && file !== 'traps.test.ts')
      .map((file) => readFileSync(`${folder}${file}`, 'utf8')),
  );

  it.each(DONE)('of section %s has a test: %s', (_section, _trap, words) => {
    expect(tests.some((text) => text.includes(words))).toBe(true);
  });
});
