import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { ClairError } from '../../../errors.ts';
import { type XmlElement, xmlElements } from '../../../bytes/documents/xml-elements.ts';

/**
 * The maximum number of characters to buffer until the tests are read. The largest document, from SUSE, is 260 MB and
 * needs less than half of this limit.
 */
export const MAX_HELD_CHARACTERS: number = 512 * 1024 * 1024;

/**
 * The maximum length of a comment in characters. The length is limited, because comments are matched with patterns; the
 * longest comment has 174 characters.
 */
export const MAX_COMMENT_LENGTH = 1000;

/** An OVAL 5 definition (oval-definitions-schema, DefinitionType) with the tests of its criteria. */
export type OvalDefinition = {
  readonly id: string;
  /** `patch`, `vulnerability`, `inventory` or another word. */
  readonly class: string;
  readonly title: string;
  readonly description: string;
  readonly platforms: readonly string[];
  readonly references: readonly OvalReference[];
  /** The first severity in the metadata, usually the severity of the advisory; empty if the metadata has no severity. */
  readonly severity: string;
  /** Microsoft's flag for a fix: `true`, `false` or `Not Applicable`; empty if there is no flag. */
  readonly patchable: string;
  /**
   * The texts of the `cve` elements of an advisory. Each text contains an identifier, to which SUSE adds other words.
   */
  readonly cves: readonly string[];
  readonly cpes: readonly string[];
  readonly resolutions: readonly OvalResolution[];
  readonly criteria?: OvalCriteria;
};

export type OvalReference = { readonly source: string; readonly id: string; readonly url: string };

export type OvalResolution = { readonly state: string; readonly components: readonly string[] };

export type OvalCriteria = {
  readonly kind: 'criteria';
  /** `AND`, `OR`, `ONE` or `XOR`. */
  readonly operator: string;
  readonly isNegated: boolean;
  readonly children: readonly OvalNode[];
};

/** A required test or definition (`extend_definition`). */
export type OvalCriterion = {
  readonly kind: 'criterion' | 'definition';
  readonly ref: string;
  readonly comment: string;
  readonly isNegated: boolean;
  /** The test; absent for a definition, and if the document lacks the test. */
  readonly test?: OvalTest;
};

export type OvalNode = OvalCriteria | OvalCriterion;

export type OvalTest = {
  /** The element name without `_test`: `rpminfo`, `dpkginfo`, `uname`. */
  readonly kind: string;
  readonly comment: string;
  /** The number of items that must match the state: `at least one`, `all`, `none satisfy`. */
  readonly check: string;
  readonly checkExistence: string;
  /** The package names in the object of the test; empty if the object contains no names. */
  readonly names: readonly string[];
  /** The requirements of the test's states; undefined if a state is missing or the operator is not AND. */
  readonly fields?: readonly OvalField[];
};

export type OvalField = { readonly name: string; readonly operation: string; readonly value: string };

export type OvalOptions = {
  /** The name of the document in messages. */
  readonly where: string;
  /**
   * Returns whether to keep the references of definitions in a class; by default, all references are kept. References
   * make up a third of a SUSE document, and Clair uses few references.
   */
  readonly keepsReferences?: (definitionClass: string) => boolean;
  readonly maxHeldCharacters?: number;
};

/**
 * Reads an OVAL 5 document from Red Hat, SUSE, Oracle, VMware, Microsoft or Canonical. Buffers the definitions as
 * compact text, because their tests come later in the document. Yields the definitions in document order. No criterion
 * is dropped; if its test, object or state is missing, `test`, `names` or `fields` is absent or empty.
 *
 * @throws ClairError during iteration: the errors of {@link xmlElements}; `feed/empty` without a definition;
 * `feed/limit-exceeded`.
 */
