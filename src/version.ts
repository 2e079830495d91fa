import { readFileSync } from 'node:fs';

/** Returns the version of this release from its package.json. */
export function clairVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
