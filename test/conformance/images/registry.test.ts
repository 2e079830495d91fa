import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { chainIds } from '../../../src/worker/sources/image/chain-id.ts';
import { startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { buildLayer, hexOf, writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { writeMultiPlatformLayout } from '../../../src/worker/testing/multi-platform-layout.ts';
import { works } from '../program.ts';
import { freePort } from '../../../src/database/testing/free-port.ts';

const isHere = works('docker-registry', ['--version']) && works('skopeo', ['--version']);
if (!isHere) console.warn('SKIPPED "a real registry": docker-registry and skopeo are not installed');

/** A folder with a whole Debian image; see CONTRIBUTING.md. */
const DEBIAN_IMAGES = env['CLAIR_DEBIAN_IMAGES'];
if (isHere && DEBIAN_IMAGES === undefined)
  console.warn('SKIPPED "a whole Debian image in a real registry": CLAIR_DEBIAN_IMAGES is not a folder with images');

/** The bcrypt hash of "secret". */
const HTPASSWD = 'me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';
const START_LIMIT_MS = 20_000;
const COPY_LIMIT_MS = 60_000;

describe.skipIf(!isHere)('a real registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-real-registry-'));
  const inFolder = (name: string): string => join(folder, name);
  const layout = inFolder('layout');
  const running: ChildProcess[] = [];
  let open: Registry;
  let closed: Registry;
  let databases = 0;

  beforeAll(async () => {
    // Uncompressed layers, so that skopeo applies the requested compression.
    writeOciLayout(layout, await buildDemoLayers(), 'demo', (tar) => tar);
    writeFileSync(inFolder('policy.json'), '{"default": [{"type": "insecureAcceptAnything"}]}');
    mkdirSync(inFolder('logged-in'));
    writeFileSync(inFolder('htpasswd'), HTPASSWD);
    [open, closed] = await Promise.all([start('open', false), start('closed', true)]);
    const auth = Buffer.from('me:secret').toString('base64');
    writeFileSync(inFolder('logged-in/config.json'), JSON.stringify({ auths: { [closed.domain]: { auth } } }));
  }, 2 * START_LIMIT_MS);
  afterAll(async () => {
    await Promise.all(
      running.map(async (child) => {
        const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
        child.kill('SIGKILL');
        await ended;
      }),
    );
    rmSync(folder, { recursive: true, force: true });
  });

  type Registry = { readonly domain: string; readonly log: () => string; readonly kill: () => void };

  async function start(name: string, isClosed: boolean): Promise<Registry> {
    const domain = `127.0.0.1:${await freePort()}`;
    const auth = isClosed ? { auth: { htpasswd: { realm: 'x', path: inFolder('htpasswd') } } } : {};
    // YAML is a superset of JSON.
    writeFileSync(
      inFolder(`${name}.yml`),
      JSON.stringify({
        version: 0.1,
        storage: { filesystem: { rootdirectory: inFolder(`${name}-data`) } },
        http: { addr: domain },
        ...auth,
      }),
    );
    const log = inFolder(`${name}.log`);
    const child = spawn('sh', ['-c', 'exec docker-registry serve "$0" > "$1" 2>&1', inFolder(`${name}.yml`), log]);
    running.push(child);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await answers(domain))) {
      if (Date.now() > deadline) throw new Error(`docker-registry does not respond: ${readFileSync(log, 'utf8')}`);
      await setTimeout(50);
    }
    return { domain, log: () => readFileSync(log, 'utf8'), kill: () => void child.kill('SIGKILL') };
  }

  function push(source: string, target: string, ...options: readonly string[]): void {
    const policy = ['--policy', inFolder('policy.json')];
    const args = [...policy, 'copy', '--quiet', '--dest-tls-verify=false', ...options, source, `docker://${target}`];
    execFileSync('skopeo', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: COPY_LIMIT_MS });
  }

  type Scan = { readonly status: number; readonly err: string; readonly report: Report };

  async function scan(
    target: string,
    database = `${(databases += 1)}.db`,
    config = 'none',
    ...options: readonly string[]
  ): Promise<Scan> {
    let out = '';
    let err = '';
    const before = env['DOCKER_CONFIG'];
    env['DOCKER_CONFIG'] = inFolder(config);
    try {
      const status = await runCli(['scan', target, '--format', 'json', '--db', inFolder(database), ...options], {
        out: (text) => (out += text),
        err: (text) => (err += text),
        signal: AbortSignal.timeout(COPY_LIMIT_MS),
      });
      return { status, err, report: out === '' ? undefined : JSON.parse(out) };
    } finally {
      if (before === undefined) delete env['DOCKER_CONFIG'];
      else env['DOCKER_CONFIG'] = before;
    }
  }

  it.each([
    ['oci', 'gzip', 'application/vnd.oci.image.layer.v1.tar+gzip'],
    ['oci', 'zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
    ['v2s2', 'gzip', 'application/vnd.docker.image.rootfs.diff.tar.gzip'],
  ])('returns the same as the pushed layout: %s, %s', async (format, compression, mediaType) => {
    const expected = (await scan(`oci:${layout}:demo`)).report;
    // This name has a separate registry, because skopeo does not push a layer again in another compression.
    const name = `${(await start(`${format}-${compression}`, false)).domain}/group/demo:1`;
    push(`oci:${layout}:demo`, name, '--format', format, '--dest-compress-format', compression);
    expect(execFileSync('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`]).toString()).toContain(
      mediaType,
    );
    const { status, report } = await scan(name);
    expect({ status, target: report.target }).toMatchObject({
      status: 3,
      target: { kind: 'registry', reference: name, platform: 'linux/amd64' },
    });
    expect(report.packages).toEqual(expected.packages);
    expect(report.layers.map(({ diffId }) => diffId)).toEqual(expected.layers.map(({ diffId }) => diffId));
  });

  it('receives no layer requests when all layers are stored', async () => {
    push(`oci:${layout}:demo`, `${open.domain}/known:1`);
    const first = await scan(`${open.domain}/known:1`, 'known.db');
    const before = open.log().length;
    const second = await scan(`registry:${open.domain}/known:1`, 'known.db');
    expect(second.report).toEqual({ ...first.report, createdAt: second.report.createdAt });
    const blobs = [
      ...open
        .log()
        .slice(before)
        .matchAll(/"GET \/v2\/known\/(\w+)\//g),
    ].map(([, kind]) => kind);
    expect(blobs).toEqual(['manifests', 'blobs']);
  });

  it('requires the credentials of the configuration', async () => {
    const name = `${closed.domain}/demo:1`;
    push(`oci:${layout}:demo`, name, '--dest-creds', 'me:secret');
    expect(await scan(name, undefined, 'logged-in')).toMatchObject({ status: 3, err: '' });
    expect(await scan(name)).toMatchObject({ status: 2, err: expect.stringContaining('[registry/denied]') });
  });

  it('is read by a server with its configured login, and not without', async () => {
    const name = `${closed.domain}/submitted:1`;
    push(`oci:${layout}:demo`, name, '--dest-creds', 'me:secret');
    writeFileSync(inFolder('password'), 'secret\n');
    const login = { host: closed.domain, username: 'me', passwordfile: inFolder('password') };
    const submit = async (registries: readonly (typeof login)[]): Promise<readonly [number, string]> => {
      const server = await startClairServer(['127.0.0.1'], { registries });
      let err = '';
      const console = {
        out: () => undefined,
        err: (text: string) => (err += text),
        signal: new AbortController().signal,
      };
      const status = await runCli(['submit', name, '--server', server.url], console);
      await server.close();
      return [status, err];
    };
    expect(await submit([login])).toEqual([3, '']);
    expect(await submit([])).toEqual([2, expect.stringContaining('[registry/denied]')]);
    const elsewhere = { ...login, repositories: ['other'] };
    expect(await submit([elsewhere])).toEqual([2, expect.stringContaining('[registry/denied]')]);
  });

  it.each(['oci', 'v2s2'])('returns one image of several, or all: %s', async (format) => {
    const several = inFolder(`several-${format}`);
    const layers = await buildDemoLayers();
    const images = { amd64: layers, arm64: layers.slice(0, 2) };
    // Docker's formats have no attestations, so skopeo cannot convert them.
    writeMultiPlatformLayout(several, images, 'demo', { attested: format === 'oci' });
    const name = `${open.domain}/several/${format}:1`;
    push(`oci:${several}:demo`, name, '--all', '--format', format);
    const counts = { amd64: layers.length, arm64: 2 };
    for (const [architecture, count] of Object.entries(counts)) {
      const { report } = await scan(name, undefined, 'none', '--platform', `linux/${architecture}`);
      expect([report.target.platform, report.layers.length]).toEqual([`linux/${architecture}`, count]);
    }
    const all = (await scan(name, undefined, 'none', '--all-platforms')).report as unknown as readonly Report[];
    expect(all.map(({ target, layers: of }) => [target.platform, of.length])).toEqual(
      Object.entries(counts).map(([architecture, count]) => [`linux/${architecture}`, count]),
    );
  });

  it('that stops during a download fails the scan, and no incomplete data is stored', async () => {
    const dying = await start('dying', false);
    const noise = { tar: await buildLayer({ noise: randomBytes(64 * 1024 * 1024) }), createdBy: 'noise' };
    const [base, ...others] = await buildDemoLayers();
    const big = inFolder('big');
    writeOciLayout(big, [base!, noise, ...others], 'demo', (tar) => tar);
    push(`oci:${big}:demo`, `${dying.domain}/big:1`);
    const between = await startCutter(dying.domain, 8 * 1024 * 1024, dying.kill);
    try {
      const { status, err, report } = await scan(`${between.domain}/big:1`, 'dying.db');
      expect({ status, report }).toEqual({ status: 2, report: undefined });
      expect(err).toContain('[bytes/unreachable]');
    } finally {
      await between.close();
    }
    // The lower layer may be stored, because it is complete; the image, the broken layer and the layers above are not
    // stored.
    const stored = await openStore({ type: 'sqlite', path: inFolder('dying.db') });
    try {
      const names = chainIds([base!, noise, ...others].map(({ tar }) => `sha256:${hexOf(tar)}` as const));
      const found = await Promise.all(names.map(async (name) => (await stored.layers.find(name)) !== undefined));
      expect(found.slice(1)).toEqual(found.slice(1).map(() => false));
      expect(await stored.images.outdated(1_000_000, { after: '', limit: 1 })).toEqual([]);
    } finally {
      await stored.close();
    }
    const whole = await scan(`oci:${big}:demo`, 'dying.db');
    expect(whole.report.packages).toEqual((await scan(`oci:${big}:demo`)).report.packages);
  });

  it('reports a missing image', async () => {
    const { status, err } = await scan(`${open.domain}/demo:none`);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('[image/not-found]') });
  });

  it.skipIf(DEBIAN_IMAGES === undefined)(
    'returns the same packages of a whole Debian image as its layout',
    async () => {
      const source = `oci:${join(DEBIAN_IMAGES ?? '', 'img')}:removed`;
      push(source, `${open.domain}/debian:removed`);
      const [pulled, saved] = [await scan(`${open.domain}/debian:removed`), await scan(source)];
      expect(pulled.report.packages.length).toBeGreaterThan(50);
      expect(pulled.report.packages).toEqual(saved.report.packages);
    },
    300_000,
  );
});

/** Forwards requests to a server. After `bytes` response bytes, calls `end` and closes all connections. */
async function startCutter(
  domain: string,
  bytes: number,
  end: () => void,
): Promise<{ readonly domain: string; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  let left = bytes;
  const [host = '', port] = domain.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      left -= chunk.length;
      if (left > 0) {
        client.write(chunk);
        return;
      }
      end();
      server.close();
      for (const socket of sockets) socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    domain: `127.0.0.1:${own}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answers(domain: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${domain}/v2/`, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
