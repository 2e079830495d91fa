/**
 * Runs one side (`subject` or `reference`) of the benchmark `image-analysis` in a bundled program: `bench-image.js SIDE
 * ARCHIVE BYTES`. The TypeScript loader would add about 70 MB to the peak memory.
 */
import { argv } from 'node:process';
import { composeClair } from '../../src/compose/clair.ts';
import { analyseImage, analyseInTurn } from './runs.ts';
import { printRun } from '../printed-run.ts';

const [side, folder = '', bytes = ''] = argv.slice(2);
await printRun(async () =>
  side === 'subject'
    ? await analyseImage(folder, Number(bytes), composeClair)
    : await analyseInTurn(folder, Number(bytes)),
);
