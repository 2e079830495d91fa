import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { configOf, hexOf } from '../../../src/worker/testing/image-builder.ts';
import { createPrivateAuthority } from '../../../src/bytes/testing/private-authority.ts';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedDescriptor,
  type RegistryServer,
  startRegistryServer,
} from '../../../src/worker/testing/registry-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-registry-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LAYERS = await buildDemoLayers();

let registry: RegistryServer;
let databases = 0;
let database: string;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  vi.stubEnv('DOCKER_CONFIG', folder);
  registry = await startRegistryServer();
  database = join(folder, `${(databases += 1)}.db`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

async function scan(...args: readonly string[]): Promise<CliRun> {
  const format = args.includes('--format') ? [] : ['--format', 'json'];
  return await runClair(['scan', ...format, '--db', database, ...args]);
}

function report({ out }: CliRun): Report {
  return JSON.parse(out);
}

function pushPlatforms(): void {
  const image = (architecture: string, layers: number): PushedDescriptor & { platform: object } => {
    const config = { ...configOf(LAYERS.slice(0, layers)), architecture };
    const descriptor = registry.image(LAYERS.slice(0, layers), { config });
    return { ...descriptor, platform: { os: 'linux', architecture } };
  };
  registry.manifest({ manifests: [image('amd64', 4), image('arm64', 2)] }, OCI_INDEX, '1');
}

describe('clair scan of an image in a registry', () => {
  it.each(['', 'registry:'])('finds its packages and layers: %s…', async (scheme) => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    const { target, packages, layers, distribution } = report(await scan(`${scheme}${registry.domain}/demo:1`));
    expect(target).toEqual({
      kind: 'registry',
      reference: `${registry.domain}/demo:1`,
      digest,
      platform: 'linux/amd64',
    });
    expect(distribution?.namespace).toBe('debian:12');
    expect(packages.map(({ name, layer }) => [name, layer])).toEqual([
      ['base-files', 0],
      ['libssl3', 2],
      ['openssl', 2],
      ['zlib1g', 0],
    ]);
    expect(layers.map(({ createdBy }) => createdBy)).toEqual(LAYERS.map(({ createdBy }) => createdBy));
  });

  it('fetches no stored layer, under any name', async () => {
    registry.image(LAYERS.slice(0, 3), { tag: '1' });
    await scan(`${registry.domain}/one:1`);
    registry.image(LAYERS, { tag: '2' });
    const before = registry.requests.length;
    expect((await scan(`${registry.domain}/two:2`)).status).toBe(3);
    // The manifest, the configuration, and the new layer.
    expect(registry.requests.slice(before)).toHaveLength(3);
    expect((await scan(`${registry.domain}/two:2`)).status).toBe(3);
    expect(registry.requests.slice(before + 3)).toHaveLength(2);
  });

  it('selects the image of the given platform', async () => {
    pushPlatforms();
    const outcome = await scan(`${registry.domain}/demo:1`, '--platform', 'linux/arm64');
    expect(report(outcome)).toMatchObject({
      target: { platform: 'linux/arm64' },
      layers: [{ index: 0 }, { index: 1 }],
    });
  });

  it('lists the available platforms: status 2', async () => {
    pushPlatforms();
    expect(await scan(`${registry.domain}/demo:1`, '--platform', 'linux/s390x')).toEqual({
      status: 2,
      out: '',
      err: expect.stringMatching(
        /has no image for linux\/s390x; it has images for linux\/amd64, linux\/arm64\n.*\[image\/choice-needed\]\n$/,
      ),
    });
  });

  it.each([
    [['registry:localhost/demo', '--platform', 'arm64'], 'It must be OS/ARCH[/VARIANT]'],
    [['registry:Demo'], '[image/target-invalid]'],
    [['./demo'], '[image/not-found]'],
  ])('%j is rejected: status 2', async (args, message) => {
    const { status, err } = await scan(...args);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(message) });
  });

  it('uses http for local and listed registries only', async () => {
    registry.image(LAYERS, { tag: '1' });
    // 0.0.0.0 also reaches this machine, but Clair does not treat 0.0.0.0 as a local address.
    const target = `${registry.domain.replace('127.0.0.1', '0.0.0.0')}/demo:1`;
    const { status, err } = await scan(target);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('https://0.0.0.0') });
    expect(registry.requests).toEqual([]);
    const { host } = new URL(`http://${target}`);
    expect(report(await scan(target, '--insecure-registry', `a.example,${host}`)).packages).toHaveLength(4);
  });

  it('stores nothing of a layer with a wrong digest: status 2', async () => {
    registry.image(LAYERS, { tag: '1' });
    const [first, second, , fourth] = LAYERS.map(({ tar }) => gzipSync(tar));
    registry.intercept = ({ url = '' }, response) => {
      const isSecond = url.endsWith(hexOf(second!));
      if (isSecond) response.end(fourth);
      return isSecond;
    };
    const { status, err } = await scan(`${registry.domain}/demo:1`);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('[bytes/digest-mismatch]') });
    expect(err).toContain(hexOf(second!));
    registry.intercept = () => false;
    const before = registry.requests.length;
    expect(report(await scan(`${registry.domain}/demo:1`)).packages).toHaveLength(4);
    const asked = registry.requests.slice(before).join('\n');
    expect(asked).toContain(hexOf(second!));
    expect(asked).not.toContain(hexOf(first!));
  });

  it('stores nothing incomplete when the registry stops: status 2', async () => {
    registry.image(LAYERS, { tag: '1' });
    registry.intercept = ({ socket }, response) => {
      const isLayer = registry.requests.length > 2;
      if (isLayer) response.setHeader('content-length', 1000).write('some', () => socket.destroy());
      return isLayer;
    };
    expect(await scan(`${registry.domain}/demo:1`)).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining('the response was truncated'),
    });
    registry.intercept = () => false;
    expect(report(await scan(`${registry.domain}/demo:1`)).packages).toHaveLength(4);
  });
});

