import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { setExitStatus } from './command-end.ts';

class FakeProcess extends EventEmitter {
  exitCode: number | undefined;
}

it('sets the status of the command', async () => {
  const process = new FakeProcess();
  const texts: string[] = [];
  await setExitStatus(Promise.resolve(4), process, (text) => texts.push(text));
  process.emit('beforeExit');
  expect([process.exitCode, ...texts]).toEqual([4]);
});

it('reports a defect if the process ends before its command', () => {
  const process = new FakeProcess();
  const texts: string[] = [];
  void setExitStatus(new Promise(() => {}), process, (text) => texts.push(text));
  process.emit('beforeExit');
  expect(process.exitCode).toBe(1);
  expect(texts.join('')).toContain('a bug in Clair; please report');
  expect(texts.join('')).toContain('the process ends before its command has ended');
});

it('leaves the error of a command to the process', async () => {
  const process = new FakeProcess();
  await expect(setExitStatus(Promise.reject(new Error('no')), process, () => {})).rejects.toThrow('no');
  expect([process.exitCode, process.listenerCount('beforeExit')]).toEqual([1, 0]);
});
