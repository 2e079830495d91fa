import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'native-add-on';

/**
 * Makes a bundle load its native add-ons from files beside it. Each library finds its add-on in a way that esbuild
 * cannot follow: through `bindings`, through `node-gyp-build`, or under a computed name.
 *
 * @param root the folder of package.json
 * @param database the add-on of better-sqlite3 for the Node release that runs the bundle
 */
export function nativeAddOns(root: string, database: string): Plugin {
  const require = createRequire(join(root, 'package.json'));
  const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
  const files: Readonly<Record<string, () => string>> = {
    bindings: () => database,
    'node-gyp-build': () => {
      const folder = folderOf('lzma-native');
      const find: { path(folder: string): string } = createRequire(join(folder, 'package.json'))('node-gyp-build');
      return find.path(folder);
    },
  };
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^(bindings|node-gyp-build)$/ }, ({ path }) => ({ path, namespace: NAMESPACE }));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        resolveDir: root,
        contents: `module.exports = () => require(${JSON.stringify(files[path]?.())});`,
      }));
      build.onLoad({ filter: /[\\/]zstd-napi[\\/]binding\.js$/ }, () => ({
        contents: "module.exports = require('./build/Release/binding.node');",
      }));
    },
  };
}
