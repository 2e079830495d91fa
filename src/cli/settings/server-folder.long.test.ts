import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServerFolder } from './server-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'clair-parents-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

it('removes the folders of killed processes only', async () => {
  const dead = join(parent, 'clair-server-dead');
  mkdirSync(dead);
  writeFileSync(join(dead, 'upload'), 'x');
  const listen = `require('node:net').createServer().listen(${JSON.stringify(join(dead, 'alive'))}, () => console.log('up'))`;
  const killed = spawn(execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(killed.stdout, 'data');
  const others = ['clair-server-without-socket', 'somebody-else'].map((name) => join(parent, name));
  for (const each of others) mkdirSync(each);

  const first = await openServerFolder(parent);
  writeFileSync(join(first.path, 'mine'), 'x');
  expect([existsSync(dead), existsSync(first.path)]).toEqual([true, true]);

  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const second = await openServerFolder(parent);
  expect(existsSync(dead)).toBe(false);
  expect([first.path, second.path, ...others].map((each) => existsSync(each))).toEqual([true, true, true, true]);
  expect(existsSync(join(first.path, 'mine'))).toBe(true);

  await first.close();
  await second.close();
  expect([existsSync(first.path), existsSync(second.path)]).toEqual([false, false]);
});

it('works below a long path', async () => {
  const deep = join(parent, ...Array.from({ length: 10 }, () => 'a-folder-with-a-long-name'));
  mkdirSync(deep, { recursive: true });
  const folder = await openServerFolder(deep);
  const other = await openServerFolder(deep);
  expect(existsSync(folder.path)).toBe(true);
  await folder.close();
  await other.close();
});
