import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

let folder: string;
let archive: string;
let database: string;
const inFolder = (name: string): string => join(folder, name);

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair(args);
}

const update = async (from: string, ...more: readonly string[]): Promise<CliRun> =>
  await clair('update', '--feed', 'debian', '--from', from, ...more, '--db', database);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clair-shrunk-feed-'));
  archive = inFolder('image.tar');
  database = inFolder('clair.db');
  writeFileSync(archive, await buildDockerArchive(await buildDemoLayers(), 'test:1'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a feed that shrank', () => {
  it('is rejected, makes scans incomplete, and is accepted with --allow-shrink', async () => {
    const whole = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
    const release = { status: 'open', urgency: 'low', repositories: { bookworm: '1' } };
    const issues = Array.from({ length: 300 }, (_, place) => [
      `CVE-2098-${1000 + place}`,
      { releases: { bookworm: release } },
    ]);
    writeFileSync(inFolder('whole.json'), JSON.stringify({ ...whole, another: Object.fromEntries(issues) }));
    expect(await update(inFolder('whole.json'))).toMatchObject({ status: 0 });
    const refused = await update(DEMO_FEED);
    expect(refused).toMatchObject({ status: 2, out: `database: ${database}\n` });
    expect(refused.err).toMatch(
      /^debian: the feed debian shrank from 306 to 6 entries, .*\n.*--allow-shrink.* \[feed\/shrunk\]\n$/,
    );
    expect(await clair('feeds', '--db', database)).toMatchObject({
      status: 3,
      out: expect.stringMatching(
        /│ debian +│ refused +│ [^\n]* │ +306 │[^]*\ndebian: the last update failed: the feed debian shrank from 306/,
      ),
    });
    const incomplete = await clair('scan', archive, '--format', 'json', '--db', database);
    expect(incomplete.status).toBe(3);
    expect(JSON.parse(incomplete.out).diagnostics).toContainEqual(
      expect.objectContaining({ code: 'feed-update-refused', where: 'debian', incomplete: true }),
    );
    // A later failure does not hide the refusal.
    await update(inFolder('none.json'));
    expect((await clair('feeds', '--db', database)).out).toMatch(
      /│ debian +│ refused [^]*\ndebian: the last update failed: .*none\.json.*\ndebian: older data in use, because an update was refused: the feed debian shrank/,
    );
    const accepted = await update(DEMO_FEED, '--allow-shrink');
    expect(accepted).toMatchObject({ status: 0, out: expect.stringContaining('300 withdrawn') });
    expect((await clair('scan', archive, '--db', database)).status).toBe(0);
  });
});
