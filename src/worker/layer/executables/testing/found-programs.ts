import { inChunks, type Member, tarOf } from '../../../../bytes/testing/tar-builder.ts';
import { detectorsWith } from '../../../detectors/index.ts';
import { elfFile } from '../../../detectors/libraries/executables/testing/elf-file.ts';
import { ET } from '../../../detectors/libraries/executables/testing/program-file.ts';
import type { Classifier } from '../../../detectors/libraries/programs/classifier.ts';
import { readLayer } from '../../layer-reader.ts';
import { initialState, nextState } from '../../layer-state.ts';
import { executableDiagnostics } from '../executable-diagnostics.ts';

const GIT: Classifier = { name: 'git', files: ['git'], expressions: ['\\0git/{version}\\0'] };
const DETECTORS = detectorsWith([GIT]);

/** Builds a program whose constants are a text and zeros. */
export function programWith(text: string, paddingBytes = 0): Buffer {
  const content = Buffer.concat([Buffer.from(`\0${text}\0`, 'latin1'), Buffer.alloc(paddingBytes)]);
  const bytes = elfFile([{ name: '.rodata', content }]);
  bytes.writeUInt16LE(ET.executable, 16);
  return bytes;
}

/** Reads a layer; returns the packages with their paths, and the diagnostics about programs. */
export async function found(...members: readonly Member[]): Promise<readonly string[]> {
  const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
  const { contents } = await readLayer(source, DETECTORS);
  const { conclusion } = nextState(initialState(), contents, DETECTORS);
  const features = [...conclusion.features.values()].map(
    ({ feature, path }) => `${feature.name} ${feature.version} ${path}`,
  );
  const unknown = executableDiagnostics(conclusion.executables, () => undefined).map(({ message }) => message);
  const told = conclusion.diagnostics
    .filter(({ code }) => code === 'binary-unidentified')
    .map(({ message }) => message);
  return [...features.toSorted(), ...told, ...unknown];
}
