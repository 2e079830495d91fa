import type { ProgramFunctions } from '../../../model/reachability.ts';

/**
 * Returns a program for linux/amd64 with functions such as `golang.org/x/net/html.Parse` or `net/http.Server.Serve`.
 */
export function programOf(functions: readonly string[]): ProgramFunctions {
  const packages = functions.map((name) => name.slice(0, name.indexOf('.', name.lastIndexOf('/') + 1)));
  return {
    os: 'linux',
    arch: 'amd64',
    hasPackage: (path) => packages.includes(path),
    hasSymbol: (path, symbol) => functions.includes(`${path}.${symbol}`),
    hasModule: (path) => packages.some((each) => each === path || each.startsWith(`${path}/`)),
  };
}
