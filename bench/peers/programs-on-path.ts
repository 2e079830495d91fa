import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Peer } from './peer.ts';

/** Separates scanners whose program is on the PATH, each with the path of its program, from the other scanners. */
export function peersOnPath(
  peers: readonly Peer[],
  path: string,
): { readonly found: readonly Peer[]; readonly absent: readonly Peer[] } {
  const located = peers.map((peer) => ({ peer, program: locationOf(peer.program ?? '', path) }));
  return {
    found: located.flatMap(({ peer, program }) => (program === undefined ? [] : [{ ...peer, program }])),
    absent: located.flatMap(({ peer, program }) => (program === undefined ? [peer] : [])),
  };
}

function locationOf(program: string, path: string): string | undefined {
  const places = path.split(delimiter).filter((folder) => folder !== '');
  return places.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
