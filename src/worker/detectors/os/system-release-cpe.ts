import type { Detector, FileFacts } from '../detector.ts';
import { exactPaths } from '../path-pattern.ts';

const QUOTED_LENGTH = 80;

/**
 * Reads the Red Hat family's release file that contains one CPE, such as `cpe:/o:redhat:enterprise_linux:8::baseos`, or
 * a CPE of version 2.3 (nvd.nist.gov/products/cpe).
 */
export const systemReleaseCpe: Detector = {
  id: 'system-release-cpe',
  kind: 'os',
  version: 1,
  wants: exactPaths('etc/system-release-cpe', 'usr/lib/system-release-cpe'),
  read: readCpe,
};

/**
 * Returns the facts under their names in os-release. `NAME` is present only for CentOS Stream, which shares its ID with
 * CentOS Linux.
 */
function readCpe(path: string, bytes: Uint8Array): FileFacts {
  const line = new TextDecoder().decode(bytes).split('\n', 1)[0]?.trim() ?? '';
  const [, vendor, product, version] = CPE_PATTERN.exec(line.toLowerCase()) ?? [];
  if (vendor !== undefined && product !== undefined && version !== undefined) {
    const id = IDS.get(`${vendor}:${product}`) ?? product.replaceAll('_', '-');
    const isStream = id === 'centos' && Number.parseInt(version, 10) > LAST_CENTOS_LINUX;
    return { release: { ID: id, ...(isStream && { NAME: 'CentOS Stream' }), VERSION_ID: version }, diagnostics: [] };
  }
  const message = `${path} does not start with the CPE of an operating system and its version: ${JSON.stringify(line.slice(0, QUOTED_LENGTH))}`;
  return { diagnostics: [{ code: 'release-file-unreadable', message, where: path }] };
}

const CPE_PATTERN = /^cpe:(?:\/|2\.3:)o:([\w-]{1,80}):([\w-]{1,80}):(\d[\w.]{0,80})(?=:|$)/;

/** The last version of CentOS Linux was 8; later versions are CentOS Stream, which has the same CPE. */
const LAST_CENTOS_LINUX = 8;

/**
 * The os-release `ID` by vendor and product, for each distribution that has the file; for any other product, the `ID`
 * is the product with hyphens instead of underscores.
 */
const IDS: ReadonlyMap<string, string> = new Map([
  ['redhat:enterprise_linux', 'rhel'],
  ['centos:centos', 'centos'],
  ['centos:linux', 'centos'],
  ['almalinux:almalinux', 'almalinux'],
  ['rocky:rocky', 'rocky'],
  ['oracle:linux', 'ol'],
  ['oracle:oracle_linux', 'ol'],
  ['fedoraproject:fedora', 'fedora'],
  ['amazon:linux', 'amzn'],
  ['amazon:amazon_linux', 'amzn'],
]);
