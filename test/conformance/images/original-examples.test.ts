import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairProcess, runClair, serveClair } from '../../fixtures/clair-process.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

/**
 * Sends the documentation examples of both API generations of Clair v1, in order, with curl to a server
 * process. The layers come from Clair v1; a file server that requires a header serves the layers.
 */
const FOLDER = 'images/original/testdata/DistUpgrade';
const LAYERS = ['blank', 'wheezy', 'jessie'];
const SECRET = 'Bearer of-the-registry';
const JSON_TYPE = 'application/json; charset=utf-8';

type Example = {
  readonly title: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `NOTIFIED` is replaced by the name of the first notification about `CVE-2014-9471`. */
  readonly path: string;
  /** `FILES` is replaced by the address of the layers. */
  readonly body?: object;
  readonly status: number;
  /** The expected response or, for JSON, a part of the response; empty when absent. */
  readonly answer?: unknown;
  /** The expected content type; JSON by default, none for an empty response. */
  readonly type?: string;
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

const has = (fields: object): unknown => expect.objectContaining(fields);
const OWN = '/v1/vulnerabilities/CVE-2015-0001';

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
    title: 'added and removed packages of a layer',
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
    title: 'added and removed vulnerabilities of a layer',
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
    title: 'vulnerabilities of several layers',
    method: 'POST',
    path: '/v1/batch/layers/vulnerabilities?minimumPriority=Low',
    body: { LayersIDs: ['wheezy', 'jessie'] },
    status: 200,
    answer: { wheezy: has({ Vulnerabilities: [] }), jessie: has({ Vulnerabilities: [] }) },
  },
  {
    title: 'post a vulnerability',
    method: 'POST',
    path: '/v1/vulnerabilities',
    body: {
      ID: 'CVE-2015-0001',
      Link: 'https://tracker.test/CVE-2015-0001',
      Priority: 'Medium',
      Description: 'An example.',
      AffectedPackages: [{ OS: 'debian:8', Name: 'coreutils', AllVersions: true, BeforeVersion: '' }],
    },
    status: 201,
  },
  {
    title: 'change a vulnerability',
    method: 'PUT',
    path: OWN,
    body: { Priority: 'High', FixedIn: [{ OS: 'debian:8', Name: 'coreutils', BeforeVersion: '9.0-1' }] },
    status: 204,
  },
  {
    title: 'the changed vulnerability',
    path: OWN,
    status: 200,
    answer: { Priority: 'High', AffectedPackages: [has({ Name: 'coreutils', BeforeVersion: '9.0-1' })] },
  },
  {
    title: 'layers that introduce a vulnerability',
    path: `${OWN}/introducing-layers`,
    status: 200,
    answer: { IntroducingLayersIDs: ['jessie'] },
  },
  {
    title: 'affected layers',
    method: 'POST',
    path: `${OWN}/affected-layers`,
    body: { LayersIDs: ['wheezy', 'jessie'] },
    status: 200,
    answer: { wheezy: { Vulnerable: false }, jessie: { Vulnerable: true } },
  },
  { title: 'delete a vulnerability', method: 'DELETE', path: OWN, status: 204 },
  {
    title: 'an unknown layer',
    path: '/v1/layers/none/os',
    status: 404,
    answer: { Message: expect.any(String) },
  },
  { title: 'delete a layer and its descendants', method: 'DELETE', path: '/v1/layers/blank', status: 200 },
];

/** Returns a request with all fields of a client from that period, most of them empty. */
const envelope = (name: string, parent: string): Example => {
  const Layer = { Name: name, Path: `FILES/${name}.tar.gz`, ParentName: parent, Format: 'Docker' };
  const Headers = { Authorization: SECRET };
  return {
    title: `post the layer ${name}`,
    method: 'POST',
    path: '/v1/layers',
    body: { Layer: { ...Layer, Headers } },
    status: 201,
    answer: { Layer: { ...Layer, Headers, IndexedByVersion: expect.any(Number) } },
  };
};

