import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import pg from 'pg';
import { ownerOfServer, PASSWORD, type PostgresServer, startPostgres } from './postgres-server.ts';

/**
 * The files that are not copied to a standby. The list contains the files of the running server, and the log, which the
 * standby streams (postgresql.org/docs/current/continuous-archiving.html).
 */
const NOT_COPIED = /^(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+|pg_dynshmem\/.+)$/;

/**
 * Starts a standby that streams from a running primary, with a copy of its data.
 *
 * @param settings as `name=value`
 */
export async function startStandby(primary: PostgresServer, settings: readonly string[]): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-standby-'));
  const data = join(folder, 'data');
  const slot = basename(folder).replaceAll(/\W/g, '_').toLowerCase();
  const client = new pg.Client(`${primary.source}?sslmode=disable`);
  await client.connect();
  try {
    // The slot keeps the log until the standby has read it.
    await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    await client.query("SELECT pg_backup_start('standby', fast => true)");
    cpSync(primary.data, data, {
      recursive: true,
      filter: (path) => !NOT_COPIED.test(relative(primary.data, path)),
    });
    mkdirSync(join(data, 'pg_wal'), { recursive: true });
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  writeFileSync(join(data, 'standby.signal'), '');
  const owner = ownerOfServer();
  if (owner !== undefined) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, folder]);
  execFileSync('chmod', ['-R', 'u=rwX,go=', dirname(data)]);
  const source = `host=127.0.0.1 port=${primary.port} user=clair password=${PASSWORD} application_name=standby`;
  return await startPostgres({
    folder,
    installed: primary.binaries,
    settings: [...settings, `primary_conninfo=${source}`, `primary_slot_name=${slot}`],
  });
}
