import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runClair } from '../../fixtures/cli-run.ts';
import { CLAIR_WORDS } from '../../fixtures/clair-program.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDockerArchive, buildLayer, type BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

/**
 * In every kind of scan, a finding without a severity from the distribution fails a build if NVD rates it as critical;
 * without NVD data, the scan is incomplete.
 */
const folder = mkdtempSync(join(tmpdir(), 'clair-unrated-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROOT = 'images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz';
const SECDB = 'feeds/alpine/alpine-secdb-yaml.tar.zst';

const OWN_SECDB = {
  distroversion: 'v3.9',
  reponame: 'main',
  packages: [{ pkg: { name: 'musl', secfixes: { '1.1.20-r5': ['CVE-2019-14697'] } } }],
};

const METRIC = {
  source: 'nvd@nist.gov',
  type: 'Primary',
  cvssData: { version: '3.0', vectorString: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', baseScore: 9.8 },
};
const NVD = { vulnerabilities: [{ cve: { id: 'CVE-2019-14697', metrics: { cvssMetricV30: [METRIC] } } }] };

const MUSL = 'P:musl\nV:1.1.20-r4\nA:x86_64\no:musl\n\n';

type Run = { readonly status: number; readonly err: string };

/** The kinds of scan: the command line, a submission to a server, and the script of the CI integrations. */
const WAYS: Readonly<Record<string, (server: ClairServer, archive: string) => Promise<Run>>> = {
  scan: async (server, archive) => await clair('scan', archive, '--db', databaseOf(server), '--fail-on', 'High'),
  submit: async (server, archive) => await clair('submit', archive, '--server', server.url, '--fail-on', 'High'),
  'integrations/scan-image.sh': async (server, archive) => {
    const program = inFolder('clair');
    writeFileSync(program, `#!/bin/sh\nexec ${CLAIR_WORDS.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(program, 0o755);
    const settings = {
      CLAIR_PROGRAM: program,
      CLAIR_DB: databaseOf(server),
      CLAIR_TARGET: archive,
      CLAIR_REPORTS: inFolder('reports'),
    };
    const run = promisify(execFile)('sh', ['integrations/scan-image.sh'], { env: { ...env, ...settings } });
    return await run.then(
      ({ stderr }) => ({ status: 0, err: stderr }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ status: code, err: stderr }),
    );
  },
};

const databaseOf = (server: ClairServer): string => join(server.folder, 'db', 'clair.db');

async function clair(...args: readonly string[]): Promise<Run> {
  return await runClair(args);
}

function judgesUnratedMusl(feed: () => string, layers: () => Promise<readonly BuiltLayer[]>): void {
  beforeEach(() => {
    vi.stubEnv('no_proxy', '*');
    vi.stubEnv('CLAIR_CONFIG', '/dev/null');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('fails when NVD rates it critical, and is incomplete without NVD data', async () => {
    const archive = inFolder('image.tar');
    writeFileSync(archive, await buildDockerArchive(await layers(), 'app:1'));
    writeFileSync(inFolder('nvdcve-2.0-2019.json'), JSON.stringify(NVD));
    const server = await startClairServer();
    try {
      await server.clair.updater.update('alpine', { from: feed() });
      for (const [way, judge] of Object.entries(WAYS)) {
        const { status, err } = await judge(server, archive);
        expect([way, status]).toEqual([way, 3]);
        expect(err).toMatch(
          /linux\/amd64: \d+ findings? ha(s|ve) no severity, and no NVD scores are stored: .*CVE-2019-14697 in musl/,
        );
      }
      await server.clair.updater.update('nvd', { from: inFolder('nvdcve-2.0-2019.json') });
      for (const [way, judge] of Object.entries(WAYS)) {
        const { status, err } = await judge(server, archive);
        expect([way, status]).toEqual([way, 4]);
        expect(err).toMatch(
          /linux\/amd64: \d+ findings? (with a fix )?of severity high or higher.*: CVE-2019-14697 in musl/,
        );
      }
    } finally {
      await server.close();
    }
  }, 120_000);
}

describe('an Alpine image whose feed has no severities', () => {
  judgesUnratedMusl(
    () => {
      writeFileSync(inFolder('main.json'), JSON.stringify(OWN_SECDB));
      return inFolder('main.json');
    },
    async () => {
      const files = { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.9.4\n', 'lib/apk/db/installed': MUSL };
      return [{ tar: await buildLayer(files), createdBy: 'ADD rootfs.tar.gz /' }];
    },
  );
});

describeShared('an Alpine 3.9 image with musl before its fix', [ROOT, SECDB], () => {
  judgesUnratedMusl(
    () => sharedPath(SECDB),
    async () => [
      { tar: gunzipSync(readFileSync(sharedPath(ROOT))), createdBy: 'ADD rootfs.tar.gz /' },
      { tar: await buildLayer({ 'lib/apk/db/installed': MUSL }), createdBy: 'RUN apk add musl=1.1.20-r4' },
    ],
  );
});
