import type { TestProgram } from './test-programs.ts';

/** Answers questions about the programs, files and rights on this machine. */
export type Machine = {
  readonly succeeds: (command: readonly [string, ...string[]]) => boolean;
  readonly isThere: (path: string) => boolean;
  readonly hasApt: boolean;
  readonly isRoot: boolean;
  readonly isCi: boolean;
};

/** The next step. `install` runs the command; `refuse` prints the command and exits with status 1. */
export type Preflight =
  | { readonly kind: 'ready' }
  | { readonly kind: 'install' | 'refuse'; readonly text: string; readonly install: readonly string[] };

/**
 * Finds all missing programs.
 *
 * @returns a text with the missing programs and a command that installs them, and the packages of the command
 */
export function preflight(programs: readonly TestProgram[], machine: Machine): Preflight {
  const missing = programs.filter(({ found }) =>
    'path' in found ? !machine.isThere(found.path) : !machine.succeeds(found.command),
  );
  if (missing.length === 0) return { kind: 'ready' };
  const install = missing.map(({ debianPackage }) => debianPackage);
  const command = `${machine.isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${install.join(' ')}`;
  const lines = [
    `The tests need ${missing.length === 1 ? 'a program that is' : 'programs that are'} not installed:`,
    ...missing.map(({ debianPackage, purpose }) => `  ${debianPackage} (${purpose})`),
    machine.hasApt ? `Install on Debian: ${command}` : `On Debian: ${command}. Elsewhere, install the same programs.`,
  ];
  const installs = machine.hasApt && (machine.isRoot || machine.isCi);
  return { kind: installs ? 'install' : 'refuse', text: lines.join('\n'), install };
}
