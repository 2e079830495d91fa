/**
 * The release that a platform is, as packages are judged in it: `cpe:/o:redhat:enterprise_linux:9::baseos` is `rhel:9`. Reads
 * CPE as URI (2.2) and as formatted string (2.3).
 *
 * @returns undefined for what is no release that is known by its CPE, such as a product on top of one
 */
export function releaseOfPlatform(cpe: string): string | undefined {
  const [, fields = ''] = /^cpe:(?:\/|2\.3:)[aho]:(.*)$/i.exec(cpe) ?? [];
  const [vendor = '', product = '', version = '', update = ''] = fields.toLowerCase().split(':');
  const rule = RELEASES.get(`${vendor}:${product}`);
  const [, number] = rule?.version.exec(version) ?? [];
  if (rule === undefined || number === undefined) return undefined;
  const [, pack] = /^sp(\d+)$/.exec(update) ?? [];
  return `${rule.namespace}:${number}${rule.hasServicePacks ? `.${pack ?? 0}` : ''}`;
}

type ReleaseRule = {
  readonly namespace: string;
  /** The part that the namespace has of a version which stands for the whole release. */
  readonly version: RegExp;
  /** Whether the second number of the release stands in the field behind the version. */
  readonly hasServicePacks?: boolean;
};

const RELEASES: ReadonlyMap<string, ReleaseRule> = new Map([
  ['redhat:enterprise_linux', { namespace: 'rhel', version: /^(\d+)$/ }],
  ['debian:debian_linux', { namespace: 'debian', version: /^(\d+)(?:\.0)?$/ }],
  ['canonical:ubuntu_linux', { namespace: 'ubuntu', version: /^(\d+\.\d+)$/ }],
  ['suse:sles', { namespace: 'sles', version: /^(\d+)$/, hasServicePacks: true }],
]);
