import { expect, it } from 'vitest';
import { runCli } from './program.ts';

async function errorOf(...args: readonly string[]): Promise<string> {
  let err = '';
  const signal = new AbortController().signal;
  expect(await runCli(args, { out: () => undefined, err: (text) => (err += text), signal })).toBe(2);
  return err;
}

it.each([
  [['image', 'alpine:3.19'], "error: unknown command 'image'\n(to scan an image, use clair scan IMAGE)\n"],
  [['fs', '/'], "error: unknown command 'fs'\n(to scan a directory, use clair scan ./DIRECTORY)\n"],
  [
    ['scan', '--exit-code', '1', 'app.tar'],
    "'--exit-code'\n(to fail a build, use --fail-on, for example --fail-on high",
  ],
  [['scan', '--exit-code=1', 'app.tar'], "unknown option '--exit-code=1'\n(to fail a build, use --fail-on"],
  [['scan', '--ignorefile', 'i.yaml', 'app.tar'], '(to suppress findings, use --ignore FILE'],
  [
    ['scan', '--input', 'app.tar'],
    '(to scan an archive, write its path as the image, for example clair scan app.tar)\n',
  ],
  [
    ['scan', '--pkg-types', 'os', 'app.tar'],
    '(to show findings in one kind of package, use --type os or --type library)',
  ],
  [
    ['diff', '--no-progress', 'a', 'b'],
    '(outside a terminal, Clair prints at most one line of progress every 30 seconds, on standard error)\n',
  ],
])("names Clair's equivalent of a command or option of another scanner: %j", async (args, text) => {
  const error = await errorOf(...args);
  expect(error).toContain(text);
  expect(error).not.toContain('Did you mean');
  expect(error).toContain('(run the command with --help for its options)');
});

it('suggests a similar name for other unknown commands and options', async () => {
  expect(await errorOf('scam')).toContain('(Did you mean scan?)');
  expect(await errorOf('scan', '--fail-onn', 'high', 'app.tar')).toContain('(Did you mean --fail-on?)');
  expect(await errorOf('db', 'export', '--input', 'x')).not.toContain('to scan an archive');
});
