import type { FileRule, StoredFileRule } from '../../model/advisories/file-rule.ts';
import type { WatchedFile } from '../../model/advisories/watched-file.ts';
import type { Digest } from '../../model/digest.ts';
import type { FeatureChange } from '../../model/layer.ts';

/** File rules: manual advisories about files that are present in images, absent from images, or changed. */
export type FileRuleStore = {
  /**
   * Stores a rule. The rule applies, and its vulnerability exists, once all stored layers have been searched for its
   * files. Layers that are stored later already include the points of these files.
   *
   * @param at milliseconds since 1970
   * @throws ClairError `file-rule/exists` for a name that is taken; `file-rule/limit-exceeded`
   */
  readonly add: (rule: FileRule, at: number) => Promise<StoredFileRule>;
  readonly find: (id: string) => Promise<StoredFileRule | undefined>;
  /** Returns rules by ascending id, above `after`. */
  readonly list: (page: { readonly after: string; readonly limit: number }) => Promise<readonly StoredFileRule[]>;
  /** Deletes a rule and its vulnerability; returns false if the rule does not exist. */
  readonly remove: (id: string, at: number) => Promise<boolean>;
  /** The number of rules that do not apply yet. */
  readonly countPending: () => Promise<number>;
  /**
   * Returns the progress of the search for the files of a rule: the number of stored layers that were searched for all
   * its files, and the number of layers to search. Returns undefined if the rule does not exist.
   */
  readonly progress: (id: string) => Promise<IndexingProgress | undefined>;
  /** Returns the files of all rules, or `known` if `known` is current. */
  readonly watched: (known?: WatchedFiles) => Promise<WatchedFiles>;
  /** Returns whether `search`, `finish` or `removeUnused` has work to do. */
  readonly hasWork: () => Promise<boolean>;
  /** Returns the next search through stored layers; undefined if no layer must be searched. */
  readonly search: () => Promise<FileSearch | undefined>;
  /**
   * Stores the points of searched layers and the position of the search. Skips layers that were removed in the
   * meantime.
   */
  readonly advance: (step: SearchedLayers) => Promise<void>;
  /**
   * Activates a few of the rules for which the search is complete, and adds a row to the change log for each activated
   * rule. Returns the number of activated rules.
   */
  readonly finish: (at: number) => Promise<number>;
  /**
   * Removes points of files without a rule, once no change in the log can refer to these points. Returns whether unused
   * points may remain.
   */
  readonly removeUnused: () => Promise<boolean>;
};

export type IndexingProgress = { readonly searched: number; readonly layers: number };

/** The files that all rules name, at one revision; layers must be stored with the points of the newest revision. */
export type WatchedFiles = { readonly revision: number; readonly files: readonly WatchedFile[] };

/** Files, and the layers to search for these files: the layers with ids above `position`, up to `until`. */
export type FileSearch = {
  readonly files: readonly (WatchedFile & { readonly id: number })[];
  readonly position: number;
  readonly until: number;
  /** The layers with the lowest ids of this range, by id. */
  readonly layers: readonly SearchableLayer[];
};

export type SearchableLayer = {
  readonly id: number;
  /** Distinguishes the layer from a removed layer with the same id. */
  readonly createdAt: number;
  readonly parent: Pick<SearchableLayer, 'id' | 'createdAt'> | null;
  readonly depth: number;
  readonly digest: Digest;
  readonly engineVersion: number;
};

export type SearchedLayers = {
  /** The ids of the watched files. */
  readonly files: readonly number[];
  /** The position before the step. */
  readonly from: number;
  readonly position: number;
  readonly layers: readonly (Pick<SearchableLayer, 'id' | 'createdAt'> & {
    readonly changes: readonly FeatureChange[];
  })[];
};
