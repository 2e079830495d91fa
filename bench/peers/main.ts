/**
 * Runs Clair and the scanners on the PATH (Trivy, Grype, Syft) alternately on one image, and prints a table:
 *
 *     npm run bench:peers -- IMAGE [--db FILE] [--rounds 3] [--program FILE]
 *
 * IMAGE is an archive, a layout or a reference. Each scanner uses its own data, which must already be present: nothing
 * is downloaded. `--program` selects a different build of Clair.
 */
import { availableParallelism } from 'node:os';
import { env, stderr, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { clairPeer, PEERS } from './peer.ts';
import { peerTable, runPeers } from './peer-table.ts';
import { peersOnPath } from './programs-on-path.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    db: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    program: { type: 'string', default: fileURLToPath(new URL('../../dist/main.js', import.meta.url)) },
  },
});
const [image, ...others] = positionals;
const rounds = Number(values.rounds);
if (image === undefined || others.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  stderr.write('usage: npm run bench:peers -- IMAGE [--db FILE] [--rounds NUMBER] [--program FILE]\n');
  process.exit(2);
}
const { found, absent } = peersOnPath(PEERS, env['PATH'] ?? '');
for (const { name, program } of absent) stderr.write(`${name} is not measured: no ${program} on the PATH\n`);
const results = await runPeers([clairPeer(values.program, values.db), ...found], image, rounds);
stdout.write(`${image}, ${availableParallelism()} processors, Node ${version}; medians of ${rounds} runs in turns\n\n`);
stdout.write(peerTable(results));
if (results.some((each) => 'failure' in each)) process.exitCode = 1;
