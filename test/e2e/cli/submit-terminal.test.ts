import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClairProcess, runClair, serveClair } from '../../fixtures/clair-process.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { CLAIR_WORDS } from '../../fixtures/clair-program.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../fixtures/pseudo-terminal.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-submit-terminal-'));
const variables = { CLAIR_DB: join(folder, 'clair.db'), CLAIR_CONFIG: '/dev/null', no_proxy: '*' };
let registry: RegistryServer;
let server: ClairProcess;
let terminal: PseudoTerminal | undefined;

beforeAll(async () => {
  registry = await startRegistryServer();
  registry.image(await buildDemoLayers(), { tag: 'v1' });
  await runClair(['update', '--feed', 'debian', '--from', DEMO_FEED], variables);
  const options = ['--port', '0', '--no-health-port', '--no-updates', '--allow-host', '127.0.0.1'];
  server = await serveClair(options, variables);
});
afterAll(async () => {
  terminal?.close();
  await server.stop();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

it("shows the server's progress; Ctrl-C ends only the client", async () => {
  const held: ServerResponse[] = [];
  let blobs = 0;
  // The last layer waits until the test releases it.
  registry.intercept = ({ url = '' }, response) => {
    blobs += url.includes('/blobs/') ? 1 : 0;
    if (blobs < 5) return false;
    held.push(response);
    return true;
  };
  const name = `${registry.domain}/app:v1`;
  terminal = await openPseudoTerminal(['submit', name, '--server', server.url], { program: CLAIR_WORDS, variables });
  await terminal.shows(/app:v1: \d of 4 layers/);
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(130);
  expect(terminal.screen()).toMatch(
    /␛\[Kclair: stopped waiting; the server continues with submission [0-9a-f-]{36}\. To print the report later, run clair report 127\.0\.0\.1:\d+\/app:v1\r\n$/,
  );
  registry.intercept = () => false;
  for (const response of held) response.writeHead(503, { 'retry-after': '0' }).end();
  const status = async (): Promise<number> => (await clair(['report', name, '--server', server.url])).status;
  await expect.poll(status, { timeout: 60_000, interval: 500 }).toBe(0);
});

it('prints only the report in a pipe', async () => {
  const { status, out, err } = await clair(['submit', `${registry.domain}/app:v1`, '--server', server.url]);
  expect([status, err]).toEqual([0, '']);
  expect(out).toMatch(/^Image .*app:v1 \(linux\/amd64\)\n/);
  expect(out).not.toContain('\u001B');
});

async function clair(args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const [program = '', ...words] = CLAIR_WORDS;
  const child = spawn(program, [...words, ...args], {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, out, err };
}
