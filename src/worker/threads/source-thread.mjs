import { importSource } from '../../threads/source-module.mjs';

export const { startInThread, readInThread, readFileInThread, readPartsInThread, compareInThread } = await importSource(
  new URL('reader-thread.ts', import.meta.url),
);
