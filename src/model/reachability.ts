/**
 * The states of the functions that an advisory names in a Go program, from the worst to the best state, and then
 * unknown.
 */
export const REACHABILITIES = ['linked', 'package-linked', 'not-linked', 'unknown'] as const;
export type Reachability = (typeof REACHABILITIES)[number];

/** The packages and functions that a Go program contains. */
export type ProgramFunctions = {
  /** GOOS of the program, such as `linux`. */
  readonly os: string;
  /** GOARCH of the program, such as `amd64`, or all GOARCH values of a fat (universal) file, separated by commas. */
  readonly arch: string;
  /**
   * The reason why the functions are unknown, such as `the function names are obfuscated`; in this case, the queries
   * below return false.
   */
  readonly unknown?: string;
  /**
   * Returns whether the program contains a function of the package with this import path. The path has no vendor prefix;
   * the path of `main` comes from the build information.
   */
  readonly hasPackage: (importPath: string) => boolean;
  /**
   * Returns whether the program contains the function. The symbol has the spelling of advisories, such as `Parse`,
   * `Server.Serve` or `init#1`.
   */
  readonly hasSymbol: (importPath: string, symbol: string) => boolean;
  /**
   * Returns whether the program contains a function of the module. A package belongs to the module with the longest
   * matching path.
   */
  readonly hasModule: (modulePath: string) => boolean;
};
