import { ClairError } from '../../errors.ts';
import { printable } from '../../model/printable.ts';
import type { Containment } from './formats/containment.ts';
import {
  cyclonedxComponents,
  cyclonedxDependencies,
  cyclonedxTool,
  isIncompleteComposition,
} from './formats/cyclonedx.ts';
import { cyclonedxStatement } from './formats/cyclonedx-statement.ts';
import { type JsonObject, objectOf, objectsOf, textOf } from '../../model/json-values.ts';
import type { SbomComponent, SbomDocument } from './sbom-document.ts';
import type { SbomLimits } from './sbom-limits.ts';
import { MAX_STATEMENTS, resolvedStatements, type WrittenStatement } from './sbom-statements.ts';
import {
  type Generation,
  isSpdx3Context,
  spdx3Element,
  spdxComponent,
  spdxContainment,
  spdxGeneration,
  spdxTool,
} from './formats/spdx.ts';
import type { Digest } from '../../model/digest.ts';
import { statedDigests } from './sbom-subject.ts';
import { syftComponent, syftDigests, syftSystem } from './formats/syft.ts';

/** Collects the members of a document in any order, because the last member may name the format. */
export type SbomCollector = {
  /** Adds a member of the outermost object, or one item of an array in {@link ITEMS} with the key of the array. */
  readonly add: (key: string, value: unknown) => void;
  /** Returns the document. @throws ClairError `sbom/unsupported` for another format or version */
  readonly end: () => SbomDocument;
};

/** The arrays whose items are added one by one. */
export const ITEMS = [
  'components',
  'vulnerabilities',
  'compositions',
  'dependencies',
  'packages',
  'relationships',
  'files',
  'artifacts',
  'artifactRelationships',
  '@graph',
] as const;

/** The members of envelopes whose value is a document: in-toto statements, and the GitHub dependency graph. */
const INNER = ['predicate', 'sbom'] as const;

/** Creates an empty collector. @param where the name of the document in messages */
export function createSbomCollector(where: string, limits: SbomLimits): SbomCollector {
  /** The values that determine the format. */
  const marks = new Map<string, unknown>();
  const found = { CycloneDX: newParts(), SPDX: newParts(), 'SPDX 3': newParts(), Syft: newParts() };
  let inner: JsonObject | undefined;
  let count = 0;
  let vulnerabilities = 0;
  let tool = '';
  /** The digests of the subjects of an in-toto statement. */
  const stated: Digest[] = [];
  /** The names of the SPDX 3 vulnerabilities, by identifier. */
  const names = new Map<string, readonly string[]>();

  const keep = (parts: Parts, components: readonly SbomComponent[]): void => {
    count += components.length;
    if (count > limits.maxComponents) {
      throw new ClairError('sbom/limit-exceeded', `${where} has more than ${limits.maxComponents} components`);
    }
    // Do not spread the components into arguments, because a component may contain 100,000 components.
    for (const component of components) {
      const { ref, parent, digests = [] } = component;
      parts.components.push(component);
      if (parent !== undefined) addParts(parts, [{ parent, child: ref }]);
      if (parts.subjects.length < MAX_SUBJECTS) parts.subjects.push(...digests.slice(0, MAX_SUBJECTS));
    }
  };

  /** Reads an item of an array, or a member whose value is an object. */
  const readers: Readonly<Record<string, (value: JsonObject) => void>> = {
    components: (value) => keep(found.CycloneDX, cyclonedxComponents(value)),
    creationInfo: (value) => void (tool ||= spdxTool(value)),
    metadata: (value) => {
      // Tools in the metadata are not installed in the image.
      tool ||= cyclonedxTool(value);
      for (const each of objectsOf(value['component'])) {
        keep(found.CycloneDX, cyclonedxComponents(each));
        found.CycloneDX.root = textOf(each['bom-ref']);
      }
    },
    compositions: (value) => void (found.CycloneDX.isIncomplete ||= isIncompleteComposition(value)),
    vulnerabilities: (value) => {
      vulnerabilities += 1;
      addStatement(found.CycloneDX, cyclonedxStatement(value, vulnerabilities));
    },
    dependencies: (value) => addParts(found.CycloneDX, cyclonedxDependencies(value)),
    packages: (value) => keep(found.SPDX, [spdxComponent(value)]),
    relationships: (value) => {
      addGeneration(found.SPDX, spdxGeneration(value));
      const part = spdxContainment(value);
      if (part !== undefined) addParts(found.SPDX, [part]);
    },
    source: (value) => void found.Syft.subjects.push(...syftDigests(value).slice(0, MAX_SUBJECTS)),
    subject: (value) => addSubject(stated, value),
    artifacts: (value) => keep(found.Syft, [syftComponent(value)]),
    distro: (value) => {
      const system = syftSystem(value);
      if (system !== undefined) keep(found.Syft, [system]);
    },
    '@graph': (value) => {
      const { component, generations = [], parts = [], isIncomplete = false, ...vex } = spdx3Element(value);
      const { vulnerability, statement } = vex;
      if (component !== undefined) keep(found['SPDX 3'], [component]);
      addParts(found['SPDX 3'], parts);
      for (const each of generations) addGeneration(found['SPDX 3'], each);
      found['SPDX 3'].isIncomplete ||= isIncomplete;
      if (vulnerability !== undefined && names.size < MAX_STATEMENTS) names.set(vulnerability.ref, vulnerability.ids);
      if (statement !== undefined) {
        vulnerabilities += 1;
        addStatement(found['SPDX 3'], { ...statement, place: `VEX relationship ${vulnerabilities}` });
      }
    },
  };

  return {
    add(key, value) {
      if (Object.hasOwn(readers, key)) for (const each of objectsOf(value)) readers[key]?.(each);
      else if (MARKS.has(key)) marks.set(key, value);
      if (INNER.some((name) => name === key)) inner = objectOf(value);
    },
    end() {
      if (marks.has('payloadType') || marks.has('dsseEnvelope')) return ofEnvelope(marks, where, limits);
      if (inner !== undefined && (marks.has('predicateType') || !marks.has('bomFormat'))) {
        return aboutStated(documentOf(inner, where, limits), stated);
      }
      const format = formatOf(marks, where);
      const { components, generations, parents, subjects, isIncomplete, root, ...vex } = found[format.reader];
      const { statements, moreStatements } = vex;
      const link = [textOf(marks.get('serialNumber')).replace(/^urn:uuid:/i, ''), textOf(marks.get('version')) || '1'];
      const document = { components, root, link: link[0] === '' ? '' : link.join('/').toLowerCase() };
      // A vulnerability may follow the statement about it.
      const named = statements.map((each) => ({ ...each, ids: each.ids.flatMap((id) => names.get(id) ?? [id]) }));
      return {
        format: format.name,
        tool: tool || textOf(objectOf(marks.get('descriptor'))['name']),
        components: withSources(components, generations),
        isIncomplete,
        parents,
        subjects: [...new Set(subjects)],
        vex: resolvedStatements(named, document, moreStatements),
        ...(format.unknownVersion !== undefined && { unknownVersion: format.unknownVersion }),
      };
    },
  };
}

