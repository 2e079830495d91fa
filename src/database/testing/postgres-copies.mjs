// This thread copies the migrated database for `migratedPostgresSource` while the thread of the tests waits. The thread
// receives the name of each copy, sends an error or null, and then increments the shared number.
import { Client } from 'pg';
import { workerData } from 'node:worker_threads';

const { server, template, port, done } = workerData;

/**
 * The number of copies that are kept; each copy takes up 11 MB. A copy to which a test is still connected is never
 * dropped.
 */
const MAX_COPIES = 50;

const copies = [];
const client = new Client({ connectionString: server });
const connected = client.connect();
connected.catch(() => undefined);

async function copy(name) {
  await connected;
  // The default strategy writes a log, which would take longer than the copy.
  await client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY file_copy`);
  copies.push(name);
  if (copies.length > MAX_COPIES) await client.query(`DROP DATABASE "${copies.shift()}"`).catch(() => undefined);
}

port.on('message', async (name) => {
  const error = await copy(name).then(
    () => null,
    (reason) => String(reason),
  );
  port.postMessage(error);
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
});
