import { importSource } from '../../threads/source-module.mjs';

export const { countInThread } = await importSource(new URL('count-thread.ts', import.meta.url));
