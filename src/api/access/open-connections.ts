import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server, as far as it takes to close those on which nothing is being answered. */
export type OpenConnections = { readonly closeIdle: () => void };

/**
 * Follows the connections of a server. Node's own `closeIdleConnections` leaves those open that never sent a request, and
 * those in the middle of a TLS handshake (nodejs.org/api/http.html).
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

/** The same for a socket and for the TLS socket on top of it: no two open connections have it in common. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
