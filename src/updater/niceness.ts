/**
 * The niceness of updates. A thread with this niceness gets a third of the processor time of a thread of a server if both
 * compete for a processor. With a lower share, an update would block other writers for longer.
 */
export const UPDATE_NICENESS = 5;
