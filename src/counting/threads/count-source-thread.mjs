// Where Clair runs from its TypeScript sources (tests, development), threads do not inherit the loader of the process.
import { register } from 'tsx/esm/api';

register();
export const { countInThread } = await import('./count-thread.ts');
