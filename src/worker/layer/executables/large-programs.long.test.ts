import { expect, it } from 'vitest';
import { tarOf } from '../../../bytes/testing/tar-builder.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import { inlineInformation, linesOf } from '../../detectors/libraries/golang/testing/build-information.ts';
import { functionTable } from '../../detectors/libraries/golang/testing/function-table.ts';
import type { Detector } from '../../detectors/detector.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { readLayer } from '../layer-reader.ts';

/** Large enough for the reader to leave out code. */
const CODE_BYTES = 17 * 1024 * 1024;

/** The version is in the middle of the code, which only detectors of named programs read. */
function program(): Buffer {
  const code = Buffer.alloc(CODE_BYTES, 'code');
  code.write('node.js/v22.14.0', CODE_BYTES / 2, 'latin1');
  const information = inlineInformation('go1.24.4', linesOf('path example.com/app', 'dep example.org/a v1.2.3 h1:x='));
  const sections = [
    { name: '.text', content: code, isCode: true },
    { name: '.gopclntab', content: functionTable(['runtime.main', 'example.org/a.Parse']), isReadOnly: true },
    { name: '.go.buildinfo', content: information },
  ];
  return elfFile(sections, { isTableFirst: true });
}

it('reads the modules of large programs without their code, and searches a program with a known name as a whole', async () => {
  const content = program();
  const archive = tarOf({ name: 'usr/bin/app', content }, { name: 'usr/bin/node', content });
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < archive.length; at += 512 * 1024) yield archive.subarray(at, at + 512 * 1024);
  }
  const codes: [string, boolean][] = [];
  const codeReader: Detector = {
    id: 'code',
    kind: 'features',
    version: 1,
    wants: [{ kind: 'executable' }],
    read(path, bytes) {
      codes.push([path, Buffer.from(bytes.subarray(bytes.length / 4, bytes.length / 2)).includes('codecode')]);
      return { diagnostics: [] };
    },
  };
  const { contents } = await readLayer({ where: 'layer', open: async () => chunks() }, [...DETECTORS, codeReader]);
  expect(codes).toEqual([
    ['usr/bin/app', false],
    ['usr/bin/node', true],
  ]);
  const [app = '', node = ''] = contents.entries.map((entry) => JSON.stringify(entry));
  for (const text of [app, node]) expect(text).toContain('"name":"example.org/a","version":"v1.2.3"');
  expect([app, node].map((text) => text.includes('"version":"22.14.0"'))).toEqual([false, true]);
  // The facts of the two programs differ only in the path.
  const ofGo = (text: string): unknown =>
    (JSON.parse(text) as { byDetector: Record<string, unknown> }).byDetector['go-programs'];
  expect(JSON.stringify(ofGo(app)).replaceAll('bin/app', 'bin/node')).toBe(JSON.stringify(ofGo(node)));
});
