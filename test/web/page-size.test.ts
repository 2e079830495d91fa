import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { builtPageFiles } from './page-server.ts';

/** The limit of the compressed document, styles and scripts of the first view, in bytes. */
const MAX_BYTES = 60 * 1000;

describe('the page', () => {
  it('loads less than 60 kB of compressed files at first', () => {
    const files = builtPageFiles();
    const page = files.find(({ path }) => path === '/')?.content.toString() ?? '';
    const loaded = files.filter(({ path }) => path === '/' || (page.includes(path.slice(1)) && !path.endsWith('.svg')));
    expect(loaded.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/', expect.stringMatching(/\.css$/), expect.stringMatching(/\.js$/)]),
    );
    const bytes = loaded.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });
});
