import { describe, expect, it } from 'vitest';
import { MAX_COMMENT_LENGTH, type OvalDefinition, ovalDefinitions, type OvalOptions } from './oval.ts';

const TESTS = `
<tests>
  <rpminfo_test id="t1" comment="lamp is &lt;1.2-3" check="at least one"><object object_ref="o1"/><state state_ref="s1"/></rpminfo_test>
  <red-def:rpminfo_test id="t2" comment="no lamp" check="at least one" check_existence="none_exist"><object object_ref="o1"/></red-def:rpminfo_test>
  <dpkginfo_test id="t3" check="all"><object object_ref="o2"/><state state_ref="s1"/><state state_ref="s2"/></dpkginfo_test>
  <rpminfo_test id="t4" check="all"><object object_ref="gone"/><state state_ref="gone"/></rpminfo_test>
  <rpminfo_test id="t5" check="all" state_operator="OR"><object object_ref="o3"/><state state_ref="s1"/><state state_ref="s2"/></rpminfo_test>
</tests>
<objects>
  <rpminfo_object id="o1"><name>lamp</name></rpminfo_object>
  <dpkginfo_object id="o2"><name var_ref="v1" var_check="at least one"/></dpkginfo_object>
  <rpminfo_object id="o3"><name operation="pattern match">^lamp</name></rpminfo_object>
</objects>
<states>
  <rpminfo_state id="s1"><evr datatype="evr_string" operation="less than">0:1.2-3</evr></rpminfo_state>
  <rpminfo_state id="s2"><arch>x86_64</arch></rpminfo_state>
</states>
<variables>
  <constant_variable id="v1"><value>lamp</value><value>lamp-doc</value></constant_variable>
  <local_variable id="v2"><literal_component>x</literal_component></local_variable>
</variables>`;

const DEFINITION = `
<definition id="d1" class="patch"><metadata>
  <title>
    A lamp
  </title>
  <affected family="unix"><platform>House 1</platform><platform>House 2</platform></affected>
  <reference source="CVE" ref_id="CVE-2099-1" ref_url="https://example.com/1"/>
  <description>It burns.</description>
  <patchable>true</patchable>
  <advisory><severity>Low</severity><cve impact="low">CVE-2099-1</cve>
    <affected_cpe_list><cpe>cpe:/a:house:lamp:1</cpe></affected_cpe_list>
    <affected><resolution state="Affected"><component>lamp</component></resolution></affected>
  </advisory>
</metadata><criteria operator="OR">
  <criterion test_ref="t1" comment="lamp"/>
  <criteria negate="true"><criterion test_ref="t2" negate="true"/><notes><note>a note</note></notes></criteria>
  <extend_definition definition_ref="d0" comment="House 1"/>
</criteria></definition>`;

describe('a definition', () => {
  it('has the content of its metadata and criteria', async () => {
    expect(await only(DEFINITION)).toEqual({
      id: 'd1',
      class: 'patch',
      title: 'A lamp',
      description: 'It burns.',
      platforms: ['House 1', 'House 2'],
      references: [{ source: 'CVE', id: 'CVE-2099-1', url: 'https://example.com/1' }],
      severity: 'Low',
      patchable: 'true',
      cves: ['CVE-2099-1'],
      cpes: ['cpe:/a:house:lamp:1'],
      resolutions: [{ state: 'Affected', components: ['lamp'] }],
      criteria: {
        kind: 'criteria',
        operator: 'OR',
        isNegated: false,
        children: [
          {
            kind: 'criterion',
            ref: 't1',
            comment: 'lamp',
            isNegated: false,
            test: {
              kind: 'rpminfo',
              comment: 'lamp is <1.2-3',
              check: 'at least one',
              checkExistence: 'at_least_one_exists',
              names: ['lamp'],
              fields: [{ name: 'evr', operation: 'less than', value: '0:1.2-3' }],
            },
          },
          {
            kind: 'criteria',
            operator: 'AND',
            isNegated: true,
            children: [
              {
                kind: 'criterion',
                ref: 't2',
                comment: '',
                isNegated: true,
                test: {
                  kind: 'rpminfo',
                  comment: 'no lamp',
                  check: 'at least one',
                  checkExistence: 'none_exist',
                  names: ['lamp'],
                  fields: [],
                },
              },
            ],
          },
          { kind: 'definition', ref: 'd0', comment: 'House 1', isNegated: false },
        ],
      },
    });
  });

  it('may have no content', async () => {
    expect(await only('<definition/>')).toEqual({
      id: '',
      class: '',
      title: '',
      description: '',
      platforms: [],
      references: [],
      severity: '',
      patchable: '',
      cves: [],
      cpes: [],
      resolutions: [],
    });
  });

  it('keeps its references only when they are wanted', async () => {
    const keepsReferences = (definitionClass: string): boolean => definitionClass !== 'patch';
    expect((await only(DEFINITION, { keepsReferences })).references).toEqual([]);
  });

  it('returns an unknown element as a criterion without a test', async () => {
    const { criteria } = await only('<definition><criteria><riddle comment="?"/></criteria></definition>');
    expect(criteria?.children).toEqual([{ kind: 'criterion', ref: 'riddle', comment: '?', isNegated: false }]);
  });
});

