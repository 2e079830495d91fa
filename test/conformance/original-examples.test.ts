import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEMO_FEED } from '../fixtures/demo-image.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';

/**
 * The examples of the original's documentation, in their order, sent by curl to a server that runs as a process of its own.
 * Its layers are the original's own, from a server that gives them to nobody without a header.
 */
const FOLDER = 'images/original/testdata/DistUpgrade';
const LAYERS = ['blank', 'wheezy', 'jessie'];
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const SECRET = 'Bearer of-the-registry';

type Example = {
  readonly title: string;
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** `FILES` stands for where the layers are. */
  readonly body?: object;
  readonly status: number;
  /** What the answer is, or holds; nothing for an empty one. */
  readonly answer?: unknown;
};

const layer = (name: string, parent: string): Example => ({
  title: `post the layer ${name}`,
  method: 'POST',
  path: '/v1/layers',
  body: {
    ID: name,
    Path: `FILES/${name}.tar.gz`,
    ParentID: parent,
    ImageFormat: 'Docker',
    Headers: { Authorization: SECRET },
  },
  status: 201,
  answer: { Version: expect.stringMatching(/^\d+$/) },
});

const FIRST_GENERATION: readonly Example[] = [
  {
    title: 'versions',
    path: '/v1/versions',
    status: 200,
    answer: { APIVersion: '1', EngineVersion: expect.any(String) },
  },
  { title: 'health', path: '/v1/health', status: 200, answer: { database: { IsHealthy: true } } },
  layer('blank', ''),
  layer('wheezy', 'blank'),
  layer('jessie', 'wheezy'),
  {
    title: 'post a layer without its header',
    method: 'POST',
    path: '/v1/layers',
    body: { ID: 'refused', Path: 'FILES/blank.tar.gz', ImageFormat: 'Docker' },
    status: 502,
    answer: { Message: expect.stringContaining('status 403') },
  },
  { title: 'operating system', path: '/v1/layers/jessie/os', status: 200, answer: { OS: 'debian:8' } },
  { title: 'parent', path: '/v1/layers/jessie/parent', status: 200, answer: { ID: 'wheezy' } },
  {
    title: 'packages',
    path: '/v1/layers/wheezy/packages',
    status: 200,
    answer: { Packages: expect.arrayContaining([expect.objectContaining({ OS: 'debian:7', Name: 'base-files' })]) },
  },
  {
    title: 'packages that a layer installs and removes',
    path: '/v1/layers/jessie/packages/diff',
    status: 200,
    answer: {
      InstalledPackages: expect.arrayContaining([expect.objectContaining({ Name: 'base-files', OS: 'debian:8' })]),
      RemovedPackages: expect.arrayContaining([expect.objectContaining({ Name: 'base-files', OS: 'debian:7' })]),
    },
  },
  {
    title: 'vulnerabilities',
    path: '/v1/layers/jessie/vulnerabilities?minimumPriority=Low',
    status: 200,
    answer: { Vulnerabilities: expect.any(Array) },
  },
  {
    title: 'vulnerabilities that a layer adds and removes',
    path: '/v1/layers/jessie/vulnerabilities/diff?minimumPriority=Low',
    status: 200,
    answer: { Adds: expect.any(Array), Removes: expect.any(Array) },
  },
  {
    title: 'a vulnerability',
    path: '/v1/vulnerabilities/CVE-2099-0001',
    status: 200,
    answer: { ID: 'CVE-2099-0001', Priority: 'High', AffectedPackages: expect.any(Array) },
  },
  {
    title: 'a layer that is not there',
    path: '/v1/layers/none/os',
    status: 404,
    answer: { Message: expect.any(String) },
  },
];

describeShared(
  'the examples of the original, by curl',
  LAYERS.map((name) => `${FOLDER}/${name}.tar.gz`),
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-examples-'));
    const database = join(folder, 'clair.db');
    const run = promisify(execFile);
    let files: Server;
    let clair: ChildProcess;
    let url: string;

    beforeAll(async () => {
      files = createServer((request, response) => {
        if (request.headers.authorization !== SECRET) response.writeHead(403).end();
        else createReadStream(sharedPath(`${FOLDER}/${basename(request.url ?? '')}`)).pipe(response);
      });
      await once(files.listen(0, '127.0.0.1'), 'listening');
      const cli = ['--import', 'tsx', MAIN];
      const variables = { ...env, CLAIR_DB: database };
      await run(execPath, [...cli, 'update', '--source', 'debian', '--from', DEMO_FEED], { env: variables });
      const serve = ['serve', '--port', '0', '--no-health-port', '--no-updates', '--allow-host', '127.0.0.1'];
      clair = spawn(execPath, [...cli, ...serve], { env: variables, stdio: ['ignore', 'pipe', 'ignore'] });
      const [line] = clair.stdout === null ? [] : await once(clair.stdout, 'data');
      url = String(line).trim().replace('Clair listens on ', '');
    });
    afterAll(async () => {
      const exited = once(clair, 'exit');
      clair.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      files.close();
      rmSync(folder, { recursive: true });
    });

    it.each(FIRST_GENERATION)('$title', async ({ method = 'GET', path, body, status, answer }) => {
      const { port } = files.address() as AddressInfo;
      const sent = body && JSON.stringify(body).replace('FILES', `http://127.0.0.1:${port}`);
      const args = ['-sS', '-X', method, '-w', '\n%{http_code} %{content_type}', `${url}${path}`];
      const json = ['-H', 'Content-Type: application/json', '-d', String(sent)];
      const { stdout } = await run('curl', sent === undefined ? args : [...args, ...json]);
      const end = stdout.lastIndexOf('\n');
      expect(stdout.slice(end + 1)).toBe(`${status} application/json; charset=utf-8`);
      expect(JSON.parse(stdout.slice(0, end))).toMatchObject(answer ?? {});
    });
  },
);