export async function* ovalDefinitions(stream: ByteStream, options: OvalOptions): AsyncGenerator<OvalDefinition> {
  const { where, keepsReferences = (): boolean => true, maxHeldCharacters = MAX_HELD_CHARACTERS } = options;
  const definitions: Buffer[] = [];
  const parts: TestParts = { tests: new Map(), objects: new Map(), states: new Map(), variables: new Map() };
  let held = 0;
  for await (const { parent, element } of xmlElements(stream, { where, root: 'oval_definitions', depth: 2 })) {
    if (parent !== 'definitions') {
      addPart(parts, parent, ownElement(element));
      continue;
    }
    const text = JSON.stringify(readDefinition(element, keepsReferences));
    held += text.length;
    if (held > maxHeldCharacters) {
      throw new ClairError(
        'feed/limit-exceeded',
        `the definitions in ${where} exceed ${maxHeldCharacters} characters in total`,
      );
    }
    // Store the text in a buffer outside the heap of V8, because the heap can grow to a multiple of its live content.
    definitions.push(Buffer.from(text));
  }
  if (definitions.length === 0) throw new ClairError('feed/empty', `${where} contains no definition`);
  for (const [index, text] of definitions.entries()) {
    definitions[index] = NO_BYTES;
    yield withTests(JSON.parse(text.toString()), parts);
  }
}

/** Replaces a yielded definition, so that its memory is freed. */
const NO_BYTES: Buffer = Buffer.alloc(0);

/** Copies an element, because its strings are slices that keep the whole document in memory. */
function ownElement(element: XmlElement): XmlElement {
  return JSON.parse(JSON.stringify(element));
}

/** Returns the text of an element at any depth; empty if there is no such element. */
function textOf(element: XmlElement, name: string): string {
  return elementsNamed(element, name)[0]?.text ?? '';
}

function elementsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => (child.name === name ? [child] : elementsNamed(child, name)));
}

function readDefinition(element: XmlElement, keepsReferences: (definitionClass: string) => boolean): OvalDefinition {
  const { id = '', class: definitionClass = '' } = element.attributes;
  const metadata = element.children.find(({ name }) => name === 'metadata') ?? NOTHING;
  const criteria = element.children.find(({ name }) => name === 'criteria');
  return {
    id,
    class: definitionClass,
    title: textOf(metadata, 'title'),
    description: textOf(metadata, 'description'),
    platforms: elementsNamed(metadata, 'platform').map(({ text }) => text),
    references: keepsReferences(definitionClass) ? elementsNamed(metadata, 'reference').map(readReference) : [],
    severity: textOf(metadata, 'severity'),
    patchable: textOf(metadata, 'patchable'),
    cves: elementsNamed(metadata, 'cve').map(({ text }) => text),
    cpes: elementsNamed(metadata, 'cpe').map(({ text }) => text),
    resolutions: elementsNamed(metadata, 'resolution').map((resolution) => ({
      state: resolution.attributes['state'] ?? '',
      components: elementsNamed(resolution, 'component').map(({ text }) => text),
    })),
    ...(criteria !== undefined && { criteria: readCriteria(criteria) }),
  };
}

function readReference({ attributes }: XmlElement): OvalReference {
  return { source: attributes['source'] ?? '', id: attributes['ref_id'] ?? '', url: attributes['ref_url'] ?? '' };
}

const NOTHING: XmlElement = { name: '', attributes: {}, children: [], text: '' };

/** Reads criteria. By default, the operator is AND and `negate` is false (oval-definitions-schema, CriteriaType). */
function readCriteria({ attributes, children }: XmlElement): OvalCriteria {
  const { operator = 'AND' } = attributes;
  return { kind: 'criteria', operator, isNegated: isTrue(attributes['negate']), children: children.flatMap(readNode) };
}

