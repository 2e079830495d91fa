import { randomUUID } from 'node:crypto';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { openStore } from '../open-store.ts';

/** The schema of the tables in copies. */
const SCHEMA = 'copied';

/** The maximum time that the thread of the tests waits for a copy, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/** Returns the address of a new copy of the migrated database. @throws Error if the copy fails or takes a minute */
export type PostgresCopier = () => string;

/**
 * Creates the database that {@link createPostgresCopier} copies, and returns its name.
 *
 * @param server the address of the server, without parameters
 */
export async function createMigratedPostgres(server: string): Promise<string> {
  const { Client } = await import('pg');
  const name = newName();
  const client = new Client({ connectionString: `${server}?sslmode=disable` });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE "${name}"`);
  } finally {
    await client.end();
  }
  const store = await openStore({ type: 'postgres', source: sourceOf(server, name) });
  await store.close();
  return name;
}

/**
 * Returns a function that copies a migrated database. A copy takes a seventh of the time of the migrations. Another
 * thread creates the copy while the function blocks, so that tests can use the function like a function that returns a
 * file name.
 *
 * @param server the address of the server, without parameters
 * @param template the name from {@link createMigratedPostgres}
 */
export function createPostgresCopier(server: string, template: string): PostgresCopier {
  const { port1: port, port2: remote } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL('postgres-copies.mjs', import.meta.url), {
    workerData: { server: `${server}?sslmode=disable`, template, port: remote, done },
    transferList: [remote],
  });
  thread.unref();
  port.unref();
  return () => {
    const name = newName();
    copyWaiting(port, done, name);
    return sourceOf(server, name);
  };
}

function copyWaiting(port: MessagePort, done: Int32Array, name: string): void {
  const before = Atomics.load(done, 0);
  port.postMessage(name);
  if (Atomics.wait(done, 0, before, MAX_WAIT_MS) === 'timed-out')
    throw new Error('PostgreSQL did not copy the database within a minute');
  const error: unknown = receiveMessageOnPort(port)?.message;
  if (error !== null) throw new Error('the tests cannot copy a database', { cause: error });
}

function newName(): string {
  return `test_${randomUUID().replaceAll('-', '')}`;
}

/** Returns the address of a database on the server. */
function sourceOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return `${url.href}?sslmode=disable&search_path=${SCHEMA}`;
}
