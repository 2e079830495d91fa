import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type OpenConnections = { readonly closeIdle: () => void };

/**
 * Tracks the connections of a server, because Node's `closeIdleConnections` does not close connections that never sent
 * a request or are in a TLS handshake (nodejs.org/api/http.html).
 */
export function followConnections(server: Server): OpenConnections {
  const open = new Map<string, { readonly socket: Socket; running: number }>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    open.set(name, { socket, running: 0 });
    socket.once('close', () => open.delete(name));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(nameOf(socket));
    if (connection === undefined) return;
    connection.running += 1;
    response.once('close', () => {
      connection.running -= 1;
    });
  });
  return {
    closeIdle() {
      for (const { socket, running } of open.values()) if (running === 0) socket.destroy();
    },
  };
}

/** Returns a name that is the same for a socket and its TLS socket, and unique among open connections. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
