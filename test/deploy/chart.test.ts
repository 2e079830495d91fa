import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/config-file.ts';
import { helmProgram } from '../fixtures/helm-program.ts';

const CHART = 'deploy/helm/clair';
const SOURCE = ['--set', 'database.source=postgres://clair:secret@db/clair'];

const ALL = {
  replicaCount: 5,
  image: { digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  config: { updater: { interval: '4h' }, api: { timeout: '60s', hosts: ['clair.corp.example'] } },
  database: { existingSecret: 'database', key: 'url', replicaKey: 'replica', caSecret: 'database-ca' },
  pageTokens: { existingSecret: 'tokens' },
  auth: { existingSecret: 'psk', issuers: ['registry'], readonly: { key: `${'A'.repeat(43)}=` } },
  extraSecret: 'notifier',
  service: { type: 'LoadBalancer', annotations: { a: 'b' } },
  ingress: {
    enabled: true,
    className: 'nginx',
    hosts: ['clair.example'],
    tls: [{ hosts: ['clair.example'], secretName: 'tls' }],
  },
  autoscaling: { enabled: true },
  networkPolicy: {
    apiFrom: [{ namespaceSelector: { matchLabels: { team: 'registry' } } }],
    monitoringFrom: [{ namespaceSelector: {} }],
    databaseTo: [{ ipBlock: { cidr: '10.0.0.0/24' } }],
    extraEgress: [{ ports: [{ port: 5671, protocol: 'TCP' }] }],
  },
  serviceAccount: { annotations: { a: 'b' } },
  podAnnotations: { a: 'b' },
  podLabels: { c: 'd' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  priorityClassName: 'high',
  monitoring: {
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
};

/** The folder is inside the repository, so that the compiler finds the Kubernetes type packages. */
const folder = mkdtempSync('node_modules/.clair-chart-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const allValues = join(folder, 'all.yaml');

type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
  readonly data?: Readonly<Record<string, string>>;
};
type PodSpec = {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly containers: readonly Readonly<Record<string, unknown>>[];
};

let helm: string;
beforeAll(async () => {
  helm = await helmProgram();
  writeFileSync(allValues, JSON.stringify(ALL));
});

const rendered = (...args: readonly string[]): Manifest[] =>
  parseAllDocuments(
    execFileSync(helm, ['template', 'test', CHART, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

const cases: readonly [string, readonly string[]][] = [
  ['the required values', SOURCE],
  ['everything', ['--values', allValues]],
];

describe.each(cases)('the chart with %s', (_what, args) => {
  it('passes helm lint', () => {
    const { status, stdout } = spawnSync(helm, ['lint', '--strict', CHART, ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  it('renders valid Kubernetes objects, field by field', async () => {
    const manifests = rendered(...args);
    const named = manifests.map(({ apiVersion, kind }) => [kind, moduleOf(apiVersion, kind)] as const);
    const types = new Map(named);
    const text = [
      ...[...types].map(([kind, path]) => `import type { I${kind} } from '${path}';`),
      ...manifests.map((manifest, at) => `export const m${at}: I${manifest.kind} = ${JSON.stringify(manifest)};`),
    ].join('\n');
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, text);
    // The compiler rejects unknown fields in object literals at any depth.
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    const { status, stdout } = spawnSync('npx', ['--no-install', 'tsc', '--ignoreConfig', ...flags, file], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, '']);
    for (const [at, manifest] of manifests.entries()) {
      const models = (await import(moduleOf(manifest.apiVersion, manifest.kind))) as Record<string, Model>;
      const Kind = models[manifest.kind];
      expect(() => Kind && new Kind(manifest).validate(), `manifest ${at}, ${manifest.kind}`).not.toThrow();
      expect(Kind).toBeDefined();
    }
  });

  it('runs no pod as root, with a writable root file system or with access to the cluster API', () => {
    const pods = rendered(...args).flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.spec]));
    expect(pods.length).toBe(2);
    for (const { automountServiceAccountToken, securityContext, containers } of pods) {
      expect(automountServiceAccountToken).toBe(false);
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of containers) {
        expect(container['securityContext']).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container['resources']).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
      }
    }
  });

  it('passes a valid configuration to Clair', async () => {
    const files = rendered(...args).flatMap(({ data }) => data?.['clair.yaml'] ?? []);
    expect(files.length).toBe(2);
    for (const text of files) {
      const config = parse(text) as {
        database: { sourcefile: string; replicafile?: string };
        api: { paginationkeyfile?: string; auth?: Record<string, { keyfile: string }> };
      };
      // The paths name files inside the container, which this machine does not have.
      config.database.sourcefile = secretFile('source', 'postgres://clair:secret@db/clair');
      if (config.database.replicafile !== undefined) {
        config.database.replicafile = secretFile('replica', 'postgres://clair:secret@standby/clair');
      }
      config.api.paginationkeyfile = secretFile('page', 'A'.repeat(43));
      for (const token of Object.values(config.api.auth ?? {}))
        token.keyfile = secretFile('token', `${'A'.repeat(43)}=`);
      const file = secretFile('clair.yaml', JSON.stringify(config));
      const loaded = await loadConfig({ file, environment: {} });
      expect(loaded.config.database.type).toBe('postgres');
      expect(loaded.config.database.replica !== undefined).toBe(args !== SOURCE);
      expect(loaded.config.api.host).toBe('0.0.0.0');
    }
  });
});

it('migrates with its resources before anything else', () => {
  const hooks = rendered(...SOURCE).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== undefined);
  expect(hooks.map(({ kind, metadata }) => [kind, metadata.annotations?.['helm.sh/hook-weight'] ?? '0'])).toEqual([
    ['Secret', '-5'],
    ['ConfigMap', '-5'],
    ['Job', '0'],
  ]);
  for (const { metadata } of hooks) expect(metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
});

it('requires tokens of each configured key', () => {
  const accessOf = (...args: readonly string[]): unknown => {
    const texts = rendered(...args).flatMap(({ data }) => data?.['clair.yaml'] ?? []);
    return texts.map((text) => (parse(text) as { readonly api: { readonly auth?: object } }).api.auth);
  };
  const psk = { keyfile: '/etc/clair/secrets/psk-key', iss: ['registry'] };
  const readonly = { keyfile: '/etc/clair/secrets/readonly-key', iss: ['clair'] };
  expect(accessOf(...SOURCE)).toEqual([undefined, undefined]);
  expect(accessOf('--values', allValues)).toEqual([
    { psk, readonly },
    { psk, readonly },
  ]);
});

it('accepts requests for the names of the service, the ingress and its own configuration', () => {
  const hostsOf = (...args: readonly string[]): unknown => {
    const texts = rendered(...args).flatMap(({ data }) => data?.['clair.yaml'] ?? []);
    return texts.map((text) => (parse(text) as { readonly api: { readonly hosts: object } }).api.hosts)[0];
  };
  const service = [
    'test-clair',
    'test-clair.default',
    'test-clair.default.svc',
    'test-clair.default.svc.cluster.local',
  ];
  expect(hostsOf(...SOURCE)).toEqual(service);
  expect(hostsOf('--values', allValues)).toEqual([...service, 'clair.example', 'clair.corp.example']);
});

it('contains the alerts and the dashboard of the repository', () => {
  const manifests = rendered('--values', allValues);
  const rule = manifests.find(({ kind }) => kind === 'PrometheusRule');
  expect(JSON.stringify(rule?.spec)).toContain('ClairDatabaseUnavailable');
  const board = manifests.find(({ metadata }) => metadata.name === 'test-clair-board');
  expect(JSON.parse(board?.data?.['clair.json'] ?? '')).toMatchObject({ title: 'Clair' });
});

it.each<[string, readonly string[], string]>([
  ['no database', [], 'database.source or database.existingSecret is needed'],
  ['an invalid value', [...SOURCE, '--set', 'replicaCount=many'], 'got string, want integer'],
  ['an unknown value', [...SOURCE, '--set', 'replicas=3'], "additional properties 'replicas' not allowed"],
  [
    'a database in the configuration, which would expose its password',
    [...SOURCE, '--set', 'config.database.type=memory'],
    "'not' failed",
  ],
  ['an ingress without a host name', [...SOURCE, '--set', 'ingress.enabled=true'], 'ingress.hosts is needed'],
])('rejects %s', (_what, args, expected) => {
  const { status, stderr } = spawnSync(helm, ['template', 'test', CHART, ...args], { encoding: 'utf8' });
  expect(status).not.toBe(0);
  expect(stderr).toContain(expected);
});

type Model = new (manifest: Manifest) => { readonly validate: () => void };

/**
 * Returns the module that declares the type of a kind. A module such as `apps/v1` is a folder of the Kubernetes
 * package; the kinds of the Prometheus operator are in a package of their own.
 */
function moduleOf(apiVersion: string, kind: string): string {
  const isOfOperator = apiVersion.startsWith('monitoring.coreos.com/');
  return `${isOfOperator ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`;
}

function secretFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
