/** Builds the program and the web UI in dist/: `npm run build`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as buildPage } from 'vite';
import { writeProgram } from './package/compiled-program.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
await writeProgram(ROOT, DIST);
await buildPage({ root: join(ROOT, 'web'), logLevel: 'warn' });
