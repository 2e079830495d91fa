import { ClairError } from '../../errors.ts';

/** Returns undefined if a registry does not have the content. @throws the other errors of the request */
export async function orAbsent<Result>(request: Promise<Result>): Promise<Result | undefined> {
  try {
    return await request;
  } catch (error) {
    const isAbsent = error instanceof ClairError && ['bytes/not-found', 'image/not-found'].includes(error.code);
    if (isAbsent) return undefined;
    throw error;
  }
}