describe('clair scan --all-platforms', () => {
  it('returns an array with a report per platform and exits with the worst status', async () => {
    pushPlatforms();
    const { status, out, err } = await scan(`${registry.domain}/demo:1`, '--all-platforms');
    const reports: readonly Report[] = JSON.parse(out);
    expect(reports.map(({ target, layers }) => [target.platform, layers.length])).toEqual([
      ['linux/amd64', 4],
      ['linux/arm64', 2],
    ]);
    expect({ status, err }).toEqual({ status: 3, err: '' });
    // The platforms share the first two layers, so the requests are for the index, two manifests, two configurations
    // and four layers.
    expect(registry.requests).toHaveLength(9);
  });

  it('prints one table per platform', async () => {
    pushPlatforms();
    const { out } = await scan(`${registry.domain}/demo:1`, '--all-platforms', '--format', 'table');
    expect(out).toMatch(/^Image .*\(linux\/amd64\)\n[\s\S]*\n\nImage .*\(linux\/arm64\)\n/);
  });

  it('continues after an image that fails: status 2', async () => {
    const missing = { mediaType: OCI_MANIFEST, digest: `sha256:${'0'.repeat(64)}` };
    const whole = registry.image(LAYERS);
    const manifests = [
      { ...missing, platform: { os: 'linux', architecture: 's390x' } },
      { ...whole, platform: { os: 'linux', architecture: 'amd64' } },
    ];
    registry.manifest({ manifests }, OCI_INDEX, '1');
    const { status, out, err } = await scan(`${registry.domain}/demo:1`, '--all-platforms');
    expect(JSON.parse(out)).toMatchObject([{ target: { platform: 'linux/amd64' } }]);
    expect({ status, err }).toEqual({
      status: 2,
      err: expect.stringMatching(/^linux\/s390x: no manifest sha256:0{64} in .*\n.*\[image\/not-found\]\n$/),
    });
  });

  it('prints no report when all platforms fail: status 2', async () => {
    registry.manifest({ manifests: [{ mediaType: OCI_MANIFEST, digest: `sha256:${'0'.repeat(64)}` }] }, OCI_INDEX, '1');
    const outcome = await scan(`${registry.domain}/demo:1`, '--all-platforms');
    expect(outcome).toEqual({ status: 2, out: '', err: expect.stringContaining('unnamed: no manifest') });
  });

  it('rejects --platform: status 2', async () => {
    const outcome = await scan(`${registry.domain}/demo:1`, '--all-platforms', '--platform', 'linux/amd64');
    expect(outcome).toEqual({ status: 2, out: '', err: expect.stringContaining('cannot be used with') });
    expect(registry.requests).toEqual([]);
  });
});

