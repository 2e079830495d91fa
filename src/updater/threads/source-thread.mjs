import { importSource } from '../../threads/source-module.mjs';

export const { updateInThread } = await importSource(new URL('update-task.ts', import.meta.url));
