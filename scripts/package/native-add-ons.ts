import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'native-add-on';

/**
 * Lets a bundle load its native add-ons by files beside it. Each library looks for its own in a way that
 * a bundle does not understand: by `bindings`, by `node-gyp-build`, or by a name that is put together.
 *
 * @param root the folder of package.json
 * @param database the add-on of better-sqlite3, for the Node that the bundle is to run on
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
