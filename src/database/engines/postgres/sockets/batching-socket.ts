import { Socket } from 'node:net';
import { nextTick } from 'node:process';

/**
 * A socket that sends the queries of one tick together, because each write to a socket takes as long as a short query.
 * The client of PostgreSQL corks the socket while it writes the messages of one query.
 */
export class BatchingSocket extends Socket {
  override uncork(): void {
    nextTick(() => super.uncork());
  }
}
