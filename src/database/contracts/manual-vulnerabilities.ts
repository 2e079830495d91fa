import type { ManualVulnerability } from '../../model/advisories/manual-vulnerability.ts';
import type { SchemeId } from '../../versions/index.ts';

/** Vulnerabilities that were made by hand: a feed of their own, which updates never touch. */
export type ManualStore = {
  /**
   * Makes the vulnerability of that name what `change` gives for what it is; undefined stands for none. One transaction,
   * with a row in the change log if there is a difference. Gives what it is now.
   *
   * @throws ClairError `version/invalid` for a bound that the namespace's scheme cannot order; `namespace/not-found` for a
   * namespace whose scheme nothing tells; what `change` throws.
   */
  readonly edit: (edit: ManualEdit) => Promise<ManualVulnerability | undefined>;
};

export type ManualEdit = {
  readonly name: string;
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** What a client says of how versions are ordered, by namespace: for those that are not known yet. */
  readonly formats?: ReadonlyMap<string, SchemeId>;
  readonly change: (present: ManualVulnerability | undefined) => ManualVulnerability | undefined;
};
