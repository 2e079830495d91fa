import type { SchemeId } from '../../versions/index.ts';
import type { Engine } from '../engines/engine.ts';
import type { KnownNamespace, NamespaceStore } from '../contracts/namespaces.ts';

/** Reads the stored namespaces of packages and vulnerabilities. */
export function createNamespaceStore({ read }: Engine): NamespaceStore {
  return {
    async all() {
      return await read.all<KnownNamespace>("SELECT name, scheme FROM namespace WHERE name <> '' ORDER BY name");
    },
    async scheme(name) {
      const row = await read.get<{ scheme: SchemeId }>('SELECT scheme FROM namespace WHERE name = ?', [name]);
      return row?.scheme;
    },
  };
}
