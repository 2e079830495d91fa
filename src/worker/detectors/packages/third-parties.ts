export type BuiltPackage = {
  /** The `Maintainer` field: `NGINX Packaging <nginx-packaging@f5.com>`. */
  readonly maintainer: string;
  readonly version: string;
  readonly source: string;
};

/**
 * Returns the name of the third party that built a package, such as `nginx.org`; undefined for a distribution's
 * packages and all other packages. A rebuild that keeps the distribution's maintainer is treated as the distribution's
 * package.
 */
export function thirdPartyOf({ maintainer, version, source }: BuiltPackage): string | undefined {
  const address = addressOf(maintainer);
  return THIRD_PARTIES.find(
    ({ maintainers = [], version: pattern, source: only }) =>
      maintainers.some((end) => address.endsWith(end)) ||
      (pattern?.test(version) === true && (only === undefined || only.test(source))),
  )?.name;
}

/**
 * Returns the name of the third party that built an apk package, according to the maintainer (`m:`); undefined for all
 * other packages. Few third parties have a repository for Alpine.
 */
export function apkThirdPartyOf(maintainer: string): string | undefined {
  const address = addressOf(maintainer);
  return THIRD_PARTIES.find(
    ({ maintainers = [], hasApk }) => hasApk === true && maintainers.some((end) => address.endsWith(end)),
  )?.name;
}

function addressOf(maintainer: string): string {
  return maintainer.trim().replace(/>$/, '').toLowerCase();
}

type ThirdParty = {
  readonly name: string;
  /** The suffixes of the maintainers' addresses, in lower case; no Debian or Ubuntu maintainer has such an address. */
  readonly maintainers?: readonly string[];
  readonly hasApk?: true;
  /**
   * A version pattern that the distribution never uses, for third parties that share maintainers with the distribution.
   */
  readonly version?: RegExp;
  /** Limits `version` to these source packages. */
  readonly source?: RegExp;
};

const THIRD_PARTIES: readonly ThirdParty[] = [
  // https://nginx.org/packages/
  { name: 'nginx.org', maintainers: ['@nginx.com', '@f5.com'], hasApk: true },
  // https://download.docker.com/linux/
  { name: 'Docker', maintainers: ['@docker.com', '@containerd.io'] },
  // https://apt.postgresql.org/: 17.2-1.pgdg120+1, 16.1-1.pgdg22.04+1
  { name: 'PGDG', version: /\.pgdg\d/ },
  // https://packages.sury.org/: 8.2.12-1+0~20231026.48+debian12~1.gbp6f4a3d; its PPA:
  // 7.4.34-18+ubuntu20.04.1+deb.sury.org+1
  { name: 'deb.sury.org', version: /\+deb\.sury\.org|\+0~20\d{6}\.\d+\+debian\d+~/ },
  // https://launchpad.net/~deadsnakes: 3.11.6-1+jammy1
  { name: 'deadsnakes', version: /\+(?:xenial|bionic|focal|jammy|noble)\d+$/, source: /^python[23]\.\d+$/ },
  // https://deb.nodesource.com/: 20.18.1-1nodesource1
  { name: 'NodeSource', maintainers: ['@nodesource.com'], version: /\dnodesource\d/ },
  // https://mariadb.org/download/: 1:11.4.0+maria~deb11
  { name: 'mariadb.org', maintainers: ['@lists.mariadb.org', '@mariadb.com'], version: /\+maria~/ },
  // https://repo.mysql.com/apt/
  { name: 'MySQL', maintainers: ['mysql-build@oss.oracle.com'] },
  // https://repo.percona.com/
  { name: 'Percona', maintainers: ['@percona.com'] },
  // https://repo.mongodb.org/apt/
  { name: 'MongoDB', maintainers: ['@mongodb.com', '@10gen.com'] },
  // https://packages.redis.io/deb/
  { name: 'redis.io', maintainers: ['@redis.com', '@redis.io'] },
  // http://download.proxmox.com/debian/
  { name: 'Proxmox', maintainers: ['@proxmox.com'] },
  // https://archive.raspberrypi.com/debian/
  { name: 'Raspberry Pi', maintainers: ['@raspberrypi.com', '@raspberrypi.org'] },
  // https://packages.microsoft.com/
  { name: 'Microsoft', maintainers: ['@microsoft.com', '@dotnetfoundation.org'] },
  // https://developer.download.nvidia.com/compute/cuda/repos/
  { name: 'NVIDIA', maintainers: ['cudatools@nvidia.com'] },
  // https://artifacts.elastic.co/packages/
  { name: 'Elastic', maintainers: ['@elastic.co'] },
  // https://apt.releases.hashicorp.com/
  { name: 'HashiCorp', maintainers: ['@hashicorp.com'] },
  // https://apt.grafana.com/
  { name: 'Grafana', maintainers: ['@grafana.com'] },
  // https://packages.gitlab.com/
  { name: 'GitLab', maintainers: ['@gitlab.com'] },
  // https://repos.influxdata.com/
  { name: 'InfluxData', maintainers: ['@influxdata.com', '@influxdb.com'] },
  // https://apt.datadoghq.com/
  { name: 'Datadog', maintainers: ['@datadoghq.com'] },
];
