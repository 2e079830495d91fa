import type { ManualVulnerability } from '../../model/advisories/manual-vulnerability.ts';
import type { SchemeId } from '../../versions/index.ts';
import type { VulnerabilityRecord } from './vulnerabilities.ts';

/** Vulnerabilities that users create. Manual vulnerabilities form a feed that updates never change. */
export type ManualStore = {
  /**
   * Replaces the vulnerability with a name by the result of `change`, in one transaction with the change log.
   * `undefined` means that no vulnerability has the name.
   *
   * @throws ClairError `version/invalid` for a bound that the namespace's scheme cannot order; `namespace/not-found`
   * for a namespace without a known scheme; `request/invalid` for a package in the namespace of file rules; the errors
   * of `change`.
   */
  readonly edit: (edit: ManualEdit) => Promise<StoredEdit>;
};

/** The result of an edit. */
export type StoredEdit = {
  /**
   * The new vulnerability, if no other feed has a vulnerability with this name and the NVD has no score for it. Absent if
   * the vulnerability is withdrawn or unchanged, or if the database may return it differently.
   */
  readonly only?: {
    /** The record that `VulnerabilityStore.find` returns. */
    readonly record: VulnerabilityRecord;
    /** The stored version scheme of a namespace with affected packages. */
    readonly schemeOf: (namespace: string) => SchemeId;
  };
};

export type ManualEdit = {
  readonly name: string;
  /** The current time in milliseconds since 1970. */
  readonly at: number;
  /** Version schemes from the client, for namespaces that the database does not contain yet. */
  readonly formats?: ReadonlyMap<string, SchemeId>;
  readonly change: (present: ManualVulnerability | undefined) => ManualVulnerability | undefined;
};
