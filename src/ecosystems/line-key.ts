import type { LineRole } from './ecosystem.ts';

/** Returns a key that is equal for two names if and only if they name the same version line. */
export function lineKey(namespace: string, name: string, role?: LineRole): string {
  return JSON.stringify([namespace, name, role ?? '']);
}
