import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { createServerLog } from '../../../src/cli/settings/server-log.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildLayer, buildTar, type Member } from '../../../src/worker/testing/image-builder.ts';

/** A name that attacks the terminal or the build log of the user. */
const EVIL = '\u001B]52;c;cm0gLXJmIC8=\u0007\u001B[2J\u009B2J\u202E\r\n::warning::made by the image\n##[error]it\u2028';

/**
 * Matches control characters except line ends, and lines that CI runners read as commands: `::` at the start, or `##[`.
 */
// oxlint-disable-next-line no-control-regex -- the test searches for control characters
const DANGER = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]|^\s*::[a-z]|##\w*\[|^made by|^it/mu;

const folder = mkdtempSync(join(tmpdir(), 'clair-escapes-'));
const logged: string[] = [];
let server: ClairServer;

beforeAll(async () => {
  for (const [name, members] of Object.entries(await archives())) {
    writeFileSync(join(folder, `${name}.tar`), await buildTar(Object.entries(members)));
  }
  server = await startClairServer([], { log: createServerLog('debug', (line) => void logged.push(line)) });
});
beforeEach(() => {
  vi.stubEnv('CLAIR_CONFIG', '/dev/null');
  vi.stubEnv('CLAIR_SERVER', server.url);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const NAMES = [
  'configuration',
  'layer',
  'tags',
  'platforms',
  'media-type',
  'digest',
  'diff-id',
  'all',
  'damaged',
  'two',
];

describe('hostile names', () => {
  it.each(NAMES)('have no effect in an archive with a hostile %s', async (name) => {
    const path = join(folder, `${name}.tar`);
    for (const command of [
      ['scan', path],
      ['scan', path, '--format', 'json'],
      ['scan', path, '--format', 'junit'],
      ['scan', path, '--format', 'html'],
      ['scan', path, '--format', 'sarif'],
      ['explain', 'CVE-1', path],
      ['graph', path],
      ['graph', path, '--format', 'svg'],
      ['graph', path, '--format', 'json'],
      ['diff', path, path],
      ['submit', path],
    ]) {
      const local = command[0] === 'submit' ? [] : ['--db', ':memory:'];
      expect(await printed([...command, ...local])).not.toMatch(DANGER);
    }
  });

  it('have no effect in arguments', async () => {
    for (const command of [
      ['scan', EVIL],
      ['scan', 'x', '--format', EVIL],
      [EVIL],
      ['report', EVIL],
      ['submit', EVIL],
    ]) {
      expect(await printed(command)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|^\s*::[a-z]|##\w*\[/mu);
    }
  });

  it('have no effect in the server log, raw or decoded', () => {
    expect(logged.filter((line) => line.includes('submission'))).not.toEqual([]);
    for (const line of logged) {
      expect(line).toMatch(/^\{.*\}\n$/u);
      expect(line.trimEnd()).not.toMatch(DANGER);
      for (const text of textsOf(JSON.parse(line))) expect(text).not.toMatch(DANGER);
    }
  });
});

async function printed(args: readonly string[]): Promise<string> {
  let text = '';
  const write = (part: string): void => void (text += part);
  await runCli(args, { out: write, err: write, signal: new AbortController().signal });
  expect(text).not.toBe('');
  return text;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

async function archives(): Promise<Record<string, Record<string, Member>>> {
  const layer = await buildLayer({
    'etc/os-release': `ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian ${EVIL.replaceAll('\n', '')}"\n`,
    'var/lib/dpkg/status': `Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\nPackage: ${EVIL.replaceAll('\n', '')}\nStatus: install ok installed\nVersion: ${EVIL.replaceAll('\n', '')}\nArchitecture: all\n`,
  });
  const config = (diffId: string, platform = 'linux', createdBy = ''): string =>
    JSON.stringify({
      architecture: platform,
      os: platform,
      config: {},
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created_by: createdBy }],
    });
  const saved = (...images: readonly object[]): string => JSON.stringify(images);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: EVIL, digest: EVIL, size: 1 },
    layers: [],
  });
  const digest = `sha256:${sha256(manifest)}`;
  const layout = (...manifests: readonly object[]): Record<string, Member> => ({
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, manifests }),
    [`blobs/sha256/${sha256(manifest)}`]: manifest,
  });
  const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: manifest.length };
  const named = (name: string): object => ({
    ...descriptor,
    annotations: { 'org.opencontainers.image.ref.name': name },
  });
  const diffId = `sha256:${sha256(layer)}`;
  return {
    configuration: { 'manifest.json': saved({ Config: `${EVIL}c.json`, RepoTags: ['a:1'], Layers: ['l'] }) },
    layer: {
      'manifest.json': saved({ Config: 'c.json', RepoTags: ['a:1'], Layers: [`${EVIL}l.tar`] }),
      'c.json': config(diffId),
    },
    tags: layout(named(`${EVIL}a`), named(`${EVIL}b`)),
    platforms: layout(
      { ...descriptor, platform: { os: EVIL, architecture: 'x' } },
      { ...descriptor, platform: { os: `y${EVIL}`, architecture: 'x' } },
    ),
    'media-type': layout({ ...descriptor, mediaType: EVIL }),
    digest: layout({ ...descriptor, digest: EVIL }),
    'diff-id': {
      'manifest.json': saved({ Config: 'c.json', RepoTags: [EVIL], Layers: ['l.tar'] }),
      'c.json': config(EVIL, EVIL),
      'l.tar': layer,
    },
    all: {
      'manifest.json': saved({ Config: 'c.json', RepoTags: [EVIL], Layers: ['l.tar'] }),
      'c.json': config(diffId, EVIL, EVIL),
      'l.tar': layer,
    },
    damaged: {
      'manifest.json': saved({ Config: 'c.json', RepoTags: [EVIL], Layers: ['l.tar'] }),
      'c.json': config(`sha256:${sha256('x')}`, EVIL, EVIL),
      'l.tar': Buffer.concat([layer.subarray(0, 1000), Buffer.from('garbage'.repeat(2000))]),
    },
    two: {
      'manifest.json': saved(
        { Config: 'c.json', RepoTags: [`a${EVIL}`], Layers: ['l.tar'] },
        { Config: 'c.json', RepoTags: [`b${EVIL}`], Layers: ['l.tar'] },
      ),
      'c.json': config(diffId),
      'l.tar': layer,
    },
  };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