const NAMESPACE = '/v1/namespaces/debian%3A8/vulnerabilities';
const KNOWN = `${NAMESPACE}/CVE-2014-9471`;
const fix = (Name: string, Version: string) => ({ Name, NamespaceName: 'debian:8', VersionFormat: 'dpkg', Version });
const WORDS = {
  Name: 'CVE-2014-9471',
  NamespaceName: 'debian:8',
  Link: 'https://tracker.test/CVE-2014-9471',
  Description: 'A date that is none is taken for one.',
  Severity: 'Low',
  Metadata: { NVD: { CVSSv2: { Score: 7.5, Vectors: 'AV:N/AC:L/Au:N/C:P/I:P' } } },
};

const STABLE_GENERATION: readonly Example[] = [
  envelope('blank', ''),
  envelope('wheezy', 'blank'),
  envelope('jessie', 'wheezy'),
  {
    title: 'post a layer without its header',
    method: 'POST',
    path: '/v1/layers',
    body: { Layer: { Name: 'refused', Path: 'FILES/blank.tar.gz', Format: 'Docker' } },
    status: 400,
    answer: { Error: { Message: expect.stringContaining('status 403') } },
  },
  {
    title: 'post a vulnerability',
    method: 'POST',
    path: NAMESPACE,
    body: { Vulnerability: { ...WORDS, FixedIn: [fix('coreutils', '9.0-1')] } },
    status: 201,
    answer: { Vulnerability: { ...WORDS, FixedIn: [fix('coreutils', '9.0-1')] } },
  },
  {
    title: 'a layer with its features and vulnerabilities',
    path: '/v1/layers/jessie?features&vulnerabilities',
    status: 200,
    answer: {
      Layer: {
        Name: 'jessie',
        NamespaceName: 'debian:8',
        ParentName: 'wheezy',
        IndexedByVersion: expect.any(Number),
        Features: expect.arrayContaining([
          has({
            Name: 'coreutils',
            NamespaceName: 'debian:8',
            VersionFormat: 'dpkg',
            Version: '8.23-4',
            Vulnerabilities: [{ ...WORDS, FixedBy: '9.0-1' }],
            AddedBy: 'jessie',
          }),
        ]),
      },
    },
  },
  {
    title: 'namespaces',
    path: '/v1/namespaces',
    status: 200,
    answer: { Namespaces: expect.arrayContaining([{ Name: 'debian:8', VersionFormat: 'dpkg' }]) },
  },
  {
    title: 'vulnerabilities of a namespace',
    path: `${NAMESPACE}?limit=2`,
    status: 200,
    answer: { Vulnerabilities: [WORDS] },
  },
  {
    title: 'the first page of vulnerabilities',
    path: '/v1/namespaces/debian%3A12/vulnerabilities?limit=2',
    status: 200,
    answer: { Vulnerabilities: [has({}), has({})], NextPage: expect.any(String) },
  },
  {
    title: 'a vulnerability with its fixes',
    path: `${KNOWN}?fixedIn`,
    status: 200,
    answer: { Vulnerability: { ...WORDS, FixedIn: [fix('coreutils', '9.0-1')] } },
  },
  {
    title: 'change a vulnerability',
    method: 'PUT',
    path: KNOWN,
    body: { Vulnerability: { ...WORDS, Severity: 'medium' } },
    status: 200,
    answer: { Vulnerability: { ...WORDS, Severity: 'Medium' } },
  },
  {
    title: 'put a fix',
    method: 'PUT',
    path: `${KNOWN}/fixes/bash`,
    body: { Feature: { Name: 'bash', NamespaceName: 'debian:8', Version: '4.4-1' } },
    status: 200,
    answer: { Feature: fix('bash', '4.4-1') },
  },
  {
    title: 'fixes',
    path: `${KNOWN}/fixes`,
    status: 200,
    answer: { Features: [fix('bash', '4.4-1'), fix('coreutils', '9.0-1')] },
  },
  { title: 'delete a fix', method: 'DELETE', path: `${KNOWN}/fixes/bash`, status: 200 },
  {
    title: 'a notification',
    path: '/v1/notifications/NOTIFIED?limit=2',
    status: 200,
    answer: {
      Notification: {
        Created: expect.stringMatching(/^\d+$/),
        Notified: expect.stringMatching(/^\d+$/),
        Limit: 2,
        Page: expect.any(String),
        New: {
          Vulnerability: { ...WORDS, FixedIn: [fix('coreutils', '9.0-1')] },
          OrderedLayersIntroducingVulnerability: [{ Index: expect.any(Number), LayerName: 'jessie' }],
          LayersIntroducingVulnerability: ['jessie'],
        },
      },
    },
  },
  { title: 'delete a vulnerability', method: 'DELETE', path: KNOWN, status: 200 },
  { title: 'delete a notification', method: 'DELETE', path: '/v1/notifications/NOTIFIED', status: 200 },
  { title: 'delete a layer and its descendants', method: 'DELETE', path: '/v1/layers/blank', status: 200 },
  {
    title: 'an unknown layer',
    path: '/v1/layers/jessie?features',
    status: 404,
    answer: { Error: { Message: expect.stringContaining('layer/not-found') } },
  },
  {
    title: 'metrics',
    path: '/v1/metrics',
    status: 200,
    answer: expect.stringContaining('clair_api_response_duration_milliseconds_bucket{'),
    type: 'text/plain; version=0.0.4; charset=utf-8',
  },
];

