import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

/** A folder for the temporary files of one process, which is removed with all that lies in it when it is closed. */
export type ServerFolder = { readonly path: string; readonly close: () => Promise<void> };

const PREFIX = 'clair-server-';

/** The socket in the folder of a process, to which others can connect as long as the process lives. */
const SIGN_OF_LIFE = 'alive';

/**
 * Makes a folder for the temporary files of this process, and removes those of processes that were killed. A process listens
 * on a socket in its folder: the kernel closes the socket with the process, however that ends, and nobody can connect to it
 * any more. Unlike the number of a process this holds for containers that share a folder, too.
 *
 * @param parent the folder for temporary files
 * @throws what the file system throws when no folder can be made
 */
export async function openServerFolder(parent: string): Promise<ServerFolder> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(PREFIX) && (await isLeft(join(parent, name)))) {
      // One of another user cannot be removed, and is left to that user.
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
  const path = await mkdtemp(join(parent, PREFIX));
  const sign = await inFolder(path, async (folder) => {
    const server = createServer((socket) => socket.destroy());
    await once(server.listen(join(folder, SIGN_OF_LIFE)), 'listening');
    return server.unref();
  });
  return {
    path,
    async close() {
      await closed(sign);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Whether the process of a folder is gone. A folder without a socket is about to get one, or is none of ours. */
async function isLeft(path: string): Promise<boolean> {
  try {
    return await inFolder(path, async (folder) => {
      const socket = connect(join(folder, SIGN_OF_LIFE));
      try {
        await once(socket, 'connect');
        return false;
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      } finally {
        socket.destroy();
      }
    });
  } catch {
    return false;
  }
}

/** The path of a socket has 107 bytes at most (unix(7)); by way of a descriptor the folder may lie anywhere. */
async function inFolder<Value>(path: string, work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await open(path, 'r');
  try {
    return await work(`/proc/self/fd/${folder.fd}`);
  } finally {
    await folder.close();
  }
}

async function closed(server: Server): Promise<void> {
  const isClosed = once(server, 'close');
  server.close();
  await isClosed;
}