/** Collects the members of an object that is in memory. */
function documentOf(value: JsonObject, where: string, limits: SbomLimits): SbomDocument {
  const collector = createSbomCollector(where, limits);
  for (const [key, member] of Object.entries(value)) {
    const items = ITEMS.some((name) => name === key) && Array.isArray(member) ? member : [member];
    for (const item of items) collector.add(key, item);
  }
  return collector.end();
}

/** Reads the document in an envelope (DSSE, alone or in a bundle of Sigstore), whose signature is not checked. */
function ofEnvelope(marks: ReadonlyMap<string, unknown>, where: string, limits: SbomLimits): SbomDocument {
  const { payload } = objectOf(marks.get('dsseEnvelope') ?? { payload: marks.get('payload') });
  let statement: unknown;
  try {
    statement = JSON.parse(Buffer.from(textOf(payload), 'base64').toString('utf8'));
  } catch (error) {
    throw new ClairError('sbom/invalid', `${where} is an envelope whose payload is not JSON`, { cause: error });
  }
  const { predicate, subject } = objectOf(statement);
  // An envelope in an envelope is refused, which bounds the recursion.
  if (predicate === undefined) throw unsupported(where, 'the payload of the envelope is not an in-toto statement');
  const inside = objectOf(predicate);
  if (INNER.some((name) => inside[name] !== undefined) || inside['payloadType'] !== undefined) {
    throw unsupported(where, 'the document is in more than one envelope');
  }
  const stated: Digest[] = [];
  for (const each of objectsOf(subject)) addSubject(stated, each);
  return { ...aboutStated(documentOf(inside, where, limits), stated), isSigned: true };
}

/**
 * The subjects of an in-toto statement are the images that its author meant, even if the enclosed document names other
 * images.
 */
function aboutStated(document: SbomDocument, stated: readonly Digest[]): SbomDocument {
  return stated.length === 0 ? document : { ...document, subjects: stated };
}

function addSubject(stated: Digest[], { digest }: JsonObject): void {
  if (stated.length < MAX_SUBJECTS) stated.push(...statedDigests(digest));
}

/** An SBOM of an image index names about ten images. */
const MAX_SUBJECTS = 1000;

type Parts = {
  readonly components: SbomComponent[];
  readonly generations: Map<string, string>;
  readonly parents: Map<string, string[]>;
  /** The number of parents in all lists of `parents`. */
  edges: number;
  readonly subjects: Digest[];
  isIncomplete: boolean;
  /** The identifier of the component that the document describes. */
  root: string;
  readonly statements: WrittenStatement[];
  /** The number of statements after the first `MAX_STATEMENTS` statements. */
  moreStatements: number;
};

