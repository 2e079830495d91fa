import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { advisoryRecord, EXPORT_FEEDS, exportRecords, writeExport } from '../testing/export-builder.ts';
import { openExportFile } from './export-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-export-section-'));
const path = join(folder, 'export');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = { kind: 'repository', name: 'base', cpes: ['cpe:/o:redhat:enterprise_linux:9'] };
const TOOLS = { kind: 'repository', name: 'tools', cpes: ['cpe:/a:redhat:ocp_tools', 'cpe:/a:redhat:openshift:4.16'] };

/** Returns an export whose first feed announces `count` repositories and lists `listed`. */
function withRepositories(count: number, ...listed: readonly unknown[]): unknown[] {
  const [header, debian, ...rest] = exportRecords();
  const feeds = [
    { feed: 'debian', advisories: 2, repositories: count },
    { feed: 'other', advisories: 0 },
  ];
  return [{ ...header, feeds }, debian, ...listed, ...rest];
}

describe('the repositories of a feed', () => {
  it('are complete after its advisories', async () => {
    writeExport(path, withRepositories(2, BASE, TOOLS));
    const file = await openExportFile(path, EXPORT_FEEDS);
    const found: unknown[] = [];
    for await (const section of file.sections()) {
      if (!('advisories' in section)) continue;
      for await (const { id } of section.advisories) found.push(id);
      found.push(...section.repositories);
    }
    await file.close();
    expect(found).toEqual(['CVE-1', 'CVE-2', [BASE.name, BASE.cpes], [TOOLS.name, TOOLS.cpes]]);
  });

  const [header, debian, one, , other, first] = exportRecords();

  it.each<[string, readonly unknown[], RegExp]>([
    ['a missing repository', withRepositories(2, BASE), /line 4: debian lists 1 repository instead of 2/],
    [
      'an extra repository',
      withRepositories(1, BASE, TOOLS, TOOLS),
      /line 4: debian lists 2 repositories instead of 1/,
    ],
    ['a repeated repository', withRepositories(2, BASE, BASE), /line 4: base follows base/],
    ['a repository without products', withRepositories(2, BASE, { ...TOOLS, cpes: [] }), /line 4: \/cpes/],
    [
      'a repository with an invalid CPE',
      withRepositories(2, BASE, { ...TOOLS, cpes: ['cpe:/a:x'] }),
      /line 4: \/cpes\/0/,
    ],
    ['more repositories than allowed', withRepositories(100_001), /line 1: .*\/repositories/],
    ['a repository among advisories', [header, debian, one, BASE], /line 4: debian ends with 1 advisory/],
    [
      'a repository among enrichments',
      [...exportRecords().slice(0, 4), other, first, BASE],
      /line 7: first lists 1 repository instead of 0/,
    ],
    [
      'an advisory with an invalid CPE',
      withRepositories(1, BASE, advisoryRecord('CVE-0', { cpe: 'openshift' })),
      /line 4: \/affected\/0\/cpe/,
    ],
  ])('rejects %s', async (_, records, message) => {
    writeExport(path, records);
    await expect(openExportFile(path, EXPORT_FEEDS)).rejects.toMatchObject({
      code: 'export/invalid',
      message: expect.stringMatching(message),
    });
  });
});
