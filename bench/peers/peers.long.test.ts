import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { measuredRun } from './measured-program.ts';
import { clairPeer, PEERS, type Peer } from './peer.ts';
import { peerTable, type Rounds, runPeers } from './peer-table.ts';
import { peersOnPath } from './programs-on-path.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-peers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(root, 'path-'));
});

/** Writes a shell script with the name of a scanner into the folder on the PATH. */
function standIn(name: string, script: string, mode = 0o755): string {
  const file = join(path, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, mode);
  return file;
}

/** Three first scans. */
const FIRST: Rounds = { rounds: 3, again: false };

const printing = (json: unknown): string => `echo '${JSON.stringify(json)}'`;

function onPath(): readonly Peer[] {
  return peersOnPath(PEERS, `${path}:/nowhere`).found;
}

describe('the scanners on the PATH', () => {
  it('are the programs that can be run', () => {
    standIn('trivy', 'true');
    standIn('grype', 'true', 0o644);
    const { found, absent } = peersOnPath(PEERS, `/nowhere::${path}`);
    expect(found.map(({ program }) => program)).toEqual([join(path, 'trivy')]);
    expect(absent.map(({ name }) => name)).toEqual(['Grype', 'Syft']);
  });

  it('get the image and download nothing', async () => {
    for (const name of ['trivy', 'grype', 'syft']) standIn(name, 'echo "$@" $GRYPE_DB_AUTO_UPDATE >&2; exit 1');
    const archive = join(path, 'image.tar');
    writeFileSync(archive, '');
    const failures = (await runPeers(onPath(), archive, FIRST)).map((each) => ('failure' in each ? each.failure : ''));
    expect(failures).toEqual([
      `exit status 1: image --quiet --scanners=vuln --format=json --list-all-pkgs --skip-db-update --skip-java-db-update --cache-backend=memory --input=${archive}`,
      `exit status 1: ${archive} --output=json --quiet false`,
      `exit status 1: scan ${archive} --output=json --quiet`,
    ]);
    standIn('trivy', 'echo "$@" >&2; exit 1');
    const [ofReference] = await runPeers(onPath(), 'debian:12', FIRST);
    expect(ofReference).toMatchObject({ failure: expect.stringMatching(/--cache-backend=memory debian:12$/) });
  });
});

describe('the table of scanners', () => {
  it('has the packages and findings that each scanner printed', async () => {
    const packages = [{ Name: 'a' }, { Name: 'b' }];
    standIn(
      'trivy',
      printing({ Results: [{ Packages: packages, Vulnerabilities: [{}] }, { Packages: packages }, {}] }),
    );
    standIn('grype', printing({ matches: [{}, {}, {}] }));
    standIn('syft', printing({ artifacts: [{}, {}, {}, {}, {}] }));
    const clair = join(path, 'clair.mjs');
    writeFileSync(join(path, 'x.db'), '');
    writeFileSync(clair, `console.log('{"packages":[1,2],"findings":[1]}'); process.exitCode = 3;`);
    const results = await runPeers([clairPeer(clair, join(path, 'x.db')), ...onPath()], 'image', FIRST);
    expect(
      results.map((each) => ('failure' in each ? each.failure : [each.name, each.runs.length, each.counts])),
    ).toEqual([
      ['Clair', 3, { packages: 2, findings: 1 }],
      ['Trivy', 3, { packages: 4, findings: 1 }],
      ['Grype', 3, { packages: null, findings: 3 }],
      ['Syft', 3, { packages: 5, findings: null }],
    ]);
    const lines = peerTable(results).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\| +\| seconds \| CPU seconds \| +memory \| packages \| findings \|$/);
    expect(lines[4]).toMatch(/^\| Grype +\| +\d+\.\d\d \| +\d+\.\d\d \| +(?:\d+ MB|–) \| +– \| +3 \|$/);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  it.each([
    { again: false, findings: 0, text: 'first scans, without results of earlier scans' },
    { again: true, findings: 3, text: 'further scans, with stored results, after one scan that is not measured' },
  ])('is about $text', async ({ again, findings }) => {
    const database = join(path, 'feeds.db');
    writeFileSync(database, '');
    // Finds as many findings as there are earlier scans in the database.
    const clair = standIn(
      'clair',
      `db="\${4#--db=}"; n=$(wc -l < "$db"); echo scan >> "$db"
      echo "{\\"packages\\":[],\\"findings\\":[$(seq -s, $n)]}"`,
    );
    standIn(
      'trivy',
      `case "$*" in *--cache-backend=memory*) ${printing({})};; *) ${printing({ Results: [{ Vulnerabilities: [1, 2, 3] }] })};; esac`,
    );
    const results = await runPeers([clairPeer(clair, database), ...onPath()], 'image', { rounds: 3, again });
    const counts = results.map((each) => ('failure' in each ? each.failure : [each.runs.length, each.counts.findings]));
    expect(counts).toEqual([
      [3, findings],
      [3, findings],
    ]);
  });

  it('names failed scanners, which are not run again', async () => {
    standIn('syft', `echo run >> ${path}/runs; echo no data; echo "unknown image" >&2; exit 1`);
    standIn('grype', 'echo no JSON');
    const results = await runPeers(onPath(), 'image', FIRST);
    expect(peerTable(results).split('\n').slice(2)).toEqual([
      'Grype failed: it printed no JSON',
      'Syft failed: exit status 1: unknown image',
      '',
    ]);
    expect((await measuredRun('cat', [join(path, 'runs')])).out).toBe('run\n');
  });

  it('has the median of the times and the highest memory', () => {
    const run = { status: 0, out: '', err: '' };
    const runs = [
      { ...run, seconds: 3, cpuSeconds: 2, megabytes: 50 },
      { ...run, seconds: 1, cpuSeconds: 1, megabytes: 70 },
    ];
    const table = peerTable([{ name: 'Clair', runs, counts: { packages: 1, findings: 0 } }]);
    expect(table.split('\n')[2]).toBe('| Clair |    2.00 |        1.50 |  70 MB |        1 |        0 |');
  });
});

describe('a measured program', () => {
  it('has its own output and status, its processor time and its memory', async () => {
    const script = 'const a = Buffer.alloc(150e6, 1); const end = Date.now() + 300; while (Date.now() < end);';
    const run = await measuredRun(execPath, [
      '-e',
      `${script} console.log(a.length); console.error("e"); process.exit(7)`,
    ]);
    expect(run).toMatchObject({ status: 7, out: '150000000\n', err: 'e\n' });
    expect(run.seconds).toBeGreaterThanOrEqual(0.3);
    expect(run.cpuSeconds).toBeGreaterThan(0.05);
    expect(run.megabytes).toBeGreaterThan(150e6 / 1024 / 1024);
  });

  it('gets the environment', async () => {
    expect((await measuredRun('sh', ['-c', 'echo $PEER'], { PEER: 'a b' })).out).toBe('a b\n');
  });
});
