import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

/** A folder for the temporary files of a process; `close` removes the folder and its contents. */
export type ServerFolder = { readonly path: string; readonly close: () => Promise<void> };

const PREFIX = 'clair-server-';

/** The name of the socket in the folder; the socket accepts connections while the process runs. */
const SIGN_OF_LIFE = 'alive';

/**
 * Creates a folder for the temporary files of this process, and removes the folders of killed processes. Each process
 * listens on a socket in its folder, and the kernel closes the socket when the process ends. Unlike a process ID, a
 * socket also works between containers that share a folder.
 *
 * @param parent the folder for temporary files
 * @throws the error of the file system if the folder cannot be created
 */
export async function openServerFolder(parent: string): Promise<ServerFolder> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(PREFIX) && (await isLeft(join(parent, name)))) {
      // Removal fails for the folder of another user.
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

/**
 * Returns whether the process that created a folder has ended. A folder without a socket is either new or belongs to
 * another program.
 */
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

/**
 * Opens the folder and calls `work` with the short path `/proc/self/fd/N`, because a socket path is limited to 107
 * bytes (unix(7)).
 */
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
