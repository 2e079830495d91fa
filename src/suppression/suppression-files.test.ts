import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { followSuppressionFiles, MAX_IGNORE_BYTES, readSuppressionFiles } from './suppression-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-suppression-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const OPENVEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'A',
  timestamp: '2026-01-01T00:00:00Z',
  statements: [{ vulnerability: { name: 'CVE-1' }, status: 'fixed', products: [{ '@id': 'pkg:deb/debian/curl' }] }],
};
const CSAF = {
  document: { category: 'csaf_vex', tracking: { current_release_date: '2026-01-01T00:00:00Z' } },
  product_tree: { full_product_names: [{ product_id: 'p' }] },
  vulnerabilities: [{ cve: 'CVE-2', product_status: { fixed: ['p'] } }],
};

describe('the files of a command', () => {
  it('are all read, with the standard detected from the content', async () => {
    const vex = [file('o.json', JSON.stringify(OPENVEX)), file('c.json', JSON.stringify(CSAF))];
    const ignore = [file('i.yaml', '- {id: CVE-3, reason: r}')];
    const { rules, isShared } = await readSuppressionFiles({ ignore, vex });
    expect(rules.map(({ by, ids }) => [by, ids])).toEqual([
      ['ignore', ['CVE-3']],
      ['openvex', ['CVE-1']],
      ['csaf', ['CVE-2']],
    ]);
    expect(isShared).toBe(false);
  });

  it.each([
    ['is missing', join(folder, 'nothing'), 'cannot read'],
    ['is a directory', folder, 'cannot read'],
    ['is too large', file('large', ' '.repeat(MAX_IGNORE_BYTES + 1)), 'exceeds 1048576 bytes'],
    ['is not text', file('bytes', Buffer.from([0xff])), 'is not valid UTF-8'],
  ])('are rejected when one %s', async (_, path, message) => {
    await expect(readSuppressionFiles({ ignore: [path], vex: [] })).rejects.toThrow(message);
  });

  it('are rejected when a VEX document is not JSON or follows no known standard', async () => {
    const vexOf = async (text: string): Promise<unknown> =>
      await readSuppressionFiles({ ignore: [], vex: [file('v.json', text)] });
    await expect(vexOf('{')).rejects.toThrow('v.json is not valid JSON; VEX documents are JSON');
    await expect(vexOf('{}')).rejects.toThrow('v.json is not a valid CSAF 2.0 VEX document');
  });
});

describe('the files of an instance', () => {
  const ids = (of: { readonly rules: readonly { readonly ids: readonly string[] | null }[] }): unknown =>
    of.rules.map((rule) => rule.ids);

  it('are reloaded when they change, as shared rules', async () => {
    const path = file('shared.yaml', '- {id: CVE-1, reason: r}');
    const { current } = followSuppressionFiles([path, file('shared.json', JSON.stringify(OPENVEX))]);
    const first = await current();
    expect([ids(first), first.isShared]).toEqual([[['CVE-1'], ['CVE-1']], true]);
    expect((await current()).rules).toBe(first.rules);
    file('shared.yaml', '- {id: CVE-22, reason: r}');
    expect(ids(await current())).toEqual([['CVE-22'], ['CVE-1']]);
  });

  it('keep the previous rules, with a diagnostic, while the changed file is invalid', async () => {
    const path = file('broken.yaml', '- {id: CVE-1, reason: r}');
    const { current } = followSuppressionFiles([path]);
    await current();
    file('broken.yaml', '- {id: CVE-1}');
    const kept = await current();
    expect(ids(kept)).toEqual([['CVE-1']]);
    expect(kept.diagnostics).toEqual([
      {
        code: 'suppression-unreadable',
        message: expect.stringMatching(/ is not a valid ignore file: line 1: an entry must have a reason$/),
        where: 'suppression.files',
      },
    ]);
    file('broken.yaml', '- {id: CVE-3, reason: r}');
    expect(await current()).toEqual({ rules: [expect.objectContaining({ ids: ['CVE-3'] })], isShared: true });
  });

  it('must be valid at first, and are retried after a failure', async () => {
    const path = join(folder, 'late.yaml');
    const { current } = followSuppressionFiles([path]);
    await expect(current()).rejects.toThrow('cannot read');
    await expect(current()).rejects.toThrow('cannot read');
    file('late.yaml', '[]');
    expect(ids(await current())).toEqual([]);
  });
});
