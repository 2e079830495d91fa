import type { Digest } from '../../model/digest.ts';
import type { ResolvedStatements } from './sbom-statements.ts';

/** The contents of an SBOM, independent of its format. */
export type SbomDocument = {
  /** The format with its version: `CycloneDX 1.6`. */
  readonly format: string;
  /** The name of the tool that wrote the document; empty if the document names no tool. */
  readonly tool: string;
  readonly components: readonly SbomComponent[];
  /** Whether the author states that components are missing. */
  readonly isIncomplete: boolean;
  /** The VEX statements, and the number of statements that cannot be applied. */
  readonly vex: ResolvedStatements;
  /** The version of the format if it is newer than the versions that Clair supports; absent for a supported version. */
  readonly unknownVersion?: string;
  /**
   * For each component, by identifier: the identifiers of the components that contain the component or depend on it.
   */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** The digests of the images that the document is about. */
  readonly subjects: readonly Digest[];
  /** Whether the document is in an envelope whose signature was not checked. */
  readonly isSigned?: true;
};

export type SbomComponent = {
  /** The identifier in the document: `bom-ref`, `SPDXID`; empty if there is none. */
  readonly ref: string;
  /**
   * The type of the component, as the document names it: `library`, `operating-system`, `deb`; empty if there is none.
   */
  readonly type: string;
  readonly name: string;
  readonly version: string;
  /** The package URL; empty if there is none. */
  readonly purl: string;
  /** The identifier of the component that contains this component; absent if there is no such component. */
  readonly parent?: string;
  /** The digests of a component that is an image. */
  readonly digests?: readonly Digest[];
  /** Why the component is not installed; absent for an installed component. */
  readonly absence?: SbomAbsence;
  readonly facts: SbomFacts;
};

/** An `excluded` component is not delivered; an `external` component is expected from elsewhere. */
export type SbomAbsence = 'excluded' | 'external';

/** Facts about a component that its package URL may lack. */
export type SbomFacts = {
  /** The source package; when its version is absent, the version of the component applies. */
  readonly source?: { readonly name: string; readonly version?: string };
  /** The file name of the source rpm. */
  readonly sourceFile?: string;
  readonly epoch?: string;
  /** The rpm modularity label. */
  readonly module?: string;
  /** The vendor that built an rpm package. */
  readonly vendor?: string;
  readonly paths?: readonly string[];
  readonly flags?: string;
  /** The owner of a library in Clair's notation: `deb python3-requests 2.28.1`. */
  readonly owner?: string;
  /** For an operating system, `ID`, `VERSION_ID` and `VERSION_CODENAME` of os-release. */
  readonly release?: { readonly id?: string; readonly version?: string; readonly codename?: string };
  /** For an operating system, the namespace that Clair determined, such as `alpine:edge`. */
  readonly namespace?: string;
  /** The repositories of the packages (Red Hat). */
  readonly contentSets?: readonly string[];
};

/** The types of components that are an operating system. */
const SYSTEM_TYPES: ReadonlySet<string> = new Set(['operating-system', 'operating_system', 'operatingsystem']);

/** Returns whether a component is an operating system, in the terms of any format. */
export function isSystem({ type }: Pick<SbomComponent, 'type'>): boolean {
  return SYSTEM_TYPES.has(type.toLowerCase());
}

/** Returns whether Clair wrote the document of a component: only Clair states the namespace of an operating system. */
export function isOfClair({ facts }: SbomComponent): boolean {
  return facts.namespace !== undefined;
}
