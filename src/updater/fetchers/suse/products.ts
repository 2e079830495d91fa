import { namespaceName } from '../../../model/releases/namespace.ts';

export type ProductReading = {
  /** The namespace; absent for a product without images. */
  readonly namespace?: string;
  /** Set for packages that require extended support or a special edition. */
  readonly isForSubscribers?: true;
};

/**
 * Returns the release of a SUSE product; undefined for an unknown product. All products of a service pack (Server,
 * Desktop, High Performance Computing, modules, extensions) share their packages and are the same release. For example,
 * `SUSE Linux Enterprise Module for Basesystem 15 SP5` is `sles:15.5`.
 */
export function enterpriseProduct(product: string): ProductReading | undefined {
  if (product.length > MAX_NAME_LENGTH) return undefined;
  if (OTHER.test(product)) return {};
  const [, micro] = MICRO.exec(product) ?? [];
  // Namespaces use the names in os-release, which changed with version 6.
  if (micro !== undefined) return { namespace: namespaceName(Number(micro) < 6 ? 'sle-micro' : 'sl-micro', micro) };
  const [, old, oldPack] = SHORT.exec(product) ?? [];
  if (old !== undefined) return { namespace: release(old, oldPack) };
  const [, name = '', major, minor, pack, edition = ''] = ENTERPRISE.exec(product) ?? [];
  if (major === undefined) return undefined;
  const isForSubscribers = FOR_SUBSCRIBERS.test(`${name} ${edition}`);
  return { namespace: release(major, minor ?? pack), ...(isForSubscribers && { isForSubscribers }) };
}

function release(major: string, minor: string | undefined): string {
  return namespaceName('sles', minor === undefined ? major : `${major}.${minor}`);
}

/** The maximum length of a product name in characters; the longest name has 75. */
const MAX_NAME_LENGTH = 200;

/** Products on SUSE Linux Enterprise that have separate versions. */
const OTHER =
  /^(?:SUSE (?:Linux Enterprise )?(?:Module for SUSE )?(?:Manager|Multi-Linux Manager|Storage|Enterprise Storage)|SUSE (?:OpenStack Cloud|CaaS Platform|Cloud|Container as a Service|Lifecycle|Studio|Linux Enterprise Module for CAP)|HPE Helion|Open Enterprise Server)\b/;

const MICRO = /^SUSE Linux (?:Enterprise )?Micro (?:for Rancher )?(\d+\.\d+)\b/;

/** The short names in the oldest documents, such as `sles10-sp4` and `sles10-sp4-sdk`. */
const SHORT = /^sle[sd](\d+)(?:-sp(\d))?(?:-[a-z]+)*$/;

/**
 * Names such as `… 15`, `… 15 SP4` and `… 16.0`, which may be followed by an edition (`-LTSS`) or, in old documents, an
 * architecture (` for x86`).
 */
const ENTERPRISE =
  /^(?:SUSE Linux Enterprise|SUSE Package Hub(?: for SUSE Linux Enterprise)?|SUSE Linux)\b ?(.*?) ?\b((?:9|[1-9]\d))(?:\.(\d+)| SP(\d+))?(?:[- ](?!for )([A-Z][\w.-]*))?(?: for .*)?$/;

/** The names of extended support, and of editions that are sold separately. */
const FOR_SUBSCRIBERS = /\b(?:LTSS|ESPOS|BCL|TERADATA|Teradata|SAP Applications)\b/;
