import { importSource } from '../../threads/source-module.mjs';

export const { readInThread, readFileInThread, readPartsInThread } = await importSource(
  new URL('reader-thread.ts', import.meta.url),
);
