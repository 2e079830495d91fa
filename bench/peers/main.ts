/**
 * Runs Clair and the scanners on the PATH (Trivy, Grype, Syft) alternately on one image, and prints a table:
 *
 *     npm run bench:peers -- IMAGE [--db FILE] [--rounds 3] [--again] [--program FILE]
 *
 * IMAGE is an archive, a layout or a reference. Each scanner uses its own data, which must already be present: nothing
 * is downloaded. Every scan is a first scan: Clair uses a copy of its database, and Trivy a cache in memory. `--again`
 * measures further scans of the same image instead. `--program` selects a different build of Clair, or its executable.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { env, stderr, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { databaseOption } from '../../src/cli/options/database-option.ts';
import { ignoreExtraCertificates } from '../extra-certificates.ts';
import { clairPeer, PEERS } from './peer.ts';
import { peerTable, runPeers } from './peer-table.ts';
import { peersOnPath } from './programs-on-path.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    db: { type: 'string', default: env['CLAIR_DB'] || String(databaseOption().defaultValue) },
    rounds: { type: 'string', default: '3' },
    again: { type: 'boolean', default: false },
    program: { type: 'string', default: fileURLToPath(new URL('../../dist/main.js', import.meta.url)) },
  },
});
const [image, ...others] = positionals;
const rounds = Number(values.rounds);
if (image === undefined || others.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  stderr.write('usage: npm run bench:peers -- IMAGE [--db FILE] [--rounds NUMBER] [--again] [--program FILE]\n');
  process.exit(2);
}
if (!existsSync(values.db)) {
  stderr.write(`${values.db} not found: run clair update, or name an SQLite file with --db\n`);
  process.exit(2);
}
if (existsSync(image)) ignoreExtraCertificates(env);
const { found, absent } = peersOnPath(PEERS, env['PATH'] ?? '');
for (const { name, program } of absent) stderr.write(`${name} is not measured: no ${program} on the PATH\n`);
const results = await runPeers([clairPeer(values.program, values.db), ...found], image, {
  rounds,
  again: values.again,
});
const scans = values.again ? 'further scans' : 'first scans';
stdout.write(
  `${image}, ${availableParallelism()} processors, Node ${version}; medians of ${rounds} ${scans} in turns\n\n`,
);
stdout.write(peerTable(results));
if (results.some((each) => 'failure' in each)) process.exitCode = 1;
