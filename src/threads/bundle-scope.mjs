// The run-time requirements of bundles of Clair's code. This file is plain JavaScript, because threads load it without
// a loader.

/**
 * The libraries with native add-ons; each library is loaded from its own folder. The first library is a dependency of
 * piscina.
 *
 * @type {readonly string[]}
 */
export const NATIVE_LIBRARIES = ['@napi-rs/nice', 'better-sqlite3', 'lzma-native', 'zstd-napi'];

/** The optional C bindings of pg, which make pg faster. */
export const OPTIONAL_LIBRARY = 'pg-native';

/** The declarations of the variables that CommonJS modules expect. */
export const COMMONJS_SCOPE = `import { createRequire as scopeRequire } from 'node:module';
import { fileURLToPath as scopePath } from 'node:url';
import { dirname as scopeFolder } from 'node:path';
const require = scopeRequire(import.meta.url), __filename = scopePath(import.meta.url), __dirname = scopeFolder(__filename);`;