it('cuts off comments above the limit', async () => {
  const comment = 'x'.repeat(MAX_COMMENT_LENGTH + 1);
  const { criteria } = await only(`<definition><criteria><criterion comment="${comment}"/></criteria></definition>`);
  expect(criteria?.children).toMatchObject([{ comment: 'x'.repeat(MAX_COMMENT_LENGTH) }]);
});

describe('a test', () => {
  const evr = { name: 'evr', operation: 'less than', value: '0:1.2-3' };
  it.each([
    [
      'has the names of a variable and all fields of its states',
      't3',
      ['lamp', 'lamp-doc'],
      [evr, { name: 'arch', operation: 'equals', value: 'x86_64' }],
    ],
    ['is empty if its object and state are missing', 't4', [], undefined],
    ['is empty if any of its states may hold and its name is a pattern', 't5', [], undefined],
  ])('%s', async (_, ref, names, fields) => {
    const test = await testOf(ref);
    expect(test?.names).toEqual(names);
    expect(test?.fields).toEqual(fields);
  });

  it('that is missing in the document is absent', async () => {
    expect(await testOf('t9')).toBeUndefined();
  });
});

describe('a document', () => {
  it('returns its definitions in order', async () => {
    const found = await read('<definition id="b"/><definition id="a"/><definition id="b"/>');
    expect(found.map(({ id }) => id)).toEqual(['b', 'a', 'b']);
  });

  it.each([
    ['without definitions', '', {}, 'feed/empty'],
    ['with definitions that are too long', DEFINITION, { maxHeldCharacters: 100 }, 'feed/limit-exceeded'],
  ])('%s is rejected', async (_, definitions, options, code) => {
    await expect(read(definitions, options)).rejects.toMatchObject({ code });
  });

  it('that ends after the definitions returns no definition', async () => {
    const found: OvalDefinition[] = [];
    const reading = async (): Promise<void> => {
      const stream = bytesOf(`<oval_definitions><definitions>${DEFINITION}</definitions><tests>`);
      for await (const definition of ovalDefinitions(stream, { where: 'feed.xml' })) found.push(definition);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'feed/truncated' });
    expect(found).toEqual([]);
  });
});

type Test = { readonly names: readonly string[]; readonly fields?: unknown };

async function testOf(ref: string): Promise<Test | undefined> {
  const { criteria } = await only(`<definition><criteria><criterion test_ref="${ref}"/></criteria></definition>`);
  const [criterion] = criteria?.children ?? [];
  if (criterion?.kind !== 'criterion') throw new Error('no criterion');
  return criterion.test;
}

async function only(definition: string, options: Partial<OvalOptions> = {}): Promise<OvalDefinition> {
  const [found, ...others] = await read(definition, options);
  if (found === undefined || others.length > 0) throw new Error('not one definition');
  return found;
}

async function read(definitions: string, options: Partial<OvalOptions> = {}): Promise<OvalDefinition[]> {
  const xml = `<oval_definitions><generator/><definitions>${definitions}</definitions>${TESTS}</oval_definitions>`;
  const found: OvalDefinition[] = [];
  for await (const each of ovalDefinitions(bytesOf(xml), { where: 'feed.xml', ...options })) found.push(each);
  return found;
}

async function* bytesOf(xml: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(xml);
}
