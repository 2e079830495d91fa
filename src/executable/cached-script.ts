import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** A script that is loaded, but does not run yet. */
export type LoadedScript = {
  readonly run: () => void;
  /** Whether V8 uses the code cache that {@link loadScript} received. */
  readonly usesCache: boolean;
  /** Returns the code cache with all functions that V8 has compiled so far. */
  readonly codeCache: () => Uint8Array;
};

/** The parameters of a CommonJS module. */
type Scope = (exports: object, require: NodeJS.Require, module: object, filename: string, folder: string) => void;

/**
 * Loads a script that `bundleScript` wrote: a function with the parameters of a CommonJS module, in ASCII.
 *
 * @param codeCache the cache of an earlier run. V8 compiles the script instead if the version of V8 or one of its
 *   options is different.
 * @param name the path in stack traces, which a code cache contains
 * @throws SyntaxError when the file is not a script
 */
export function loadScript(path: string, codeCache?: Uint8Array, name: string = path): LoadedScript {
  // Reading Latin-1 takes less time than reading UTF-8.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: name,
    ...(codeCache && { cachedData: codeCache }),
  });
  return {
    run() {
      const module = { exports: {} };
      const scope: Scope = script.runInThisContext();
      scope(module.exports, createRequire(path), module, path, dirname(path));
    },
    usesCache: script.cachedDataRejected === false,
    codeCache: () => script.createCachedData(),
  };
}
