/**
 * Writes the files of docs/tutorials into a folder. The files are an image with its base images, an ignore file, a
 * configuration, and feeds with invented vulnerabilities. The tutorials give the same results on every machine, without
 * a network.
 */
import { mkdirSync } from 'node:fs';
import { exit, stderr, stdout } from 'node:process';
import { resolve } from 'node:path';
import { writeTutorialFiles } from './pictures/tutorial-folder.ts';

const [, , folder] = process.argv;
if (folder === undefined) {
  stderr.write('usage: npx tsx scripts/tutorial-files.ts FOLDER\n');
  exit(2);
}
const path = resolve(folder);
mkdirSync(path, { recursive: true });
for (const name of await writeTutorialFiles(path)) stdout.write(`${name}\n`);
