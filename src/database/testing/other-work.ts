/** Awaits work, and returns its result with the number of times that other work of the thread ran in the meantime. */
export async function countingTurns<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly turns: number }> {
  let turns = 0;
  let isDone = false;
  const takeTurn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(takeTurn);
  };
  setImmediate(takeTurn);
  try {
    const result = await work();
    return { result, turns };
  } finally {
    isDone = true;
  }
}
