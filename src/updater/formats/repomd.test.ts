import { describe, expect, it } from 'vitest';
import { type RepositoryFile, repositoryFile } from './repomd.ts';

const UPDATEINFO = `<data type="updateinfo"><checksum type="sha256">AB01</checksum><open-checksum type="sha256">00</open-checksum>
  <location href="repodata/updateinfo.xml.gz"/></data>`;
const PRIMARY = '<data type="primary"><checksum type="sha256">ff</checksum><location href="p"/></data>';

describe('repomd.xml', () => {
  it.each<[string, string, RepositoryFile | undefined]>([
    [
      'names a file and its checksum',
      `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>${PRIMARY}${UPDATEINFO}</repomd>`,
      { location: 'repodata/updateinfo.xml.gz', checksum: { type: 'sha256', value: 'ab01' } },
    ],
    ['names no advisories', `<repomd>${PRIMARY}</repomd>`, undefined],
    ['names no file', '<repomd/>', undefined],
    ['has no checksum', '<repomd><data type="updateinfo"><location href="u"/></data></repomd>', undefined],
    ['has no location', '<repomd><data type="updateinfo"><checksum type="sha">1</checksum></data></repomd>', undefined],
  ])('%s', async (_, text, expected) => expect(await read(text)).toEqual(expected));

  it('is rejected when it is another document', async () => {
    await expect(read('<html/>')).rejects.toMatchObject({ code: 'feed/invalid' });
    await expect(read(`<repomd>${UPDATEINFO}`)).rejects.toMatchObject({ code: 'feed/truncated' });
  });
});

async function read(text: string): Promise<RepositoryFile | undefined> {
  const stream = (async function* () {
    yield Buffer.from(text);
  })();
  return await repositoryFile(stream, 'x', 'updateinfo');
}