function readNode(element: XmlElement): readonly OvalNode[] {
  const { comment: words = '', negate, test_ref: test = '', definition_ref: definition = '' } = element.attributes;
  const comment = words.slice(0, MAX_COMMENT_LENGTH);
  switch (element.name) {
    case 'criteria':
      return [readCriteria(element)];
    case 'criterion':
      return [{ kind: 'criterion', ref: test, comment, isNegated: isTrue(negate) }];
    case 'extend_definition':
      return [{ kind: 'definition', ref: definition, comment, isNegated: isTrue(negate) }];
    case 'notes':
      return [];
    default:
      // An unknown element may narrow or widen the criteria, so it becomes a criterion without a test.
      return [{ kind: 'criterion', ref: element.name, comment, isNegated: false }];
  }
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

type TestParts = {
  readonly tests: Map<string, StoredTest>;
  /** The names of an object, or the variable that contains the names. */
  readonly objects: Map<string, { readonly names: readonly string[]; readonly variable?: string }>;
  readonly states: Map<string, readonly OvalField[]>;
  readonly variables: Map<string, readonly string[]>;
};

type StoredTest = Omit<OvalTest, 'names' | 'fields'> & {
  readonly objects: readonly string[];
  readonly states: readonly string[];
  readonly stateOperator: string;
};

function addPart(parts: TestParts, section: string, element: XmlElement): void {
  const { id = '' } = element.attributes;
  if (section === 'tests') parts.tests.set(id, readTest(element));
  else if (section === 'objects') parts.objects.set(id, readObject(element));
  else if (section === 'states') parts.states.set(id, element.children.map(readField));
  else if (section === 'variables' && element.name === 'constant_variable') {
    const values = element.children.filter(({ name }) => name === 'value');
    parts.variables.set(
      id,
      values.map(({ text }) => text),
    );
  }
}

function readTest({ name, attributes, children }: XmlElement): StoredTest {
  const refs = (attribute: string): string[] => children.flatMap((child) => child.attributes[attribute] ?? []);
  return {
    kind: name.replace(/_test$/, ''),
    comment: attributes['comment'] ?? '',
    check: attributes['check'] ?? '',
    checkExistence: attributes['check_existence'] ?? 'at_least_one_exists',
    objects: refs('object_ref'),
    states: refs('state_ref'),
    stateOperator: attributes['state_operator'] ?? 'AND',
  };
}

function readObject({ children }: XmlElement): { readonly names: readonly string[]; readonly variable?: string } {
  const name = children.find((child) => child.name === 'name');
  if (name === undefined || operationOf(name) !== 'equals') return { names: [] };
  const { var_ref: variable } = name.attributes;
  return variable === undefined ? { names: name.text === '' ? [] : [name.text] } : { names: [], variable };
}

function readField(element: XmlElement): OvalField {
  return { name: element.name, operation: operationOf(element), value: element.text };
}

/** Returns the operation of an entity; the default is `equals` (oval-definitions-schema, EntityAttributeGroup). */
function operationOf({ attributes }: XmlElement): string {
  return attributes['operation'] ?? 'equals';
}

function withTests(definition: OvalDefinition, parts: TestParts): OvalDefinition {
  const { criteria } = definition;
  return criteria === undefined ? definition : { ...definition, criteria: criteriaWithTests(criteria, parts) };
}

function criteriaWithTests(criteria: OvalCriteria, parts: TestParts): OvalCriteria {
  return {
    ...criteria,
    children: criteria.children.map((node) => {
      if (node.kind === 'criteria') return criteriaWithTests(node, parts);
      const stored = node.kind === 'criterion' ? parts.tests.get(node.ref) : undefined;
      return stored === undefined ? node : { ...node, test: testOf(stored, parts) };
    }),
  };
}

function testOf({ objects, states, stateOperator, ...test }: StoredTest, parts: TestParts): OvalTest {
  const names = objects.flatMap((ref) => {
    const object = parts.objects.get(ref);
    return object?.variable === undefined ? (object?.names ?? []) : (parts.variables.get(object.variable) ?? []);
  });
  const fields = states.map((ref) => parts.states.get(ref));
  const isWhole = stateOperator === 'AND' && !fields.includes(undefined);
  return { ...test, names, ...(isWhole && { fields: fields.flatMap((each) => each ?? []) }) };
}
