import type { Plugin } from 'esbuild';

const NAMESPACE = 'required-module';

/**
 * Makes a bundle load modules by `require` where the code imports them. An import reads all exports of a module of Node,
 * also those that `node:http` and `node:process` load only when they are used: Node's WebSocket client, for 30 to 60 ms
 * on Node 24, and standard input. An import of a CommonJS library also searches its code for the names of exports.
 *
 * @param names the modules as the code names them
 */
export function requiredModules(names: readonly string[]): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === 'import-statement' && names.includes(path) ? { path, namespace: NAMESPACE } : undefined,
      );
      build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
      }));
    },
  };
}
