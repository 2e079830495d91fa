import type { Environment } from '../../config/environment.ts';

/**
 * Returns whether to colour results. By default, output has colours only in a terminal with colours. `NO_COLOR`
 * (https://no-color.org) turns colours off and takes precedence. `FORCE_COLOR` (https://force-color.org) turns colours
 * on, or off if its value is `0`. An empty variable counts as unset.
 */
export function wantsColors(environment: Environment, isTerminal: boolean): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '', TERM: terminal } = environment;
  if (no !== '') return false;
  if (force !== '') return force !== '0';
  return isTerminal && terminal !== 'dumb';
}
