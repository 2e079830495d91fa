/**
 * Returns the namespace of a platform, such as `rhel:9` for `cpe:/o:redhat:enterprise_linux:9::baseos`. The platform is
 * a CPE, either a URI (2.2) or a formatted string (2.3).
 *
 * @returns undefined for other CPEs, such as layered products
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
  /** Matches a version that denotes a whole release. The group is the version in the namespace. */
  readonly version: RegExp;
  /** Whether the field after the version contains the second number of the version, such as the service pack. */
  readonly hasServicePacks?: boolean;
};

const RELEASES: ReadonlyMap<string, ReleaseRule> = new Map([
  ['redhat:enterprise_linux', { namespace: 'rhel', version: /^(\d+)$/ }],
  ['debian:debian_linux', { namespace: 'debian', version: /^(\d+)(?:\.0)?$/ }],
  ['canonical:ubuntu_linux', { namespace: 'ubuntu', version: /^(\d+\.\d+)$/ }],
  ['suse:sles', { namespace: 'sles', version: /^(\d+)$/, hasServicePacks: true }],
]);
