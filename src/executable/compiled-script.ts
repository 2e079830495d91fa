import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** A script that is loaded, but does not run yet. */
export type LoadedScript = {
  readonly run: () => void;
  /** Whether V8 uses the compiled code that {@link loadScript} got. */
  readonly isCompiled: boolean;
  /** Returns all functions that V8 has compiled so far, for another {@link loadScript}. */
  readonly compiled: () => Uint8Array;
};

/** The parameters of a CommonJS module. */
type Scope = (exports: object, require: NodeJS.Require, module: object, filename: string, folder: string) => void;

/**
 * Loads a script that `bundleScript` wrote: a function with the parameters of a CommonJS module, in ASCII.
 *
 * @param compiled the functions that V8 had compiled at the end of an earlier run. V8 compiles the script again if its
 *   version, the machine, or an option of V8 is different.
 * @throws SyntaxError when the file is no script
 */
export function loadScript(path: string, compiled?: Uint8Array): LoadedScript {
  // Reading Latin-1 takes less time than reading UTF-8.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(compiled && { cachedData: compiled }),
  });
  return {
    run() {
      const module = { exports: {} };
      const scope: Scope = script.runInThisContext();
      scope(module.exports, createRequire(path), module, path, dirname(path));
    },
    isCompiled: script.cachedDataRejected === false,
    compiled: () => script.createCachedData(),
  };
}