function newParts(): Parts {
  return {
    components: [],
    generations: new Map(),
    parents: new Map(),
    edges: 0,
    subjects: [],
    isIncomplete: false,
    root: '',
    statements: [],
    moreStatements: 0,
  };
}

/** Further relationships are dropped; a document of 10,000 packages has about this number of relationships. */
const MAX_GENERATIONS = 200_000;

function addGeneration({ generations }: Parts, each: Generation | undefined): void {
  if (each !== undefined && generations.size < MAX_GENERATIONS) generations.set(each.from, each.to);
}

function addParts(parts: Parts, containments: readonly Containment[]): void {
  for (const { parent, child } of containments) {
    if (child === '' || parts.edges >= MAX_EDGES) continue;
    parts.edges += 1;
    const known = parts.parents.get(child);
    if (known === undefined) parts.parents.set(child, [parent]);
    else known.push(parent);
  }
}

/**
 * Further containment edges are dropped. Clair uses edges only for documents with several operating systems, which have
 * few packages per system.
 */
const MAX_EDGES = 200_000;

function addStatement(parts: Parts, statement: WrittenStatement | undefined): void {
  if (statement === undefined) return;
  if (parts.statements.length < MAX_STATEMENTS) parts.statements.push(statement);
  else parts.moreStatements += 1;
}

/** Adds the source packages that relationships name. */
function withSources(
  components: readonly SbomComponent[],
  generations: ReadonlyMap<string, string>,
): readonly SbomComponent[] {
  if (generations.size === 0) return components;
  const byRef = new Map(components.map((each) => [each.ref, each]));
  return components.map((each) => {
    const source = byRef.get(generations.get(each.ref) ?? '');
    if (source === undefined || each.facts.source !== undefined) return each;
    return { ...each, facts: { ...each.facts, source: { name: source.name, version: source.version } } };
  });
}

const MARKS: ReadonlySet<string> = new Set([
  'bomFormat',
  'serialNumber',
  'version',
  'specVersion',
  'spdxVersion',
  '@context',
  'schema',
  'descriptor',
  'predicateType',
  'payloadType',
  'payload',
  'dsseEnvelope',
  'SchemaVersion',
  'ArtifactName',
  'detector',
]);

type Format = {
  readonly reader: 'CycloneDX' | 'SPDX' | 'SPDX 3' | 'Syft';
  readonly name: string;
  readonly unknownVersion?: string;
};

function formatOf(marks: ReadonlyMap<string, unknown>, where: string): Format {
  const text = (key: string): string => textOf(marks.get(key));
  if (text('bomFormat') === 'CycloneDX') return cyclonedxFormat(text('specVersion'), where);
  if (text('spdxVersion') !== '') return spdxFormat(text('spdxVersion'), where);
  if (isSpdx3Context(marks.get('@context'))) return { reader: 'SPDX 3', name: 'SPDX 3.0' };
  if (objectOf(marks.get('descriptor'))['name'] === 'syft' || marks.has('schema')) {
    const version = textOf(objectOf(marks.get('schema'))['version']);
    return { reader: 'Syft', name: `Syft JSON ${version}`, ...newer(Number.parseInt(version, 10) > 16, version) };
  }
  if (marks.has('ArtifactName')) {
    throw unsupported(where, 'it is a Trivy report: write the inventory with trivy --format cyclonedx');
  }
  if (marks.has('detector')) throw unsupported(where, 'it is a GitHub dependency snapshot');
  throw unsupported(where, 'it is JSON, but not CycloneDX, SPDX or Syft JSON');
}

/** Returns the format for a CycloneDX version. @throws ClairError `sbom/unsupported` for other major versions */
function cyclonedxFormat(version: string, where: string): Format {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(version) ?? [];
  if (major !== '1')
    throw unsupported(where, `it is CycloneDX ${version || 'without a version'}, but Clair supports only CycloneDX 1`);
  return { reader: 'CycloneDX', name: `CycloneDX ${version}`, ...newer(Number(minor) > 7, version) };
}

/** Returns the format for an SPDX 2 version. @throws ClairError `sbom/unsupported` for other major versions */
function spdxFormat(version: string, where: string): Format {
  const [, minor] = /^SPDX-2\.(\d+)$/.exec(version) ?? [];
  if (minor === undefined)
    throw unsupported(where, `its spdxVersion is ${version}, but must be SPDX-2.N, such as SPDX-2.3`);
  return { reader: 'SPDX', name: version.replace('-', ' '), ...newer(Number(minor) > 3, version) };
}

function newer(isNewer: boolean, version: string): Pick<Format, 'unknownVersion'> {
  return isNewer ? { unknownVersion: version } : {};
}

/** Returns `sbom/unsupported`; `what` is the reason and may contain text of the document. */
export function unsupported(where: string, what: string): ClairError {
  return new ClairError('sbom/unsupported', `${where} cannot be read: ${printable(what)}`);
}
