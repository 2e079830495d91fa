import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PageFile } from '../../src/api/web-ui/files.ts';
import { buildPageFiles } from './page-server.ts';

/** Below 60 kB, the acceptable maximum on a phone. */
const MAX_SCRIPT_BYTES = 40 * 1000;

let files: readonly PageFile[];
beforeAll(async () => {
  files = await buildPageFiles();
});

describe('the page', () => {
  it('loads less than 40 kB of compressed script at first', () => {
    const scripts = files.filter(({ path }) => path.endsWith('.js'));
    expect(scripts).not.toEqual([]);
    const bytes = scripts.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
    expect(bytes).toBeLessThan(MAX_SCRIPT_BYTES);
  });
});
