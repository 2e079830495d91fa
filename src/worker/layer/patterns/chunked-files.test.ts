import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { type Digest, digestOfHex } from '../../../model/digest.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { rustPrograms } from '../../detectors/libraries/cargo/detector.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import { goPrograms } from '../../detectors/libraries/golang/detector.ts';
import { inlineInformation, linesOf } from '../../detectors/libraries/golang/testing/build-information.ts';
import { functionTable } from '../../detectors/libraries/golang/testing/function-table.ts';
import { exactPaths } from '../../detectors/path-pattern.ts';
import { readFileOfLayer, readLayer, type ReadLayerOptions } from '../layer-reader.ts';

const PROGRAM = elfFile([
  { name: '.text', content: Buffer.alloc(3000, 'code'), isCode: true },
  { name: '.go.buildinfo', content: inlineInformation('go1.24.4', linesOf('path a.b/c', 'mod a.b/c v1.2.3 h1:x=')) },
  { name: '.gopclntab', content: functionTable(['runtime.main', 'a.b/c.Parse']) },
]);
const LIBRARY = elfFile([{ name: '.text', content: Buffer.alloc(3000, 'code'), isCode: true }]);

const PROGRAMS: readonly Detector[] = [goPrograms, rustPrograms];

/** Returns facts that name a file and the form in which its content arrived. */
function named(path: string, how: string): FileFacts {
  return { features: [{ feature: { type: 'made', name: how, version: '1' }, path }], diagnostics: [] };
}

const WHOLE: Detector = {
  id: 'whole',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.jar' }],
  read: (path, bytes) => named(path, `whole ${bytes.length}`),
};
const CHUNKED: Detector = {
  ...WHOLE,
  id: 'chunked',
  readChunks: (path, bytes) => named(path, `chunks ${bytes.length}`),
};

async function factsIn(
  members: readonly Member[],
  detectors: readonly Detector[],
  chunk = 64 * 1024,
  options: ReadLayerOptions = {},
): Promise<Readonly<Record<string, Readonly<Record<string, FileFacts>>>>> {
  const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members), chunk) };
  const { contents } = await readLayer(source, detectors, options);
  return Object.fromEntries(
    contents.entries.flatMap((each) => (each.kind === 'file' ? [[each.path, each.byDetector ?? {}]] : [])),
  );
}

function digestOf(bytes: string | Buffer): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

function namesOf(facts: Readonly<Record<string, FileFacts>> | undefined): readonly (string | undefined)[] {
  return Object.values(facts ?? {}).map(({ features = [] }) => features[0]?.feature.name);
}

describe('programs', () => {
  const members: readonly Member[] = [
    { name: 'usr/bin/app', content: PROGRAM },
    { name: 'usr/lib/library.so', content: LIBRARY },
    { name: 'usr/bin/link', type: '1', link: 'usr/bin/app' },
  ];

  it.each([1, 7, 512, 1000, 64 * 1024])('are read in chunks of %i bytes as in one piece', async (chunk) => {
    const found = await factsIn(members, PROGRAMS, chunk);
    expect(Object.keys(found)).toEqual(['usr/bin/app', 'usr/bin/link']);
    expect(found['usr/bin/app']).toEqual({
      'go-programs': { ...goPrograms.read('usr/bin/app', PROGRAM), content: digestOf(PROGRAM) },
    });
    expect(found['usr/bin/link']?.['go-programs']).toEqual({
      ...goPrograms.read('usr/bin/link', PROGRAM),
      content: digestOf(PROGRAM),
    });
  });
});

describe('a file that is wanted by its name', () => {
  const members: readonly Member[] = [{ name: 'opt/a.jar', content: 'x'.repeat(2000) }];

  it('is passed in chunks to the detectors that read chunks', async () => {
    expect(namesOf((await factsIn(members, [CHUNKED], 7))['opt/a.jar'])).toEqual(['chunks 2000']);
    expect(namesOf((await factsIn(members, [WHOLE, CHUNKED], 7))['opt/a.jar'])).toEqual(['whole 2000', 'chunks 2000']);
  });

  it('is passed in chunks at the target of a link', async () => {
    const detector: Detector = { ...CHUNKED, wants: exactPaths('opt/a.jar') };
    const targets = [{ wants: { kind: 'exact', path: 'srv/b' }, detector: 'chunked', as: 'opt/a.jar' }] as const;
    const found = await factsIn([{ name: 'srv/b', content: 'x' }], [detector], 7, { targets });
    expect(found['srv/b']?.['chunked']).toEqual({ ...named('opt/a.jar', 'chunks 1'), content: digestOf('x') });
  });

  it('is found again by its digest', async () => {
    const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members), 7) };
    const content = digestOf('x'.repeat(2000));
    const bytes = await readFileOfLayer(source, [WHOLE, CHUNKED], { detector: 'chunked', content });
    expect(Buffer.from(bytes).toString()).toBe('x'.repeat(2000));
  });
});
