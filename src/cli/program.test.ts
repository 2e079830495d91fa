import { expect, it } from 'vitest';
import { runCli } from './program.ts';

it('prints the same version for clair version and clair --version', async () => {
  const outOf = async (argument: string): Promise<string> => {
    let out = '';
    const signal = new AbortController().signal;
    expect(await runCli([argument], { out: (text) => (out += text), err: () => undefined, signal })).toBe(0);
    return out;
  };
  expect(await outOf('version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await outOf('version')).toBe(await outOf('--version'));
});
