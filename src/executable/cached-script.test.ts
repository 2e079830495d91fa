import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { loadScript } from './cached-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-script-'));
afterAll(() => rmSync(folder, { recursive: true }));

const output = join(folder, 'output.json');
const used = 'function used() { return [__filename, __dirname, module.exports === exports]; }';
const write = `require('node:fs').writeFileSync(${JSON.stringify(output)}, JSON.stringify(used()));`;
const code = `(function (exports, require, module, __filename, __dirname) { ${used} ${write} })`;

let scripts = 0;
beforeEach(() => rmSync(output, { force: true }));

/** Writes the script under another name, because a process reuses the functions of a script that it has loaded. */
function writeScript(): string {
  const path = join(folder, `${(scripts += 1)}.cjs`);
  writeFileSync(path, code);
  return path;
}

function result(): unknown {
  return JSON.parse(readFileSync(output, 'utf8'));
}

it('runs a script as a CommonJS module', () => {
  const path = writeScript();
  const script = loadScript(path);
  expect(script.usesCache).toBe(false);
  script.run();
  expect(result()).toEqual([path, folder, true]);
});

it('uses the functions that were compiled during another run', () => {
  const before = loadScript(writeScript());
  const unused = before.codeCache();
  before.run();
  const cache = before.codeCache();
  expect(cache.length).toBeGreaterThan(unused.length);

  const path = writeScript();
  const script = loadScript(path, cache);
  expect(script.usesCache).toBe(true);
  script.run();
  expect(result()).toEqual([path, folder, true]);
});

it('compiles the script if the code cache is not usable', () => {
  const path = writeScript();
  const script = loadScript(path, Buffer.from('x'));
  expect(script.usesCache).toBe(false);
  script.run();
  expect(result()).toEqual([path, folder, true]);
});
