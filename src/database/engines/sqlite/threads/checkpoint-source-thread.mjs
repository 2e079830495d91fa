import { importSource } from '../../../../threads/source-module.mjs';

await importSource(new URL('checkpoint-thread.ts', import.meta.url));
