import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-no-distribution-'));
const database = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

function rootOf(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return `rootfs:${root}`;
}

let program: string;
let packages: string;
beforeAll(() => {
  program = rootOf('program', { hello: 'ELF' });
  packages = rootOf('packages', { 'lib/apk/db/installed': 'P:musl\nV:1.1.16-r15\nA:x86_64\no:musl\n\n' });
});

describe('an image of one static program', () => {
  it('has an incomplete report', async () => {
    const { status, out } = await clair('scan', program);
    expect(status).toBe(3);
    expect(out).toContain('WARNING  distribution-unknown');
    expect(out).toContain('THE REPORT IS INCOMPLETE');
  });

  it('has a complete report with --allow-no-distribution, which still lists the diagnostics', async () => {
    const { status, out } = await clair('scan', program, '--allow-no-distribution');
    expect(status).toBe(0);
    expect(out).toMatch(/Note +distribution-unknown/);
    expect(out).toMatch(/Note +package-database-missing/);
    expect(out).not.toContain('INCOMPLETE');
    expect((await clair('diff', program, program, '--allow-no-distribution')).status).toBe(0);
  });
});

it('an image with packages and without a distribution has an incomplete report even with --allow-no-distribution', async () => {
  expect((await clair('scan', packages, '--allow-no-distribution')).status).toBe(3);
});
