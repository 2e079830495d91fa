import { describe, expect, it } from 'vitest';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { readRepositoryList } from './repository-list.ts';

describe('the list of repositories is rejected when it is too long:', () => {
  it.each([
    ['65 MiB', ' '.repeat(1024 * 1024), 65],
    ['100,001 repositories', repositories(100_001), 1],
  ])('%s', async (_, text, times) => {
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      const bytes = Buffer.from(text);
      for (let time = 0; time < times; time += 1) yield bytes;
    })();
    await expect(readRepositoryList({ where: 'list', stream }, noRecordDiagnostics())).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
    });
  });
});

function repositories(count: number): string {
  return JSON.stringify({ data: Object.fromEntries(Array.from({ length: count }, (_none, at) => [`r${at}`, 1])) });
}
