import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Makes modules import other modules that are already loaded when they are loaded, or that they need anyway. esbuild
 * puts two modules into the same file only if the same entry points need both modules, and each module that is loaded
 * on demand is an entry point. Without these imports, esbuild would split the code of the other modules into about 100
 * small files, and loading these files takes 60 ms longer. The build fails if it does not load one of the modules,
 * because the module may have been moved.
 *
 * @param root the folder of package.json
 * @param loadedAfter the modules by the path of the module that they are loaded after; paths are relative to the root
 */
export function modulesLoadedAfter(root: string, loadedAfter: Readonly<Record<string, readonly string[]>>): Plugin {
  const firsts = new Map<string, readonly string[]>();
  for (const [first, modules] of Object.entries(loadedAfter)) {
    for (const module of modules) firsts.set(module, [...(firsts.get(module) ?? []), first]);
  }
  return {
    name: 'modules-loaded-after',
    setup(build) {
      const loaded = new Set<string>();
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const module = relative(root, path);
        const before = firsts.get(module);
        if (before === undefined) return undefined;
        loaded.add(module);
        const imports = before.map((first) => `import ${JSON.stringify(join(root, first))};\n`).join('');
        return { contents: `${readFileSync(path, 'utf8')}\n${imports}`, loader: 'ts' };
      });
      build.onEnd(({ errors }) => ({
        // After an error, esbuild may not have loaded all modules.
        errors:
          errors.length > 0
            ? []
            : [...firsts.keys()]
                .filter((module) => !loaded.has(module))
                .map((module) => ({ text: `no module of the bundle imports ${module}` })),
      }));
    },
  };
}
