import { mkdtemp } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ClairError, type ErrorCode } from '../errors.ts';
import { parseCsafVex } from '../suppression/csaf-vex.ts';
import { parseIgnoreFile } from '../suppression/ignore-file.ts';
import { asTemporaryFailure, failureText } from './failure-text.ts';

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

it('shows each fault of an ignore file on a separate line', () => {
  const text = failureText(failureOf(() => parseIgnoreFile('- id: CVE-1\n  statement: s\n', 'ignore.yaml')));
  expect(text.split('\n')).toEqual([
    'clair: ignore.yaml is not a valid ignore file:',
    '  line 1: an entry must have a reason',
    '  line 2: unknown key statement (keys: id, package, layer, image, reason, author, expires)',
    expect.stringMatching(/\[suppression\/invalid\]$/),
    '',
  ]);
});

it.each<[ErrorCode, string]>([
  ['config/invalid', 'clair: a\n  line 1: b'],
  ['classifiers/invalid', 'clair: a\n  line 1: b'],
  ['image/unreadable', 'clair: a\\n  line 1: b'],
])("shows the line breaks of a message only if the message lists faults of the user's file: %s", (code, shown) => {
  expect(failureText(new ClairError(code, 'a\n  line 1: b')).startsWith(`${shown}\n`)).toBe(true);
});

it('keeps text of a VEX document on one line', () => {
  const document = {
    document: { category: 'a\n::error::b', tracking: { current_release_date: '2026-01-01T00:00:00Z' } },
    product_tree: {},
    vulnerabilities: [],
  };
  const text = failureText(failureOf(() => parseCsafVex(document, 'vex.json')));
  expect(text).toMatch(/^clair: vex\.json is not a valid CSAF 2\.0 VEX document: .*a\\n::error::b.*\n/);
});

it('explains a full disk and an unusable TMPDIR, which are no bugs in Clair', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const missing = await mkdtemp('/missing/clair-').catch((error: unknown) => error);
  for (const error of [full, missing]) {
    expect(asTemporaryFailure(error)).toMatchObject({ code: 'temporary/unwritable', cause: error });
  }
  const other = new Error('other');
  expect(asTemporaryFailure(other)).toBe(other);
});
