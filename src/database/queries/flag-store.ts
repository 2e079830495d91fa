import type { Engine } from '../engines/engine.ts';
import type { FlagStore } from '../contracts/flags.ts';

/** Creates the store of flags, which are texts by name. */
export function createFlagStore({ read, transaction }: Engine): FlagStore {
  return {
    async get(name) {
      return (await read.get<{ value: string }>('SELECT value FROM flag WHERE name = ?', [name]))?.value;
    },
    async set(name, value) {
      await transaction((queries) =>
        queries.run(
          'INSERT INTO flag (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
          [name, value],
        ),
      );
    },
  };
}
