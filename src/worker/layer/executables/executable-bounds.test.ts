import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { executables } from '../../detectors/libraries/executables/detector.ts';
import { elfProgram } from '../../detectors/libraries/executables/testing/program-file.ts';
import { otpApplications } from '../../detectors/libraries/otp/detector.ts';
import type { LayerContents } from '../layer-contents.ts';
import { readLayer } from '../layer-reader.ts';
import { initialState, nextState } from '../layer-state.ts';
import type { LayerLimits, TreeLimits } from '../limits.ts';
import { executableDiagnostics } from './executable-diagnostics.ts';

const LISTS = [executables, otpApplications];

async function contentsOf(members: readonly Member[], limits: Partial<LayerLimits> = {}): Promise<LayerContents> {
  const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
  return (await readLayer(source, LISTS, { limits })).contents;
}

async function toldOf(
  layers: readonly (readonly Member[])[],
  { ofLayer = {}, ofTree = {} }: { readonly ofLayer?: Partial<LayerLimits>; readonly ofTree?: Partial<TreeLimits> },
): Promise<readonly string[]> {
  let state = initialState(ofTree);
  let told: readonly string[] = [];
  for (const members of layers) {
    const next = nextState(state, await contentsOf(members, ofLayer), LISTS);
    state = next.state;
    const diagnostics = executableDiagnostics(next.conclusion.executables, () => undefined);
    told = diagnostics.map(({ message, executables: counts }) => `${message} ${JSON.stringify(counts)}`);
  }
  return told;
}

const programs = (directory: string, count: number): readonly Member[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${directory}/${index}`, content: elfProgram() }));

const ACTION = 'install them with a package, or describe them with a classifier';
const ACTION_FOR_ONE = 'install it with a package, or describe it with a classifier';

describe('programs beyond the limit of a layer', () => {
  it('are counted and not listed, and another layer has its own limit', async () => {
    const ofLayer = { maxExecutableCharacters: 250 };
    expect(await toldOf([programs('a', 5), programs('b', 1)], { ofLayer })).toEqual([
      `2 executables of unknown origin in layer 0: a/0, a/1; ${ACTION}; 3 executables in layer 0 were not examined, because the layer or the image has more executables than Clair examines [{"layer":0,"count":5}]`,
      `1 executable of unknown origin in layer 1: b/0; ${ACTION_FOR_ONE} [{"layer":1,"count":1}]`,
    ]);
    expect(await toldOf([programs('a', 5)], { ofLayer: { maxExecutableCharacters: 0 } })).toEqual([
      '5 executables in layer 0 were not examined, because the layer or the image has more executables than Clair examines [{"layer":0,"count":5}]',
    ]);
  });

  it('still replace files of the layers below, and free room when they are replaced', async () => {
    const ofLayer = { maxExecutableCharacters: 250 };
    const [first] = programs('a', 1);
    expect(first).toBeDefined();
    const replaced: readonly Member[] = [...programs('b', 2), { name: 'a/0', content: elfProgram() }];
    expect(await toldOf([programs('a', 2), replaced], { ofLayer })).toEqual([
      `1 executable of unknown origin in layer 0: a/1; ${ACTION_FOR_ONE} [{"layer":0,"count":1}]`,
      `2 executables of unknown origin in layer 1: b/0, b/1; ${ACTION}; 1 executable in layer 1 was not examined, because the layer or the image has more executables than Clair examines [{"layer":1,"count":3}]`,
    ]);
    const again = [...programs('a', 2), { name: 'a/0', content: 'text' }, ...programs('b', 1)];
    expect(await toldOf([again], { ofLayer })).toEqual([
      `2 executables of unknown origin in layer 0: a/1, b/0; ${ACTION} [{"layer":0,"count":2}]`,
    ]);
  });

  it('do not count towards the limits of other files', async () => {
    const limits = { maxFilesAnywhere: 1, maxKeptCharacters: 400 };
    expect((await contentsOf(programs('a', 20), limits)).entries).toHaveLength(20);
  });
});

describe('programs beyond the limit of an image', () => {
  const app = (name: string): Member => ({
    name: `lib/${name}/ebin/${name}.app`,
    content: `{application,${name},[{vsn,"1"}]}.\n`,
  });

  it('leave room for packages, and are counted and not listed', async () => {
    const ofTree = { maxEntries: 12, maxEntriesWithExecutables: 4 };
    expect(await toldOf([programs('a', 5), [app('x'), ...programs('b', 2)]], { ofTree })).toEqual([
      `2 executables of unknown origin in layer 0: a/0, a/1; ${ACTION}; 3 executables in layer 0 were not examined, because the layer or the image has more executables than Clair examines [{"layer":0,"count":5}]`,
      '2 executables in layer 1 were not examined, because the layer or the image has more executables than Clair examines [{"layer":1,"count":2}]',
    ]);
  });

  it('include hard links to programs of a lower layer', async () => {
    const links = ['x', 'y'].map((name): Member => ({ name, type: '1', link: 'a/0' }));
    const told = await toldOf([programs('a', 1), links], { ofTree: { maxEntriesWithExecutables: 3 } });
    expect(told.at(-1)).toBe(
      '1 executable in layer 1 was not examined, because the layer or the image has more executables than Clair examines [{"layer":1,"count":1}]',
    );
    const small = await toldOf([programs('a', 1), links], { ofTree: { maxCharacters: 500 } });
    expect(small.at(-1)).toContain('executables in layer 1 were not examined');
  });

  it('are bounded by the directories above them', async () => {
    const deep = { name: `${'d/'.repeat(40)}x`, content: elfProgram() };
    const ofTree = { maxEntriesWithExecutables: 40 };
    expect(await toldOf([[deep]], { ofTree })).toEqual([
      '1 executable in layer 0 was not examined, because the layer or the image has more executables than Clair examines [{"layer":0,"count":1}]',
    ]);
  });

  it('are counted when the layer changes nothing else', async () => {
    const ofTree = { maxEntriesWithExecutables: 0 };
    expect(await toldOf([[], programs('a', 1), programs('b', 1)], { ofTree })).toHaveLength(2);
  });
});
