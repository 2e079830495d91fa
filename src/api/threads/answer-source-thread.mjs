import { importSource } from '../../threads/source-module.mjs';

export const { answerInThread } = await importSource(new URL('answer-thread.ts', import.meta.url));
