/** A .NET framework that the applications on a machine share. */
export type SharedFramework = { readonly name: string; readonly version: string };

/** Microsoft's frameworks, each published as one NuGet package per runtime. */
const FRAMEWORK = /^Microsoft\.(?:NETCore|AspNetCore|WindowsDesktop)\.App$/;

/**
 * Returns the shared framework that a `*.deps.json` file describes: `shared/NAME/VERSION/NAME.deps.json`. Returns
 * undefined for other files.
 */
export function sharedFrameworkAt(path: string): SharedFramework | undefined {
  const [shared, name = '', version = '', file] = path.split('/').slice(-4);
  if (shared !== 'shared' || file !== `${name}.deps.json` || version === '') return undefined;
  return FRAMEWORK.test(name) ? { name, version } : undefined;
}

/** The processor is the last part of a runtime identifier: `linux-musl-x64`, `rhel.8-arm64`. */
const PROCESSOR = /-(x64|x86|arm64|arm|armv6|s390x|ppc64le|riscv64|loongarch64)$/;

/** The runtime of most images, assumed if the file of the framework names no runtime with a known processor. */
const USUAL_RUNTIME = 'linux-x64';

/**
 * Returns the name that advisories use for a framework: the NuGet package with the files of the framework.
 * Distributions that build .NET use their own runtime identifiers, such as `alpine.3.20-x64`; packages use portable
 * identifiers.
 *
 * @param runtime the runtime identifier in the file; undefined if the file names no runtime
 */
export function runtimePackage(framework: string, runtime: string | undefined): string {
  return `${framework}.Runtime.${portable(runtime)}`;
}

function portable(runtime: string | undefined): string {
  const processor = runtime === undefined ? undefined : PROCESSOR.exec(runtime)?.[1];
  if (runtime === undefined || processor === undefined) return USUAL_RUNTIME;
  if (/^(?:linux|linux-musl|linux-bionic|win|osx|freebsd)-[^-]+$/.test(runtime)) return runtime;
  return `${/^alpine|-musl-/.test(runtime) ? 'linux-musl' : 'linux'}-${processor}`;
}
