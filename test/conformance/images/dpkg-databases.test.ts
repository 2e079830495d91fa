import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dpkg } from '../../../src/worker/detectors/packages/dpkg/detector.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { output, works } from '../program.ts';

const DATABASES: readonly (readonly [string, number])[] = [
  ['images/dpkg/postgresql.status', 3],
  ['images/dpkg/texlive.status', 357],
  ['images/original/ext/featurefmt/dpkg/testdata/valid', 89],
];

const FIELDS = ['binary:Package', 'Version', 'Architecture', 'source:Package', 'source:Version', 'db:Status-Status'];

/** The states of packages that are on disk; only packages in the state `installed` are configured. */
const INSTALLED: ReadonlySet<string> = new Set([
  'installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
]);

const isHere = works('dpkg-query', ['--version']);
if (!isHere) console.warn('SKIPPED "real dpkg status files": dpkg-query is not installed');

describeShared(
  'real dpkg status files',
  DATABASES.map(([name]) => name),
  () => {
    describe.skipIf(!isHere)('equal the output of dpkg-query', () => {
      it.each(DATABASES)('%s: %i packages', async (name, count) => {
        const listed = await listedByDpkg(sharedPath(name));
        const { packages = [] } = dpkg.read('var/lib/dpkg/status', readFileSync(sharedPath(name)));
        const found = packages.map(
          (of) => `${of.name} ${of.version} ${of.arch} ${of.source.name} ${of.source.version}`,
        );
        expect(found.toSorted()).toEqual(listed);
        expect(found).toHaveLength(count);
      });
    });
  },
);

async function listedByDpkg(status: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-dpkg-'));
  try {
    copyFileSync(status, join(folder, 'status'));
    for (const name of ['info', 'updates']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'available'), '');
    const format = `${FIELDS.map((field) => `\${${field}}`).join(' ')}\\n`;
    const listed = await output('dpkg-query', [`--admindir=${folder}`, '--show', '--showformat', format]);
    return (
      listed
        .split('\n')
        .filter((line) => INSTALLED.has(line.slice(line.lastIndexOf(' ') + 1)))
        // dpkg adds the architecture to names of packages that several architectures can install.
        .map((line) => line.slice(0, line.lastIndexOf(' ')).replace(/^([^ :]+):[^ ]+/, '$1'))
        .toSorted()
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
