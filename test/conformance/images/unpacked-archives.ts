import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPath } from '../../fixtures/shared-data.ts';
import { output } from '../program.ts';

/** Archives with test data of other projects, which contains small documents of many feeds. */
export const ARCHIVES: readonly string[] = [
  'feeds/clair-history/clair-history-vulnsrc-testdata.tar.zst',
  'feeds/misc/vuln-list-update-testdata.tar.zst',
  'feeds/misc/vuls-data-update-fixtures.tar.zst',
  'feeds/misc/vunnel-test-fixtures-input.tar.zst',
];

export type Unpacked = { readonly folder: string; readonly remove: () => void };

/** Extracts all archives into one temporary directory; their paths do not overlap. */
export async function unpackArchives(): Promise<Unpacked> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-archives-'));
  for (const archive of ARCHIVES) {
    await output('tar', ['-C', folder, '--use-compress-program=zstd --long=27', '-xf', sharedPath(archive)]);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
