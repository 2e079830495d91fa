import { describe, expect, it } from 'vitest';
import { type Update, updates } from './updateinfo.ts';

describe('updateinfo.xml', () => {
  it('is read update by update', async () => {
    const found = await read(`<?xml version="1.0" encoding="UTF-8"?>
      <updates>
        <update type="security"><id>A-1</id><title>T</title><severity>Low</severity><description> two
        lines </description>
          <references><reference href="h" id="CVE-1" type="cve" title="t"/></references>
          <pkglist>
            <collection short="c"><module name="m" stream="1.2" version="1" context="x" arch="x86_64"/>
              <package name="a" version="1" release="2" epoch="3" arch="x86_64"><filename>f</filename></package>
            </collection>
            <collection><package name="b" version="1" release="2" epoch="0" arch="noarch"/></collection>
          </pkglist>
        </update>
        <update/>
      </updates>`);
    expect(found).toEqual([
      {
        id: 'A-1',
        type: 'security',
        title: 'T',
        severity: 'Low',
        description: 'two\n        lines',
        references: [{ id: 'CVE-1', type: 'cve', href: 'h' }],
        packages: [
          { name: 'a', version: '3:1-2', arch: 'x86_64', collection: 'c', module: 'm:1.2' },
          { name: 'b', version: '1-2', arch: 'noarch', collection: '' },
        ],
      },
      { id: '', type: '', title: '', severity: '', description: '', references: [], packages: [] },
    ]);
  });

  it.each([
    ['version="1" release="2"', '1-2'],
    ['version="1" release="2" epoch=""', '1-2'],
    ['version="1" epoch="1"', '1:1-'],
    ['release="2"', '-2'],
    ['', '-'],
  ])('returns %s as %s', async (attributes, version) => {
    const [update] = await read(
      `<updates><update><pkglist><collection><package ${attributes}/></collection></pkglist></update></updates>`,
    );
    expect(update?.packages).toMatchObject([{ version }]);
  });

  it('may have no update', async () => expect(await read('<updates/>')).toEqual([]));

  it.each([
    ['feed/truncated', '<updates><update><id>A'],
    ['feed/invalid', '<updates><update></id>'],
    ['feed/invalid', '<html></html>'],
    ['feed/empty', ''],
  ])('is rejected with %s for %j', async (code, text) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });
});

async function read(text: string): Promise<Update[]> {
  const stream = (async function* () {
    yield Buffer.from(text);
  })();
  const found: Update[] = [];
  for await (const update of updates(stream, 'x')) found.push(update);
  return found;
}
