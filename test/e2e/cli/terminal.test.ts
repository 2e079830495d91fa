import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import stringWidth from 'string-width';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { openStore } from '../../../src/database/open-store.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';
import { CLAIR_WORDS } from '../../fixtures/clair-program.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../fixtures/pseudo-terminal.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-terminal-'));
const inFolder = (name: string): string => join(folder, name);
const database = inFolder('clair.db');
const archive = inFolder('image.tar');
let registry: RegistryServer;
let terminal: PseudoTerminal | undefined;

beforeAll(async () => {
  const layers = await buildDemoLayers();
  writeFileSync(archive, await buildDockerArchive(layers, 'app:1'));
  registry = await startRegistryServer();
  registry.image(layers, { tag: 'v1' });
  const console = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };
  await runCli(['update', '--feed', 'debian', '--from', DEMO_FEED, '--db', database], console);
});
afterEach(() => terminal?.close());
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('in a terminal', () => {
  it('shows progress, adapts to a narrower window, and stops on Ctrl-C without incomplete data', async () => {
    let blobs = 0;
    // The last layer never arrives.
    registry.intercept = ({ url = '' }, response) => {
      blobs += url.includes('/blobs/') ? 1 : 0;
      if (blobs < 5) return false;
      response.writeHead(200).flushHeaders();
      return true;
    };
    const target = `registry:${registry.domain}/app:v1`;
    const options = ['--insecure-registry', registry.domain, '--db', database];
    terminal = await openPseudoTerminal(['scan', target, ...options], { program: CLAIR_WORDS });
    await terminal.shows(/app:v1: \d of 4 layers, \d+\.\d MB downloaded/);
    terminal.resize(30);
    await terminal.shows(/␛\[K[^\r\n␛]{29}\r␛\[K/);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen()).toMatch(/␛\[Kclair: stopped; stored data is consistent\r\n$/);
    registry.intercept = () => false;

    const store = await openStore({ type: 'sqlite', path: database });
    try {
      const tables = await store.sizes.tables();
      const rows = Object.fromEntries(tables.map(({ table, rows: count }) => [table, count]));
      // Complete layers may be stored, but no image.
      expect(rows['image']).toBe(0);
      expect(rows['layer']).toBeLessThan(4);
    } finally {
      await store.close();
    }
  });

  it('has colours, and no line wider than the window', async () => {
    terminal = await openPseudoTerminal(['scan', archive, '--db', database], {
      program: CLAIR_WORDS,
      columns: 60,
      variables: { NO_COLOR: '', FORCE_COLOR: '', TERM: 'xterm' },
    });
    expect(await terminal.ended).toBe(0);
    const plain = terminal.screen().replaceAll(/␛\[[\d;]*[mKA]/g, '');
    expect(terminal.screen()).toContain('␛[36mLow␛[0m');
    const findings = plain.split(/[\r\n]+/).filter((line) => line.startsWith('  '));
    expect(findings.length).toBeGreaterThan(3);
    for (const line of findings.filter((each) => /CVE-|\d\.\d/.test(each))) {
      expect(stringWidth(line)).toBeLessThanOrEqual(60);
    }
  });
});

describe('in a pipe', () => {
  it('exits silently with its own status when the reader closes the pipe', () => {
    const scan = `clair scan ${archive} --format json`;
    expect(piped(`${scan} | head -c 1`)).toEqual({ statuses: '0 0', out: '{', err: '' });
    expect(piped(`${scan} --fail-on negligible 2> /dev/null | true`).statuses).toBe('4 0');
    expect(piped(`${scan} --fail-on negligible 2>&1 | true`).statuses).toBe('4 0');
  });

  it('reads an archive from standard input, without progress and colours', () => {
    const { statuses, out, err } = piped(`gzip < ${archive} | clair scan - | cat`);
    expect({ statuses, err }).toEqual({ statuses: '0 0 0', err: '' });
    expect(out).toMatch(/^Image {9}app:1 \(linux\/amd64\)\n/);
    expect(out).not.toContain('\u001B');
    const nothing = piped('clair scan - < /dev/null');
    expect(nothing.statuses).toBe('2');
    expect(nothing.err).toMatch(/^clair: standard input is empty.*\n.*\[cli\/usage\]\n$/);
  });
});

/** Runs a bash pipeline in which `clair` is the command under test; returns the exit statuses of its parts. */
function piped(line: string): { readonly statuses: string; readonly out: string; readonly err: string } {
  const clair = CLAIR_WORDS.map((word) => `'${word}'`).join(' ');
  const script = `clair() { ${clair} "$@"; }; ${line}; echo "statuses \${PIPESTATUS[*]}" >&2`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
    encoding: 'utf8',
    env: { ...env, CLAIR_DB: database, FORCE_COLOR: '' },
    timeout: 60_000,
  });
  const [, err = '', statuses = ''] = /^([^]*)statuses (.*)\n$/.exec(stderr) ?? [];
  return { statuses, out: stdout, err };
}