describe('clair scan of a registry with a private certificate authority', () => {
  const authority = createPrivateAuthority();
  let secure: RegistryServer;
  let target: string;

  beforeEach(async () => {
    secure = await startRegistryServer(authority.identify('0.0.0.0'));
    secure.image(LAYERS, { tag: '1' });
    // 0.0.0.0 also reaches this machine, but requires https, because Clair does not treat 0.0.0.0 as a local address.
    target = `${secure.domain.replace('127.0.0.1', '0.0.0.0')}/demo:1`;
  });
  afterEach(() => secure.close());

  it('requires its certificate', async () => {
    const { status, err } = await scan(target);
    expect({ status, err }).toEqual({
      status: 2,
      err: expect.stringMatching(/certificate.*\n.*\[bytes\/unreachable\]/),
    });
    const file = join(folder, 'ca.pem');
    writeFileSync(file, authority.certificate);
    expect(report(await scan(target, '--registry-ca', file)).packages).toHaveLength(4);
  });

  it("uses the certificate in Docker's directory", async () => {
    const certificates = join(folder, 'certs.d', target.replace('/demo:1', ''));
    mkdirSync(certificates, { recursive: true });
    writeFileSync(join(certificates, 'ca.crt'), authority.certificate);
    expect(report(await scan(target)).packages).toHaveLength(4);
  });

  it('rejects an invalid certificate for any target: status 2', async () => {
    const file = join(folder, 'no-certificate.pem');
    writeFileSync(file, 'none');
    expect(await scan('registry:localhost/demo', '--registry-ca', file)).toEqual({
      status: 2,
      out: '',
      err: expect.stringMatching(/no-certificate\.pem contains no certificate.*\n.*\[registry\/certificate-invalid\]/),
    });
  });
});

it('clair scan reports a foreign layer as absent: status 3', async () => {
  const [first, ...others] = LAYERS.map(({ tar }) => registry.blob(gzipSync(tar)));
  const foreign = { ...others.at(-1), mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' };
  registry.image(LAYERS, { tag: '1', manifest: { layers: [first, ...others.slice(0, -1), foreign] } });
  const outcome = await scan(`${registry.domain}/demo:1`);
  const { layers, diagnostics } = report(outcome);
  expect({ status: outcome.status, layers: layers.length }).toEqual({ status: 3, layers: 4 });
  expect(diagnostics.map(({ message }) => message)).toContain(
    `layer 3 (${foreign.digest}) is a foreign layer, stored at another location, so Clair did not read it`,
  );
  expect(registry.requests.filter((path) => path.endsWith(foreign.digest ?? ''))).toEqual([]);
});

describe('clair scan --registry-mirror', () => {
  it('fetches from the mirrors in order, with the image name of the registry', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    const down = 'a.example=127.0.0.1:1';
    const mirror = `a.example=${registry.domain}/mirrors`;
    const outcome = await scan('a.example/demo:1', '--registry-mirror', down, '--registry-mirror', mirror);
    expect(report(outcome)).toMatchObject({ target: { reference: 'a.example/demo:1', digest } });
    expect(registry.requests[0]).toBe('mirrors/demo/manifests/1');
  });

  it('checks the content of mirrors: status 2', async () => {
    const mirror = await startRegistryServer();
    try {
      const { digest } = registry.image(LAYERS, { tag: '1' });
      mirror.image(LAYERS.slice(0, 1), { tag: '1' });
      mirror.intercept = ({ url = '' }, response) => {
        const isManifest = url.endsWith(digest);
        if (isManifest) response.end('{"config": {}, "layers": []}');
        return isManifest;
      };
      const options = ['--registry-mirror', `${registry.domain}=${mirror.domain}`];
      const { status, err } = await scan(`${registry.domain}/demo@${digest}`, ...options);
      expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('[bytes/digest-mismatch]') });
    } finally {
      await mirror.close();
    }
  });

  it('requires a registry and a mirror: status 2', async () => {
    const { status, err } = await scan('a.example/demo:1', '--registry-mirror', 'a.example');
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('must be HOST=MIRROR') });
  });
});
