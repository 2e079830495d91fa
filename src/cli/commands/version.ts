import { Command } from 'commander';
import { clairVersion } from '../../version.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';

/** Creates `clair version`, which prints the version as `clair --version` does. */
export function versionCommand(console: Console): Command {
  const command = new Command('version').description('Print the version of Clair.');
  return addHelp(command, { examples: ['clair version'] }).action(() => console.out(`${clairVersion()}\n`));
}
