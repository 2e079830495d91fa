import { importSource } from '../../../threads/source-module.mjs';

export const { indexFilesInThread } = await importSource(new URL('file-index-thread.ts', import.meta.url));
