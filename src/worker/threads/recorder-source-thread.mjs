import { importSource } from '../../threads/source-module.mjs';

export const { recordInThread } = await importSource(new URL('recorder-thread.ts', import.meta.url));
