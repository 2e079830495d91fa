import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairProcess, serveClair } from '../../fixtures/clair-process.ts';
import { runCount } from '../../fixtures/run-count.ts';

/** The maximum length of a turn of the server's event loop, in milliseconds of processor time. */
const MAX_BLOCKED_MS = 100;

/** Almost as many components as an SBOM may have; a short test uses fewer components. */
const COMPONENTS = runCount(199_000, 10_000);

const PATIENCE = { timeout: 600_000, interval: 200 };

/** Writes a line for each long turn of the event loop. */
const MONITOR = new URL('../../../bench/hostile/loop-monitor.mjs', import.meta.url).href;

const purlOf = (at: number): string => `pkg:npm/package-${at}@1.0.${at}`;

function joined(write: (at: number) => string, separator: string): string {
  return Array.from({ length: COMPONENTS }, (_, at) => write(at)).join(separator);
}

/** A document in each format, with {@link COMPONENTS} components. */
const DOCUMENTS: readonly (readonly [format: string, text: () => string])[] = [
  [
    'CycloneDX JSON',
    () =>
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${joined((at) => `{"type":"library","bom-ref":"${at}","name":"package-${at}","version":"1.0.${at}","purl":"${purlOf(at)}"}`, ',')}]}`,
  ],
  [
    'CycloneDX JSON in one component',
    () =>
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"container","name":"app","components":[${joined((at) => `{"type":"library","name":"p","purl":"${purlOf(at)}"}`, ',')}]}]}`,
  ],
  [
    'CycloneDX XML',
    () =>
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>${joined((at) => `<component type="library"><name>package-${at}</name><version>1.0.${at}</version><purl>${purlOf(at)}</purl></component>`, '')}</components></bom>`,
  ],
  [
    'SPDX 2.3',
    () =>
      `{"spdxVersion":"SPDX-2.3","packages":[${joined((at) => `{"SPDXID":"p${at}","name":"package-${at}","externalRefs":[{"referenceType":"purl","referenceLocator":"${purlOf(at)}"}]}`, ',')}]}`,
  ],
  [
    'SPDX tag-value',
    () =>
      `SPDXVersion: SPDX-2.3\n${joined((at) => `PackageName: package-${at}\nExternalRef: PACKAGE-MANAGER purl ${purlOf(at)}\n`, '')}`,
  ],
  [
    'SPDX 3',
    () =>
      `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[${joined((at) => `{"type":"software_Package","spdxId":"p${at}","name":"package-${at}","software_packageUrl":"${purlOf(at)}"}`, ',')}]}`,
  ],
  [
    'Syft JSON',
    () =>
      `{"artifacts":[${joined((at) => `{"id":"${at}","name":"package-${at}","version":"1.0.${at}","type":"npm","purl":"${purlOf(at)}"}`, ',')}],"descriptor":{"name":"syft"},"schema":{"version":"16.1.0"}}`,
  ],
];

describe('a server that reads large SBOMs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-large-sboms-'));
  const turns = join(folder, 'turns');
  let clair: ClairProcess;

  beforeAll(async () => {
    const config = join(folder, 'clair.json');
    const settings = {
      api: { port: 0, healthport: null },
      database: { type: 'sqlite', path: join(folder, 'clair.db') },
      updater: { interval: 0 },
    };
    writeFileSync(config, JSON.stringify(settings));
    const monitored = { NODE_OPTIONS: `--import ${MONITOR}`, LOOP_MONITOR_FILE: turns };
    clair = await serveClair(['--config', config], monitored);
  }, 120_000);
  afterAll(async () => {
    await clair.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Sends a document, waits until its submission ends, and returns the state of the submission with the processor times
   * of long turns in milliseconds.
   */
  async function sent(
    name: string,
    body: string,
  ): Promise<{ readonly state: string; readonly blocked: readonly number[] }> {
    // After a response, the monitor writes the previous turn, which might be the long turn at startup.
    await fetch(`${clair.url}/v2/submissions/none`);
    writeFileSync(turns, '');
    const response = await fetch(`${clair.url}/v2/sboms?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body,
    });
    expect(response.status).toBe(202);
    const { submission } = (await response.json()) as { submission: { id: string } };
    const stateOf = async (): Promise<string> =>
      ((await (await fetch(`${clair.url}/v2/submissions/${submission.id}`)).json()) as { state: string }).state;
    await expect.poll(stateOf, PATIENCE).toMatch(/done|failed/);
    const lines = readFileSync(turns, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return { state: await stateOf(), blocked: lines.map((line) => Number(line.split(' ')[2])) };
  }

  it('notes the long turns of its start, as a proof that turns are measured', async () => {
    await expect.poll(() => existsSync(turns) && readFileSync(turns, 'utf8') !== '', PATIENCE).toBe(true);
  });

  it.each(DOCUMENTS)('is never blocked by %s', { timeout: 900_000 }, async (format, text) => {
    const { state, blocked } = await sent(format, text());
    const longest = Math.max(0, ...blocked);
    console.log(`${format}: ${COMPONENTS} components, ${state}, blocked for at most ${longest.toFixed(0)} ms`);
    expect(state).toBe('done');
    expect(longest).toBeLessThan(MAX_BLOCKED_MS);
  });
});
