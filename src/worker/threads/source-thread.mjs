// Where Clair runs from its TypeScript sources (tests, development), threads do not inherit the loader of the process.
import { register } from 'tsx/esm/api';

register();
export const { readInThread, readFileInThread } = await import('./reader-thread.ts');
