/**
 * Runs the script of the program, and writes all functions that V8 has compiled at its end: `recorded-run.ts SCRIPT
 * FILE [ARGUMENT...]`. If FILE exists, V8 must accept it. The shipped Node runs this file without a build.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { loadScript } from '../../src/executable/compiled-script.ts';

const [node = '', , path = '', file = '', ...args] = process.argv;
const before = existsSync(file) ? readFileSync(file) : undefined;
const script = loadScript(path, before);
if (before !== undefined && !script.isCompiled) throw new Error(`V8 does not accept the code in ${file}`);
process.on('exit', () => writeFileSync(file, script.compiled()));
process.argv = [node, path, ...args];
script.run();
