/**
 * Runs one side of a benchmark of images in a bundled program: `bench-image.js ARCHIVE BYTES THREADS`. Without threads
 * (0), the layers are read one after the other and nothing is stored. The TypeScript loader would add about 70 MB to the
 * peak memory.
 */
import { argv } from 'node:process';
import { composeClair } from '../../src/compose/clair.ts';
import { analyseImage, analyseInTurn } from './runs.ts';
import { printRun } from '../printed-run.ts';

const [path = '', ...numbers] = argv.slice(2);
const [bytes = 0, threads = 0] = numbers.map(Number);
await printRun(async () =>
  threads > 0 ? await analyseImage({ path, bytes, threads }, composeClair) : await analyseInTurn(path, bytes),
);
