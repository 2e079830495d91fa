import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compress } from 'zstd-napi';
import { EXPORT_FEEDS, withChecksum } from '../testing/export-builder.ts';
import { openExportFile } from './export-file.ts';
import { MAX_LINE_BYTES } from './export-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-export-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a file with a line above the limit is not an export', async () => {
  const path = join(folder, 'export');
  writeFileSync(path, withChecksum(compress(Buffer.alloc(MAX_LINE_BYTES + 1, 'a'))));
  const message = expect.stringMatching(/a line is longer than 67108864 bytes/);
  await expect(openExportFile(path, EXPORT_FEEDS)).rejects.toMatchObject({ code: 'export/invalid', message });
});