describeShared(
  'the documentation examples of Clair v1, by curl',
  LAYERS.map((name) => `${FOLDER}/${name}.tar.gz`),
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-examples-'));
    const run = promisify(execFile);
    let tell: (name: string) => void;
    const notified = new Promise<string>((resolve) => {
      tell = resolve;
    });
    let files: Server;
    let filesUrl: string;
    let clair: ClairProcess;

    async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { Name, NotificationName } = (await json(request)) as Record<'Name' | 'NotificationName', string>;
      if (Name === 'CVE-2014-9471') tell(NotificationName);
      response.end();
    }

    beforeAll(async () => {
      files = createServer((request, response) => {
        if (request.method === 'POST') void take(request, response);
        else if (request.headers.authorization !== SECRET) response.writeHead(403).end();
        else createReadStream(sharedPath(`${FOLDER}/${basename(request.url ?? '')}`)).pipe(response);
      });
      await once(files.listen(0, '127.0.0.1'), 'listening');
      filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
      const variables = {
        CLAIR_DB: join(folder, 'clair.db'),
        CLAIR_NOTIFIER_HTTP_ENDPOINT: filesUrl,
        CLAIR_NOTIFIER_HTTP_PAYLOAD: 'full',
      };
      await runClair(['update', '--feed', 'debian', '--from', DEMO_FEED], variables);
      const serve = ['--port', '0', '--no-health-port', '--no-updates', '--allow-host', '127.0.0.1'];
      clair = await serveClair(serve, variables);
    });
    afterAll(async () => {
      await clair.stop();
      files.close();
      rmSync(folder, { recursive: true });
    });

    async function send({ method = 'GET', path, body, status, answer = '', type }: Example): Promise<void> {
      const url = `${clair.url}${path.includes('NOTIFIED') ? path.replace('NOTIFIED', await notified) : path}`;
      const sent = body && JSON.stringify(body).replace('FILES', filesUrl);
      const args = ['-sS', '-X', method, '-w', '\n%{http_code} %{content_type}', url];
      const data = ['-H', 'Content-Type: application/json', '-d', String(sent)];
      const { stdout } = await run('curl', sent === undefined ? args : [...args, ...data]);
      const end = stdout.lastIndexOf('\n');
      expect(stdout.slice(end + 1)).toBe(`${status} ${type ?? (answer === '' ? '' : JSON_TYPE)}`);
      const text = stdout.slice(0, end).replaceAll(filesUrl, 'FILES');
      expect({ answer: text.startsWith('{') ? JSON.parse(text) : text }).toMatchObject({ answer });
    }

    describe('the first generation', () => {
      it.each(FIRST_GENERATION)('$title', send);
    });

    describe('the stable generation', () => {
      it.each(STABLE_GENERATION)('$title', send);
    });
  },
);
