import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, getuid } from 'node:process';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Report } from '../../src/model/report/report.ts';
import { type EngineDaemon, startEngineDaemon } from '../../src/worker/testing/engine-daemon.ts';
import { buildDockerArchive } from '../../src/worker/testing/image-builder.ts';
import { runClair } from '../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-daemon-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const socket = join(folder, 'docker.sock');
const ARCHIVE = await buildDockerArchive(await buildDemoLayers(), 'demo:1');

let daemon: EngineDaemon;

beforeEach(async () => {
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
  daemon = await startEngineDaemon({ socket });
  daemon.images.set('demo:1', ARCHIVE);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await daemon.close();
});

it('clair scan reports the vulnerabilities of a Docker image, and analyses its layers once', async () => {
  const database = ['--db', join(folder, 'clair.db')];
  await runClair(['update', '--feed', 'debian', '--from', DEMO_FEED, ...database]);
  for (const analyzed of [4, 0]) {
    const { out, err } = await runClair(['scan', 'docker:demo:1', '--format', 'json', ...database]);
    expect(err).toBe('');
    const { target, findings, layers }: Report = JSON.parse(out);
    expect(target).toMatchObject({ kind: 'docker', reference: 'demo:1' });
    expect(new Set(findings.map(({ id }) => id))).toEqual(new Set(['CVE-2099-0002', 'CVE-2099-0005']));
    expect(layers.length).toBeGreaterThanOrEqual(analyzed);
  }
  const image = await runClair(['explain', 'CVE-2099-0002', 'docker:demo:1', ...database]);
  expect(image.status).toBe(0);
});

it('clair scan, explain and diff read a name without a prefix from Docker if Docker has the image', async () => {
  const database = ['--db', join(folder, 'names.db')];
  const line = 'clair: reading demo:1 from the Docker daemon; use registry:demo:1 for the registry\n';
  await runClair(['update', '--feed', 'debian', '--from', DEMO_FEED, ...database]);
  const { out, err } = await runClair(['scan', 'demo:1', '--base', 'demo:1', '--format', 'json', ...database]);
  expect(err).toBe(line + line);
  const { target }: Report = JSON.parse(out);
  expect(target).toMatchObject({ kind: 'docker', reference: 'demo:1' });
  for (const args of [
    ['explain', 'CVE-2099-0002', 'demo:1'],
    ['diff', 'docker:demo:1', 'demo:1'],
  ]) {
    expect(await runClair([...args, ...database])).toMatchObject({ status: 0, err: line });
  }
});

it('clair scan --attestations reads a name without a prefix from the registry', async () => {
  daemon.images.set('127.0.0.1:1/demo:1', ARCHIVE);
  const { status } = await runClair(['scan', '127.0.0.1:1/demo:1', '--attestations', '--db', 'memory']);
  expect(status).toBe(2);
  expect(daemon.requests).toEqual([]);
});

it('clair scan names an image that Docker does not have', async () => {
  const { status, err } = await runClair(['scan', 'docker:other:1', '--db', 'memory']);
  expect(status).toBe(2);
  expect(err).toContain(`the daemon at ${socket} has no image other:1: No such image: other:1`);
  expect(err).toContain('[image/not-found]');
});

// Only root can run a program as another user.
it.runIf(getuid?.() === 0)('clair scan reports that a user must not access the socket', () => {
  chmodSync(folder, 0o711);
  chmodSync(socket, 0o660);
  const nobody = { uid: 65_534, gid: 65_534 };
  const env = { DOCKER_HOST: `unix://${socket}`, HOME: folder };
  // Runs from the sources, because other users cannot read the built program.
  const scan = (target: string): { readonly status: number | null; readonly stderr: string } => {
    const args = ['--import', 'tsx', 'src/cli/main.ts', 'scan', target, '--db', 'memory'];
    return spawnSync(execPath, args, { ...nobody, env, encoding: 'utf8' });
  };
  const { status, stderr } = scan('docker:demo:1');
  expect(status).toBe(2);
  expect(stderr).toContain(`cannot reach the daemon at ${socket}: permission denied`);
  expect(stderr).toContain('[daemon/unreachable]');
  // Without a prefix, the registry follows; no registry listens on this port.
  const lines = scan('127.0.0.1:1/demo:1').stderr.split('\n');
  expect(lines[0]).toMatch(
    new RegExp(`^clair: cannot reach the daemon at ${socket}: permission denied: .*; using the registry$`),
  );
  expect(lines[1]).toMatch(/^clair: .*127\.0\.0\.1:1/);
});
