import { parentPort as port, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type CheckpointTask, COMMITTED, UNDECIDED } from './background-checkpoints.ts';

checkpointAfterCommit(workerData);

/** Opens the file, reports this, and waits for the end of the transaction. Runs a checkpoint after a commit. */
function checkpointAfterCommit({ path, outcome }: CheckpointTask): void {
  const connection = new Database(path, { fileMustExist: true });
  // Opens the write-ahead log now, so that the checkpoint starts before another connection can start one.
  connection.pragma('schema_version');
  port?.postMessage('ready');
  const cell = new Int32Array(outcome);
  Atomics.wait(cell, 0, UNDECIDED);
  if (Atomics.load(cell, 0) === COMMITTED) connection.pragma('wal_checkpoint(PASSIVE)');
  connection.close();
}
