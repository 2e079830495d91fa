import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';
import { writeMultiPlatformLayout } from '../../../src/worker/testing/multi-platform-layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-reindex-'));
const database = join(folder, 'clair.db');
const archive = join(folder, 'image.tar');
const layout = join(folder, 'layout');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

function age(): void {
  const before = new Database(database);
  before.pragma('foreign_keys = OFF');
  before.exec(`UPDATE layer SET engine_version = engine_version - 1;
    UPDATE layer_contents SET engine_version = engine_version - 1`);
  before.close();
}

beforeAll(async () => {
  const layers = await buildDemoLayers();
  writeFileSync(archive, await buildDockerArchive(layers, 'test:1'));
  writeMultiPlatformLayout(layout, { amd64: layers, arm64: layers.slice(0, 2) }, 'multi');
  for (const target of [[archive], [`oci:${layout}:multi`, '--all-platforms']]) {
    expect(await clair('scan', ...target, '--verify', '--format', 'json')).not.toHaveProperty('status', 2);
  }
});

describe('clair reindex', () => {
  it('does nothing while the engine version is the same', async () => {
    expect(await clair('reindex')).toEqual({ status: 0, out: '0 images re-analysed, 0 failed\n', err: '' });
  });

  it('analyses each image again from its source, once', async () => {
    age();
    const { status, out } = await clair('reindex');
    expect(status).toBe(0);
    expect(out.split('\n').toSorted()).toEqual([
      '',
      '3 images re-analysed, 0 failed',
      `docker-archive:${archive} (linux/amd64): 4 layers`,
      `oci:${layout}:multi (linux/amd64): 4 layers`,
      `oci:${layout}:multi (linux/arm64): 2 layers`,
    ]);
    expect(await clair('reindex')).toHaveProperty('out', '0 images re-analysed, 0 failed\n');
  });

  it('reports a missing image and continues', async () => {
    age();
    renameSync(layout, `${layout}-elsewhere`);
    const { status, out, err } = await clair('reindex');
    expect(status).toBe(2);
    expect(out).toContain(`docker-archive:${archive} (linux/amd64): 4 layers`);
    expect(out).toContain('1 image re-analysed, 2 failed');
    expect(err).toContain(`oci:${layout}:multi (linux/arm64): no such file: ${layout}`);
  });
});
