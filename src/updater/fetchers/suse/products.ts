import { namespaceName } from '../../../model/releases/namespace.ts';

/** Where the packages of a product are found. */
export type ProductReading = {
  /** The release; absent for a product of which no image is known. */
  readonly namespace?: string;
  /** Set where only those get the packages who pay for longer support or for an edition for special uses. */
  readonly isForSubscribers?: true;
};

/**
 * Tells to which release a product of SUSE belongs, by its name; undefined for one that is unknown. All products of one
 * service pack of SUSE Linux Enterprise (Server, Desktop, High Performance Computing, its modules and extensions) are
 * built of the same packages and make one release: `SUSE Linux Enterprise Module for Basesystem 15 SP5` is `sles:15.5`.
 */
export function enterpriseProduct(product: string): ProductReading | undefined {
  if (product.length > MAX_NAME_LENGTH) return undefined;
  if (OTHER.test(product)) return {};
  const [, micro] = MICRO.exec(product) ?? [];
  // The names are those of os-release.
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

/** The longest seen has 75 characters. */
const MAX_NAME_LENGTH = 200;

/** Products on top of SUSE Linux Enterprise, with versions of their own. */
const OTHER =
  /^(?:SUSE (?:Linux Enterprise )?(?:Module for SUSE )?(?:Manager|Multi-Linux Manager|Storage|Enterprise Storage)|SUSE (?:OpenStack Cloud|CaaS Platform|Cloud|Container as a Service|Lifecycle|Studio|Linux Enterprise Module for CAP)|HPE Helion|Open Enterprise Server)\b/;

const MICRO = /^SUSE Linux (?:Enterprise )?Micro (?:for Rancher )?(\d+\.\d+)\b/;

/** Of the oldest documents: `sles10-sp4`, `sles10-sp4-sdk`. */
const SHORT = /^sle[sd](\d+)(?:-sp(\d))?(?:-[a-z]+)*$/;

/** `… 15`, `… 15 SP4`, `… 16.0`, with an edition (`-LTSS`), in old ones with an architecture (` for x86`). */
const ENTERPRISE =
  /^(?:SUSE Linux Enterprise|SUSE Package Hub(?: for SUSE Linux Enterprise)?|SUSE Linux)\b ?(.*?) ?\b((?:9|[1-9]\d))(?:\.(\d+)| SP(\d+))?(?:[- ](?!for )([A-Z][\w.-]*))?(?: for .*)?$/;

/** Longer support, and editions that are bought by themselves. */
const FOR_SUBSCRIBERS = /\b(?:LTSS|ESPOS|BCL|TERADATA|Teradata|SAP Applications)\b/;
