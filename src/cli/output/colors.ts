import type { Environment } from '../../config/environment.ts';

/**
 * Tells whether results are to have colours: on a terminal that knows them, never with `NO_COLOR` (https://no-color.org), and
 * always with `FORCE_COLOR` (https://force-color.org) unless it is `0`. A variable that is empty is as if it were not there.
 */
export function wantsColors(environment: Environment, isTerminal: boolean): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '', TERM: terminal } = environment;
  if (no !== '') return false;
  if (force !== '') return force !== '0';
  return isTerminal && terminal !== 'dumb';
}
