import type { LineRole } from './ecosystem.ts';

/** Returns a text that is equal for two names exactly when they name the same version line. */
export function lineKey(namespace: string, name: string, role?: LineRole): string {
  return JSON.stringify([namespace, name, role ?? '']);
}
