import type { Plugin } from 'esbuild';

const NAMESPACE = 'required-module';

/**
 * Makes a bundle load modules by `require` where the code imports them. An import reads all exports of a Node module,
 * even exports that `node:http` and `node:process` load only on first use: Node's WebSocket client, which takes 30 to
 * 60 ms on Node 24, and standard input. An import of a CommonJS library also searches its code for the names of
 * exports.
 *
 * @param names the modules, as the import statements name them
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
