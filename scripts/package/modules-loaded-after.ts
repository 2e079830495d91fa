import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Makes modules import another module that is already loaded when they are loaded, or that they need anyway. esbuild
 * puts two modules into the same file only if the same entry points need both modules, and each module that is loaded
 * on demand is an entry point. Without these imports, esbuild would split the code of the other module into about 100
 * small files, and loading these files takes 50 ms longer. The build fails if it does not load one of the modules,
 * because the module may have been moved.
 *
 * @param root the folder of package.json
 * @param first the other module, relative to the root
 * @param modules the modules, relative to the root
 */
export function modulesLoadedAfter(root: string, first: string, modules: readonly string[]): Plugin {
  const paths = new Set(modules.map((path) => join(root, path)));
  return {
    name: 'modules-loaded-after',
    setup(build) {
      const loaded = new Set<string>();
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!paths.has(path)) return undefined;
        loaded.add(path);
        return {
          contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(join(root, first))};\n`,
          loader: 'ts',
        };
      });
      build.onEnd(({ errors }) => ({
        // After an error, esbuild may not have loaded all modules.
        errors:
          errors.length > 0
            ? []
            : modules
                .filter((path) => !loaded.has(join(root, path)))
                .map((path) => ({ text: `no module of the bundle imports ${path}` })),
      }));
    },
  };
}
