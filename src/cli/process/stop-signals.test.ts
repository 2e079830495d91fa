import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenToSignals } from './stop-signals.ts';

/** Returns a fake process with this ID that counts the listeners of each signal. */
function processOf(pid: number): EventEmitter & { readonly pid: number; readonly counts: () => readonly number[] } {
  const process = new EventEmitter();
  return Object.assign(process, {
    pid,
    counts: () => ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal)),
  });
}

describe('listenToSignals', () => {
  it.each(['SIGINT', 'SIGTERM'])('aborts on %s, and leaves a second signal to the kernel', (name) => {
    const process = processOf(7);
    const { signal } = listenToSignals(process);
    process.emit(name);
    expect([signal.aborted, process.listenerCount(name)]).toEqual([true, 0]);
  });

  it('leaves signals to the kernel only during interruptible work', async () => {
    const process = processOf(7);
    const { interruptible } = listenToSignals(process);
    expect(process.counts()).toEqual([1, 1]);
    expect(await interruptible(async () => process.counts())).toEqual([0, 0]);
    expect(process.counts()).toEqual([1, 1]);
    await expect(interruptible(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(process.counts()).toEqual([1, 1]);
  });

  it('never leaves signals to the kernel in the first process of a container', async () => {
    const process = processOf(1);
    const { signal, interruptible } = listenToSignals(process);
    await interruptible(async () => process.emit('SIGINT'));
    expect(signal.aborted).toBe(true);
  });

  it('does not start work after a signal', async () => {
    const process = processOf(7);
    const { signal, interruptible } = listenToSignals(process);
    process.emit('SIGTERM');
    let isDone = false;
    await expect(interruptible(async () => (isDone = true))).rejects.toBe(signal.reason);
    expect(isDone).toBe(false);
  });
});
