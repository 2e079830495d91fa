/**
 * Runs the script of the program, and writes its code cache at the end: `recorded-run.ts SCRIPT CACHE [ARGUMENT...]`. If
 * CACHE exists, V8 must accept it. The shipped Node runs this file without a build.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';
import { loadScript } from '../../src/executable/cached-script.ts';

const [node = '', , path = '', cache = '', ...args] = process.argv;
const before = existsSync(cache) ? readFileSync(cache) : undefined;
// The cache must not contain the folder of the build.
const script = loadScript(path, before, basename(path));
if (before !== undefined && !script.usesCache) throw new Error(`V8 does not accept ${cache}`);
process.on('exit', () => writeFileSync(cache, script.codeCache()));
process.argv = [node, path, ...args];
script.run();
