import type { Reachability } from '../reachability.ts';

/** The possible bases of the state of a Go finding: the functions, a package, or the whole module. */
export const REACHABILITY_BASES = ['symbol', 'package', 'module'] as const;
export type ReachabilityBasis = (typeof REACHABILITY_BASES)[number];

/**
 * States whether the Go programs of a finding contain the functions that the advisory names. All fields are null for
 * other ecosystems.
 */
export type FindingReachability = {
  /**
   * The state of the worst program. From worst to best, the states are `linked`, `unknown`, `package-linked` and
   * `not-linked`.
   */
  readonly reachability: Reachability | null;
  /** The basis of the state; also null for `unknown`. */
  readonly reachabilityBasis: ReachabilityBasis | null;
  /** The state in words, with the functions that the program contains or does not contain. */
  readonly reachabilityReason: string | null;
};

/** The fields of findings of ecosystems other than Go. */
export const NO_REACHABILITY: FindingReachability = {
  reachability: null,
  reachabilityBasis: null,
  reachabilityReason: null,
};

/** Returns whether the vulnerable code of a finding is known to be absent from the Go programs. */
export function isCodeAbsent({ reachability }: Pick<FindingReachability, 'reachability'>): boolean {
  return reachability === 'package-linked' || reachability === 'not-linked';
}
