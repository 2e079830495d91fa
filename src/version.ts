import { readFileSync } from 'node:fs';

/** The version of this release, as its package.json states it. */
export function clairVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
